"""Handles: what a musician asks of new notes beyond who plays over which chords.

Loads without torch.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from meloformer.engine.handles.form import FormPlan
from meloformer.errors import ConfigError
from meloformer.phrases import phrase
from meloformer.score.grid import TICKS_PER_QUARTER, VELOCITIES_PER_BIN
from meloformer.score.part import Part
from meloformer.score.scales import Scale, pitch_name

MAX_HANDLED_PARTS = 64
MIN_DENSITY, MAX_DENSITY = 0.1, 8.0
MAX_AT_ONCE = 16


class RhythmGrid(StrEnum):
    """Where in a quarter notes may begin."""

    QUARTERS = "quarters"
    EIGHTHS = "eighths"
    TRIPLETS = "triplets"
    """Three in a quarter."""
    SIXTEENTHS = "sixteenths"
    SWING = "swing"
    """On the quarter and on its third triplet."""

    @property
    def ticks(self) -> NDArray[np.int64]:
        """Where in a quarter, in grid ticks. Ascending, from 0."""
        if self is RhythmGrid.SWING:
            return np.array([0, 2 * TICKS_PER_QUARTER // 3])
        parts = {"quarters": 1, "eighths": 2, "triplets": 3, "sixteenths": 4}[self.value]
        return np.arange(parts) * (TICKS_PER_QUARTER // parts)


class Keep(StrEnum):
    """What bars that are written again keep of each part."""

    RHYTHM = "rhythm"
    """When notes begin and how long they are; their pitches are new."""
    NOTES = "notes"
    """Which notes and chords come one after the other; when is new."""


class LockedLine(StrEnum):
    """Notes of a part that stay as they are where it is written again."""

    TOP = "top"
    """The highest of those that begin together."""
    BOTTOM = "bottom"
    """The lowest."""


@dataclass(frozen=True, slots=True)
class PitchRange:
    """The notes between which a part keeps."""

    part: Part
    lowest: int
    """MIDI's number."""
    highest: int

    def __post_init__(self) -> None:
        if not 0 <= self.lowest <= 127 or not 0 <= self.highest <= 127:
            raise ConfigError("A range has a note that MIDI has not.")
        if self.lowest > self.highest:
            low, high = pitch_name(self.lowest), pitch_name(self.highest)
            raise ConfigError(
                f"The range {low}-{high} is turned round: the lowest note comes first.",
                hint=f"Write {high}-{low}.",
            )


@dataclass(frozen=True, slots=True)
class Density:
    """How many notes a part plays, compared with what it played before."""

    part: Part
    times: float
    """1.5 is half as many again."""

    def __post_init__(self) -> None:
        if not MIN_DENSITY <= self.times <= MAX_DENSITY:  # false for NaN too
            raise ConfigError(
                f"A density must be between {MIN_DENSITY:g} and {MAX_DENSITY:g}, "
                f"not {self.times:g}.",
                hint="1 is as before, 0.7 is sparser, 1.5 is busier.",
            )


@dataclass(frozen=True, slots=True)
class NotesAtOnce:
    """The most notes that a part begins at one time."""

    part: Part
    most: int

    def __post_init__(self) -> None:
        if not 1 <= self.most <= MAX_AT_ONCE:
            raise ConfigError(f"A part begins 1 to {MAX_AT_ONCE} notes at once, not {self.most}.")


@dataclass(frozen=True, slots=True)
class Lock:
    """A line of a part that stays as it is."""

    part: Part
    line: LockedLine


@dataclass(frozen=True, slots=True)
class VelocityRange:
    """How loud notes are."""

    softest: int
    """MIDI's number, 1 to 127."""
    loudest: int

    def __post_init__(self) -> None:
        if not 1 <= self.softest <= self.loudest <= 127:
            raise ConfigError(
                f"Velocities go from 1 to 127, the softest first; {self.softest}-{self.loudest} "
                "is no such range."
            )
        if not self.bins.any():
            raise ConfigError(
                f"Notes are written in steps of {VELOCITIES_PER_BIN} velocities, and none is "
                f"between {self.softest} and {self.loudest}.",
                hint=f"Leave at least {VELOCITIES_PER_BIN} between the two.",
            )

    @property
    def bins(self) -> NDArray[np.bool_]:
        """Which of the steps are within. (32,), bool."""
        middles = np.arange(128 // VELOCITIES_PER_BIN) * VELOCITIES_PER_BIN
        middles += VELOCITIES_PER_BIN // 2
        return (middles >= self.softest) & (middles <= self.loudest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handles:
    """All that is asked of new notes; by default nothing."""

    scale: Scale | None = None
    """What pitched notes and chords keep to."""
    ranges: tuple[PitchRange, ...] = ()
    densities: tuple[Density, ...] = ()
    at_once: tuple[NotesAtOnce, ...] = ()
    velocity: VelocityRange | None = None
    grid: RhythmGrid | None = None
    keep: Keep | None = None
    """Only of bars that are written again."""
    locks: tuple[Lock, ...] = ()
    """Only of bars that are written again."""
    form: FormPlan | None = None
    ending: bool = False
    """Whether the last new bar ends the piece."""
    own_repetition: bool = False
    """Whether new bars repeat others as much as those of the piece do, where no form is asked for.
    Only of bars that are added."""

    def __post_init__(self) -> None:
        for what, per_part in (
            ("range", self.ranges),
            ("density", self.densities),
            ("most notes at once", self.at_once),
        ):
            _check_parts(what, [one.part for one in per_part])
        if len(set(self.locks)) < len(self.locks) or len(self.locks) > 2 * MAX_HANDLED_PARTS:
            raise ConfigError("One line is locked twice, or too many are.")
        if self.keep is not None and self.densities:
            raise ConfigError(
                f"Where the {self.keep} is kept, there are as many notes as before, "
                "so a density contradicts it.",
                hint="Leave one of the two out.",
            )
        if self.keep is not None and self.locks:
            raise ConfigError(
                f"Keeping the {self.keep} of a part and locking some of its notes contradict "
                "each other.",
                hint="Leave one of the two out, or lock a whole part by its name.",
            )
        if self.ending and (self.keep is not None or self.locks):
            raise ConfigError(
                phrase(
                    "An ending and what is kept or locked contradict each other: the last bar "
                    "becomes one chord."
                ),
                hint=phrase("Leave one of the two out."),
            )

    def __bool__(self) -> bool:
        """Return whether anything is asked for."""
        return any(getattr(self, one.name) not in (None, (), False) for one in fields(self))

    @property
    def parts(self) -> frozenset[Part]:
        """The parts of which something is asked by name."""
        per_part: Iterable[PitchRange | Density | NotesAtOnce | Lock] = (
            *self.ranges,
            *self.densities,
            *self.at_once,
            *self.locks,
        )
        return frozenset(one.part for one in per_part)


def _check_parts(what: str, parts: list[Part]) -> None:
    if len(set(parts)) < len(parts):
        raise ConfigError(f"One part is given a {what} twice.")
    if len(parts) > MAX_HANDLED_PARTS:
        raise ConfigError(f"At most {MAX_HANDLED_PARTS} parts can be given a {what}.")


NO_HANDLES = Handles()
"""Nothing is asked for."""
