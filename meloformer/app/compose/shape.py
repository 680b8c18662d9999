"""Shape: what the form holds new notes by. Its values come from a browser.

`Settings.shape` is `{tonic, mode, softest, loudest, grid}`, each left out or `None` where nothing
is asked for; a tonic is 0 to 11, or `KEY`. A row of the parts picker has a `shape`, too:
`{density, lowest, highest, most}`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from meloformer.app.compose.settings import KEPT, Settings
from meloformer.app.locked_notes import ShownLock, locked_places
from meloformer.engine.handles import (
    Density,
    Handles,
    Keep,
    LockedLine,
    NotesAtOnce,
    PitchRange,
    RhythmGrid,
    VelocityRange,
)
from meloformer.engine.handles.lock_words import BASS, MELODY, parse_lock
from meloformer.engine.handles.locked import (
    NOTHING_LOCKED,
    Locked,
    OldBar,
    old_bars,
    with_locked,
)
from meloformer.engine.handles.words import KEY
from meloformer.engine.piece import Piece
from meloformer.engine.request import ContinueRequest, PartRequest, Presence, RewriteRequest
from meloformer.errors import ConfigError
from meloformer.phrases import phrase
from meloformer.score.part import Part
from meloformer.score.scales import MODES, Scale, scale_of_key

STAYS = ("", Keep.RHYTHM.value, Keep.NOTES.value, MELODY, BASS, f"{MELODY}, {BASS}")
"""What may stay of bars that are written again, in the words of the shell."""
LOWEST_PITCH, HIGHEST_PITCH = 0, 127


@dataclass(frozen=True, slots=True)
class PartShape:
    """What is asked of one part."""

    density: float | None = None
    lowest: int | None = None
    """MIDI's number, as the highest."""
    highest: int | None = None
    most: int | None = None
    """Notes at once."""

    def __bool__(self) -> bool:
        """Return whether anything is asked for."""
        return self != PartShape()


def shaped(
    request: ContinueRequest | RewriteRequest,
    settings: Settings,
    piece: Piece,
    locked: Sequence[ShownLock] = (),
) -> ContinueRequest | RewriteRequest:
    """Add to a request what the form holds new notes by.

    Args:
        request: That of the form.
        settings: The form.
        piece: Whose key counts, and whose notes are locked.
        locked: Notes that are locked on the roll; those that are not written again stay anyway.

    Raises:
        ConfigError: Something could not be read, is out of range, or contradicts another.
    """
    handles = _of_whole(settings, piece)
    if isinstance(request, ContinueRequest):
        return replace(request, handles=_with_parts(handles, settings, _playing(request.parts)))
    parts = request.parts or tuple(PartRequest(part) for part in piece.encoding.parts)
    bars = old_bars(piece.encoding, piece.grid, request.first_bar, request.last_bar)
    words = _lines_that_stay(settings, bars)
    again = {one.part for one in parts}
    notes = locked_places(piece, (request.first_bar, request.last_bar), again, locked)
    left, stays = with_locked(parts, words | notes, bars)
    if len(left) < len(parts):
        request = replace(request, parts=left)
    handles = _with_parts(handles, settings, _playing(left))
    keep = Keep(settings.stays) if settings.stays in set(Keep) else None
    return replace(
        request, handles=replace(handles, keep=keep, locks=stays.lines, notes=stays.notes)
    )


def part_shapes(picked: object) -> dict[Part, PartShape]:
    """Read what the parts picker asks of single parts that play or are written again.

    Raises:
        ConfigError: It could not be read.
    """
    rows = picked.get("rows") if isinstance(picked, Mapping) else None
    found: dict[Part, PartShape] = {}
    for row in rows if isinstance(rows, list) else ():
        rests = (Presence.SILENT.value, KEPT)
        if isinstance(row, Mapping) and row.get("shape") and row.get("presence") not in rests:
            number = _whole(row.get("number"))
            if number is not None:
                found[Part.from_number(number)] = _part_shape(row["shape"])
    return {part: shape for part, shape in found.items() if shape}


def scale_asked(shape: object, piece: Piece) -> Scale | None:
    """Return the scale that the form asks for, with the key of the piece looked up.

    Raises:
        ConfigError: It could not be read, or the piece has no key.
    """
    own = _mapping(shape)
    tonic, mode = own.get("tonic"), own.get("mode")
    if tonic == KEY:
        return scale_of_key(piece.score)
    number = _whole(tonic)
    if number is None:
        return None
    if not isinstance(mode, str) or mode not in MODES:
        raise _unreadable()
    return Scale(number, mode)


def shape_of(handles: Handles) -> dict[str, Any]:
    """Return the value of the form's shape that asks for the same; of a key its scale."""
    found: dict[str, Any] = {}
    if handles.scale is not None:
        found |= {"tonic": handles.scale.tonic, "mode": handles.scale.mode}
    if handles.velocity is not None:
        found |= {"softest": handles.velocity.softest, "loudest": handles.velocity.loudest}
    if handles.grid is not None:
        found["grid"] = handles.grid.value
    return found


def stays_of(handles: Handles) -> str:
    """Return which of `STAYS` asks for the same. Lines are told by where they are in their part."""
    if handles.keep is not None:
        return handles.keep.value
    lines = {lock.line for lock in handles.locks}
    words = {LockedLine.TOP: MELODY, LockedLine.BOTTOM: BASS}
    return ", ".join(word for line, word in words.items() if line in lines)


def part_shape_of(handles: Handles, part: Part) -> dict[str, Any]:
    """Return the shape of a row of the parts picker that asks for the same."""
    found: dict[str, Any] = {}
    for density in handles.densities:
        if density.part == part:
            found["density"] = density.times
    for range_ in handles.ranges:
        if range_.part == part:
            found |= {"lowest": range_.lowest, "highest": range_.highest}
    for most in handles.at_once:
        if most.part == part:
            found["most"] = most.most
    return found


def check_shape(settings: Settings) -> None:
    """Check that a form that was kept can be read.

    Raises:
        ConfigError: It can't.
    """
    part_shapes(settings.parts)
    _velocities(_mapping(settings.shape))
    _grid(_mapping(settings.shape))
    if settings.stays not in STAYS:
        raise _unreadable()


def _of_whole(settings: Settings, piece: Piece) -> Handles:
    own = _mapping(settings.shape)
    return Handles(scale=scale_asked(own, piece), velocity=_velocities(own), grid=_grid(own))


def _with_parts(handles: Handles, settings: Settings, playing: Iterable[Part]) -> Handles:
    shapes = {part: one for part, one in part_shapes(settings.parts).items() if part in playing}
    return replace(
        handles,
        ranges=tuple(
            PitchRange(
                part,
                LOWEST_PITCH if one.lowest is None else one.lowest,
                HIGHEST_PITCH if one.highest is None else one.highest,
            )
            for part, one in shapes.items()
            if one.lowest is not None or one.highest is not None
        ),
        densities=tuple(
            Density(part, one.density) for part, one in shapes.items() if one.density is not None
        ),
        at_once=tuple(
            NotesAtOnce(part, one.most) for part, one in shapes.items() if one.most is not None
        ),
    )


def _lines_that_stay(settings: Settings, bars: Sequence[OldBar]) -> Locked:
    if settings.stays not in STAYS:
        raise _unreadable()
    # By no names of parts: the words mean lines here.
    return NOTHING_LOCKED if settings.stays in set(Keep) else parse_lock(settings.stays, bars, {})


def _playing(parts: Iterable[PartRequest]) -> list[Part]:
    return [one.part for one in parts if one.presence is not Presence.SILENT]


def _velocities(own: Mapping[str, Any]) -> VelocityRange | None:
    softest, loudest = _whole(own.get("softest")), _whole(own.get("loudest"))
    if softest is None and loudest is None:
        return None
    return VelocityRange(1 if softest is None else softest, 127 if loudest is None else loudest)


def _grid(own: Mapping[str, Any]) -> RhythmGrid | None:
    grid = own.get("grid") or ""
    if not isinstance(grid, str) or (grid and grid not in set(RhythmGrid)):
        raise _unreadable()
    return RhythmGrid(grid) if grid else None


def _part_shape(value: object) -> PartShape:
    own = _mapping(value)
    density = own.get("density")
    if density is not None and type(density) not in (int, float):
        raise _unreadable()
    return PartShape(
        density=None if density is None else float(density),
        lowest=_whole(own.get("lowest")),
        highest=_whole(own.get("highest")),
        most=_whole(own.get("most")),
    )


def _mapping(value: object) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise _unreadable()
    return value


def _whole(value: object) -> int | None:
    if value is None or value == "":
        return None
    if type(value) is not int:
        raise _unreadable()
    return value


def _unreadable() -> ConfigError:
    return ConfigError(phrase("The shape could not be read."), hint="Load the page again.")
