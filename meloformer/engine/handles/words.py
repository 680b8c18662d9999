"""The words that handles are asked for by: "bass=0.7", "bass=E1-G3, piano=C3-C6", "40-90"."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

import numpy as np

from meloformer.engine.handles.form import USUAL_LIKENESS, parse_form
from meloformer.engine.handles.handles import (
    Density,
    Handles,
    Keep,
    Lock,
    LockedLine,
    NotesAtOnce,
    PitchRange,
    RhythmGrid,
    VelocityRange,
)
from meloformer.engine.part_words import OwnNames, find_part
from meloformer.engine.request import PartRequest
from meloformer.errors import ConfigError
from meloformer.phrases import phrase
from meloformer.score.part import Part
from meloformer.score.scales import Scale, parse_pitch, parse_scale, scale_of_key
from meloformer.score.score import Score
from meloformer.tokens.note_lines import PartLine

ALL = "all"
"""The name of all parts that play together."""
KEY = "key"
"""The name of the scale of the key that a piece is in."""
MELODY, BASS = "melody", "bass"
"""The words of a lock for the highest line of the highest part, and the lowest of the lowest."""

_Word = TypeVar("_Word", bound=StrEnum)

_RANGE = re.compile(r"(.*\d)\s*[-–]\s*(-?[A-Ga-g\d].*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class HandleWords:
    """What a musician has typed for each handle; empty asks for nothing."""

    scale: str = ""
    """The name of a scale, or `key`."""
    range: str = ""
    """Such as "bass=E1-G3"."""
    density: str = ""
    """Such as "bass=0.7", or a number for all parts."""
    notes_at_once: str = ""
    """Such as "piano=3", or a number for all parts."""
    velocity: str = ""
    """Such as "40-90"."""
    grid: str = ""
    """A `RhythmGrid`."""
    keep: str = ""
    """A `Keep`."""
    form: str = ""
    """Such as "AABA" or "A8 B4"."""
    like: str = ""
    """Such as "9=1, 13-16=1-4"."""
    likeness: float = USUAL_LIKENESS
    """Of `form` and `like`, from 0 to 1."""
    ending: bool = False
    own_repetition: bool = False


def parse_handles(
    words: HandleWords,
    score: Score,
    playing: Sequence[Part],
    own: OwnNames,
    locks: tuple[Lock, ...] = (),
) -> Handles:
    """Read what is asked of new notes.

    Args:
        words: As typed.
        score: The piece, whose key `key` means.
        playing: The parts that play in the new bars; `all` means them.
        own: The parts of the piece, with what the file calls them.
        locks: From `parse_lock`.

    Raises:
        ConfigError: Something is not understood, out of range, or contradicts another.
    """
    pitched = [part for part in playing if not part.is_drum]
    return Handles(
        scale=parse_scale_words(words.scale, score),
        ranges=tuple(
            PitchRange(part, *_pitches(value))
            for part, value in _per_part(words.range, pitched, own, "bass=E1-G3")
        ),
        densities=tuple(
            Density(part, _number(value))
            for part, value in _per_part(words.density, playing, own, "bass=0.7")
        ),
        at_once=tuple(
            NotesAtOnce(part, _whole_number(value))
            for part, value in _per_part(words.notes_at_once, playing, own, "piano=3")
        ),
        velocity=_velocities(words.velocity) if words.velocity.strip() else None,
        grid=_word(words.grid, RhythmGrid),
        keep=_word(words.keep, Keep),
        locks=locks,
        form=parse_form(words.form, words.like, words.likeness),
        ending=words.ending,
        own_repetition=words.own_repetition,
    )


def parse_scale_words(text: str, score: Score) -> Scale | None:
    """Read a scale, or `key` for that of the piece; `None` for an empty text.

    Raises:
        ConfigError: It is no scale, or the piece has no key.
    """
    if not text.strip():
        return None
    return scale_of_key(score) if text.strip().casefold() == KEY else parse_scale(text)


def parse_lock(
    text: str, lines: Iterable[dict[Part, PartLine]], own: OwnNames
) -> tuple[tuple[Lock, ...], frozenset[Part]]:
    """Read what stays as it is: "melody", "bass", or names of parts, with commas between them.

    A part of the piece that is called so is meant before `melody` or `bass`. A part whose notes
    in these bars are all of the line is locked as a whole.

    Args:
        text: As typed.
        lines: What each part plays in the bars that are written again.
        own: The parts of the piece, with what the file calls them.

    Returns:
        Lines that stay, and parts that stay as a whole.

    Raises:
        ConfigError: A name is not understood, or there is no melody or bass in these bars.
    """
    bars = list(lines)
    locks: list[Lock] = []
    whole: set[Part] = set()
    for name in filter(None, (piece.strip() for piece in text.split(","))):
        part = _own_part(name, own)
        if part is not None:
            whole.add(part)
            continue
        if name.casefold() not in (MELODY, BASS):
            find_part(name, own)  # its sentence says what is wrong
            raise ConfigError(
                phrase(
                    "`{name}` is no part of the piece, so there is nothing of it to lock.",
                    name=name[:40],
                ),
                hint="Write melody, bass, or a part of the piece.",
            )
        is_top = name.casefold() == MELODY
        part = _outer_part(bars, highest=is_top)
        if _is_single_line(bars, part):
            whole.add(part)
        else:
            locks.append(Lock(part, LockedLine.TOP if is_top else LockedLine.BOTTOM))
    return tuple(lock for lock in locks if lock.part not in whole), frozenset(whole)


def without_locked(
    parts: tuple[PartRequest, ...], locked: frozenset[Part]
) -> tuple[PartRequest, ...]:
    """Leave parts that stay as a whole out of those that are written again.

    Raises:
        ConfigError: None is left.
    """
    left = tuple(one for one in parts if one.part not in locked)
    if locked and not left:
        raise ConfigError(
            "All that would be written again is locked.",
            hint="Lock less, or let more parts be written again.",
        )
    return left


def _own_part(name: str, own: OwnNames) -> Part | None:
    """Find a part of the piece by its name; `None` where it means none."""
    try:
        part = find_part(name, own)
    except ConfigError:
        return None
    return part if part in own else None


def _outer_part(bars: Iterable[dict[Part, PartLine]], *, highest: bool) -> Part:
    pitches: dict[Part, list[int]] = {}
    for bar in bars:
        for part, line in bar.items():
            if not part.is_drum:
                pitches.setdefault(part, []).extend(line.pitch.tolist())
    if not pitches:
        raise ConfigError("Nothing pitched plays in these bars that could be locked.")
    choose = max if highest else min
    return choose(pitches, key=lambda part: (float(np.mean(pitches[part])), part))


def _is_single_line(bars: Iterable[dict[Part, PartLine]], part: Part) -> bool:
    onsets = [bar[part].onset for bar in bars if part in bar]
    return all(len(np.unique(own)) == len(own) for own in onsets)


def _per_part(
    text: str, playing: Sequence[Part], own: OwnNames, example: str
) -> list[tuple[Part, str]]:
    """Read values of parts; what names a part counts more than what `all` are given."""
    found: dict[Part, str] = {}
    named: set[Part] = set()
    for item in filter(None, (piece.strip() for piece in text.split(","))):
        name, equals, value = (piece.strip() for piece in item.rpartition("="))
        if not value or (equals and not name):
            raise ConfigError(
                phrase("`{item}` does not say what for which part.", item=item[:40]),
                hint=phrase("Write it such as {example}.", example=example),
            )
        if not equals or name.casefold() == ALL:
            found |= {part: value for part in playing if part not in named}
        else:
            part = find_part(name, own)
            named.add(part)
            found[part] = value
    return list(found.items())


def _pitches(text: str) -> tuple[int, int]:
    match = _RANGE.fullmatch(text.strip())
    if not match:
        raise ConfigError(
            phrase("`{text}` is no range of notes.", text=text[:40]),
            hint="Write it such as E1-G3.",
        )
    return parse_pitch(match[1]), parse_pitch(match[2])


def _velocities(text: str) -> VelocityRange:
    match = re.fullmatch(r"\s*(\d{1,3})\s*[-–]\s*(\d{1,3})\s*", text, re.ASCII)
    if not match:
        raise ConfigError(
            phrase("`{text}` is no range of velocities.", text=text[:40]),
            hint="Write it such as 40-90.",
        )
    return VelocityRange(int(match[1]), int(match[2]))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise ConfigError(
            phrase("`{text}` is no density.", text=text[:40]),
            hint="1 is as before, 0.7 is sparser, 1.5 is busier.",
        ) from error


def _whole_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise ConfigError(
            phrase("`{text}` is no number of notes at once.", text=text[:40]),
            hint="Write it such as piano=3.",
        )
    return int(text)


def _word(text: str, words: type[_Word]) -> _Word | None:
    name = text.strip().casefold()
    if not name:
        return None
    if name not in set(words):
        listed = ", ".join(words)
        raise ConfigError(phrase("`{text}` is none of {listed}.", text=text[:40], listed=listed))
    return words(name)
