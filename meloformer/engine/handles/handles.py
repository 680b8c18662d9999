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
from meloformer.tokens.vocabulary import MAX_BAR_TICKS

MAX_HANDLED_PARTS = 64
MIN_DENSITY, MAX_DENSITY = 0.1, 8.0
MAX_AT_ONCE = 16
MAX_LOCKED_NOTES = 1000


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

    @property
    def said(self) -> str:
        """What is kept, in a sentence."""
        return phrase("rhythm") if self is Keep.RHYTHM else phrase("notes")


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
                phrase(
                    "The range {low}-{high} is turned round: the lowest note comes first.",
                    low=low,
                    high=high,
                ),
                hint=phrase("Write {low}-{high}.", low=high, high=low),
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
                phrase(
                    "A density must be between {low:g} and {high:g}, not {times:g}.",
                    low=MIN_DENSITY,
                    high=MAX_DENSITY,
                    times=self.times,
                ),
                hint="1 is as before, 0.7 is sparser, 1.5 is busier.",
            )


@dataclass(frozen=True, slots=True)
class NotesAtOnce:
    """The most notes that a part begins at one time."""

    part: Part
    most: int

    def __post_init__(self) -> None:
        if not 1 <= self.most <= MAX_AT_ONCE:
            raise ConfigError(
                phrase(
                    "A part begins 1 to {limit} notes at once, not {most}.",
                    limit=MAX_AT_ONCE,
                    most=self.most,
                )
            )


@dataclass(frozen=True, slots=True)
class Lock:
    """A line of a part that stays as it is."""

    part: Part
    line: LockedLine


@dataclass(frozen=True, slots=True, order=True)
class LockedNote:
    """A note that stays as it is where its part is written again."""

    part: Part
    bar: int
    """Of the stream, counted from the first that is written again."""
    onset: int
    """Grid ticks from the bar line."""
    pitch: int
    """MIDI's number."""

    def __post_init__(self) -> None:
        if not (self.bar >= 0 and 0 <= self.onset < MAX_BAR_TICKS and 0 <= self.pitch <= 127):
            raise ConfigError("A locked note can't be right.")


@dataclass(frozen=True, slots=True)
class VelocityRange:
    """How loud notes are."""

    softest: int
    """MIDI's number, 1 to 127."""
    loudest: int

    def __post_init__(self) -> None:
        if not 1 <= self.softest <= self.loudest <= 127:
            raise ConfigError(
                phrase(
                    "Velocities go from 1 to 127, the softest first; {softest}-{loudest} is no "
                    "such range.",
                    softest=self.softest,
                    loudest=self.loudest,
                )
            )
        if not self.bins.any():
            raise ConfigError(
                phrase(
                    "Notes are written in steps of {step} velocities, and none is between "
                    "{softest} and {loudest}.",
                    step=VELOCITIES_PER_BIN,
                    softest=self.softest,
                    loudest=self.loudest,
                ),
                hint=phrase("Leave at least {step} between the two.", step=VELOCITIES_PER_BIN),
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
    """Whether new bars repeat others as much as those of the piece do, and have as many notes,
    where no form is asked for. Only of bars that are added."""
    notes: tuple[LockedNote, ...] = ()
    """Single locked notes, ascending. Only of bars that are written again."""

    def __post_init__(self) -> None:
        for what, per_part in (
            (phrase("range"), self.ranges),
            (phrase("density"), self.densities),
            (phrase("most notes at once"), self.at_once),
        ):
            _check_parts(what, [one.part for one in per_part])
        if len(set(self.locks)) < len(self.locks) or len(self.locks) > 2 * MAX_HANDLED_PARTS:
            raise ConfigError("One line is locked twice, or too many are.")
        if len(self.notes) > MAX_LOCKED_NOTES:
            raise ConfigError(
                phrase(
                    "At most {most} notes can be locked in bars that are written again, not "
                    "{count}.",
                    most=MAX_LOCKED_NOTES,
                    count=len(self.notes),
                ),
                hint="Lock a whole part instead.",
            )
        if self.keep is not None and self.densities:
            raise ConfigError(
                phrase(
                    "A density and keeping the {keep} contradict each other: there are as many "
                    "notes as before.",
                    keep=self.keep.said,
                ),
                hint="Leave one of the two out.",
            )
        if self.keep is not None and (self.locks or self.notes):
            raise ConfigError(
                phrase(
                    "Keeping the {keep} of a part and locking some of its notes contradict each "
                    "other.",
                    keep=self.keep.said,
                ),
                hint="Leave one of the two out, or lock a whole part by its name.",
            )
        if self.ending and (self.keep is not None or self.locks or self.notes):
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
        per_part: Iterable[PitchRange | Density | NotesAtOnce | Lock | LockedNote] = (
            *self.ranges,
            *self.densities,
            *self.at_once,
            *self.locks,
            *self.notes,
        )
        return frozenset(one.part for one in per_part)


def _check_parts(what: str, parts: list[Part]) -> None:
    if len(set(parts)) < len(parts):
        raise ConfigError(phrase("One part is given a {what} twice.", what=what))
    if len(parts) > MAX_HANDLED_PARTS:
        raise ConfigError(
            phrase("At most {most} parts can be given a {what}.", most=MAX_HANDLED_PARTS, what=what)
        )


NO_HANDLES = Handles()
"""Nothing is asked for."""
