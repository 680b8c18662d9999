"""The words that handles are asked for by: "bass=0.7", "bass=E1-G3, piano=C3-C6", "40-90"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from meloformer.engine.handles.form import USUAL_LIKENESS, parse_form
from meloformer.engine.handles.handles import (
    Density,
    Handles,
    Keep,
    NotesAtOnce,
    PitchRange,
    RhythmGrid,
    VelocityRange,
)
from meloformer.engine.handles.locked import NOTHING_LOCKED, Locked
from meloformer.engine.part_words import OwnNames, find_part
from meloformer.errors import ConfigError
from meloformer.phrases import phrase
from meloformer.score.part import Part
from meloformer.score.scales import Scale, parse_pitch, parse_scale, scale_of_key
from meloformer.score.score import Score

ALL = "all"
"""The name of all parts that play together."""
KEY = "key"
"""The name of the scale of the key that a piece is in."""

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
    locked: Locked = NOTHING_LOCKED,
) -> Handles:
    """Read what is asked of new notes.

    Args:
        words: As typed.
        score: The piece, whose key `key` means.
        playing: The parts that play in the new bars; `all` means them.
        own: The parts of the piece, with what the file calls them.
        locked: From `parse_lock`; of parts that play.

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
        locks=locked.lines,
        notes=locked.notes,
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
