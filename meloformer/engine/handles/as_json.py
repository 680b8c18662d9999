"""Handles as JSON, and back: what travels in recipes and is kept in the library."""

from collections.abc import Callable
from typing import Any

from meloformer.engine.handles.form import parse_form
from meloformer.engine.handles.handles import (
    MAX_HANDLED_PARTS,
    MAX_LOCKED_NOTES,
    Density,
    Handles,
    Keep,
    Lock,
    LockedLine,
    LockedNote,
    NotesAtOnce,
    PitchRange,
    RhythmGrid,
    VelocityRange,
)
from meloformer.errors import ConfigError
from meloformer.score.part import DRUM_PROGRAM, MAX_INSTANCES, Part
from meloformer.score.scales import Scale


def handles_to_json(handles: Handles) -> dict[str, Any]:
    """Return what is asked for, as few words as it takes; nothing where nothing is."""
    content: dict[str, Any] = {}
    if handles.scale is not None:
        content["scale"] = [handles.scale.tonic, handles.scale.mode]
    if handles.ranges:
        content["range"] = [
            [one.part.program, one.part.instance, one.lowest, one.highest] for one in handles.ranges
        ]
    if handles.densities:
        content["density"] = [
            [one.part.program, one.part.instance, one.times] for one in handles.densities
        ]
    if handles.at_once:
        content["notes_at_once"] = [
            [one.part.program, one.part.instance, one.most] for one in handles.at_once
        ]
    if handles.velocity is not None:
        content["velocity"] = [handles.velocity.softest, handles.velocity.loudest]
    if handles.grid is not None:
        content["grid"] = handles.grid.value
    if handles.keep is not None:
        content["keep"] = handles.keep.value
    if handles.locks:
        content["lock"] = [
            [one.part.program, one.part.instance, one.line.value] for one in handles.locks
        ]
    return content | _form_to_json(handles) | _locked_notes_to_json(handles)


def _form_to_json(handles: Handles) -> dict[str, Any]:
    content: dict[str, Any] = {}
    if handles.form is not None:
        form = handles.form
        content["form"] = [form.sections_text, form.links_text, form.likeness]
    if handles.ending:
        content["ending"] = True
    if handles.own_repetition:
        content["own_repetition"] = True
    return content


def _locked_notes_to_json(handles: Handles) -> dict[str, Any]:
    by_part: dict[Part, list[int]] = {}
    for one in handles.notes:
        by_part.setdefault(one.part, []).extend((one.bar, one.onset, one.pitch))
    rows = [[part.program, part.instance, numbers] for part, numbers in by_part.items()]
    return {"locked_notes": rows} if rows else {}


def handles_from_json(content: object) -> Handles:
    """Read what `handles_to_json` has written; it may come from anywhere.

    Raises:
        ConfigError: It is not as written there.
    """
    readers: dict[str, tuple[str, Callable[[Any], object]]] = {
        "scale": ("scale", lambda found: Scale(*_row(found, int, str))),
        "range": ("ranges", lambda found: _of_parts(found, PitchRange, int, int)),
        "density": ("densities", lambda found: _of_parts(found, Density, float)),
        "notes_at_once": ("at_once", lambda found: _of_parts(found, NotesAtOnce, int)),
        "velocity": ("velocity", lambda found: VelocityRange(*_row(found, int, int))),
        "grid": ("grid", lambda found: RhythmGrid(_row([found], str)[0])),
        "keep": ("keep", lambda found: Keep(_row([found], str)[0])),
        "lock": (
            "locks",
            lambda found: _of_parts(found, lambda part, line: Lock(part, LockedLine(line)), str),
        ),
        "form": ("form", lambda found: parse_form(*_row(found, str, str, float))),
        "ending": ("ending", lambda found: bool(_row([found], bool)[0])),
        "own_repetition": ("own_repetition", lambda found: bool(_row([found], bool)[0])),
        "locked_notes": (
            "notes",
            lambda found: tuple(note for own in _of_parts(found, _notes, list) for note in own),
        ),
    }
    if not isinstance(content, dict) or not content.keys() <= readers.keys():
        raise ConfigError("The handles can't be right.")
    try:
        values = {readers[key][0]: readers[key][1](found) for key, found in content.items()}
    except ValueError as error:
        raise ConfigError("The handles can't be right.") from error
    return Handles(**values)  # type: ignore[arg-type]


def _notes(part: Part, numbers: list[Any]) -> list[LockedNote]:
    """Read bar, onset, pitch, bar, onset, pitch, …"""
    if len(numbers) % 3 or len(numbers) > 3 * MAX_LOCKED_NOTES:
        raise ConfigError("The handles can't be right.")
    if any(type(one) is not int for one in numbers):
        raise ConfigError("The handles can't be right.")
    each = zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True)
    return [LockedNote(part, *place) for place in each]


def _row(found: object, *kinds: type) -> list[Any]:
    if not isinstance(found, list) or len(found) != len(kinds):
        raise ConfigError("The handles can't be right.")
    for value, kind in zip(found, kinds, strict=True):
        if type(value) is not kind and not (kind is float and type(value) is int):
            raise ConfigError("The handles can't be right.")
    return found


def _of_parts(found: object, make: Callable[..., Any], *kinds: type) -> tuple[Any, ...]:
    if not isinstance(found, list) or not 0 < len(found) <= 2 * MAX_HANDLED_PARTS:
        raise ConfigError("The handles can't be right.")
    made = []
    for one in found:
        program, instance, *values = _row(one, int, int, *kinds)
        most = 1 if program == DRUM_PROGRAM else MAX_INSTANCES
        if not (0 <= program <= DRUM_PROGRAM and 1 <= instance <= most):
            raise ConfigError("The handles can't be right.")
        made.append(make(Part(program, instance), *values))
    return tuple(made)
