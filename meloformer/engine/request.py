"""Requests: to continue a piece, or to write bars of it again.

Loads without torch.
"""

from abc import ABC, abstractmethod
from bisect import bisect_left
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from meloformer.engine.changes import MetreChange, TempoChange, check_changes
from meloformer.engine.constraints import Constraint
from meloformer.engine.handles.handles import NO_HANDLES, Handles
from meloformer.errors import ConfigError
from meloformer.phrases import phrase
from meloformer.score.chords import CHORD_NAMES
from meloformer.score.part import Part

MAX_BARS = 64
MAX_REWRITE_BARS = 16
"""Written again at once: the shipped model has learned gaps as long as that."""
MAX_CANDIDATES = 4
MAX_SEED = 2**32 - 1

_DIAL_STEPS = 1000


class Presence(StrEnum):
    """Whether a part plays in the continuation."""

    ALWAYS = "always"
    """In every bar; this is how a new instrument enters."""
    FREE = "free"
    """When the model thinks so."""
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class PartRequest:
    """One part and whether it plays."""

    part: Part
    presence: Presence = Presence.FREE


@dataclass(frozen=True, slots=True)
class SamplingConfig:
    """The filters of a draw from the legal tokens, in the order in which they apply."""

    temperature: float = 1.0
    """Above 0; higher is more surprising."""
    top_k: int = 0
    """Keep only the k likeliest; 0 keeps all."""
    top_p: float = 1.0
    """Keep the likeliest that together reach this probability."""
    min_p: float = 0.0
    """Drop those less likely than this share of the likeliest."""
    chords: "SamplingConfig | None" = None
    """For the chord of a bar; None draws it as all else."""
    onsets: "SamplingConfig | None" = None
    """For what follows a note: when the next begins, or that the part is left; None as all else."""

    def __post_init__(self) -> None:
        _check(phrase("Temperature"), self.temperature, 0.05, 5.0)
        _check(phrase("Top-k"), self.top_k, 0, 1_000)
        _check(phrase("Top-p"), self.top_p, 0.01, 1.0)
        _check(phrase("Min-p"), self.min_p, 0.0, 0.9)

    @classmethod
    def from_adventure(cls, adventure: float) -> "SamplingConfig":
        """Return the settings behind one dial, 0 careful to 1 wild.

        All three points were chosen by the continuation study: see docs/evaluation.md.
        """
        _check(phrase("How adventurous"), adventure, 0.0, 1.0)

        def at_dial(careful: float, middle: float, wild: float) -> float:
            low, high, way = careful, middle, 2.0 * adventure
            if way > 1.0:
                low, high, way = middle, wild, way - 1.0
            return round(low + way * (high - low), 4)

        temperature = at_dial(0.95, 1.0, 1.1)
        # Min-p would take away rare chords, and the end of a part, which is never likely.
        open_ended = cls(temperature, min_p=at_dial(0.02, 0.0, 0.0))
        return cls(
            temperature, min_p=at_dial(0.1, 0.05, 0.02), chords=open_ended, onsets=open_ended
        )

    @property
    def adventure(self) -> float | None:
        """Where the dial of `from_adventure` stands, in thousandths; `None` without a dial."""

        def at_step(step: int) -> SamplingConfig:
            return SamplingConfig.from_adventure(step / _DIAL_STEPS)

        steps = range(_DIAL_STEPS + 1)
        step = bisect_left(steps, self.temperature, key=lambda step: at_step(step).temperature)
        return step / _DIAL_STEPS if step in steps and at_step(step) == self else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Request(ABC):
    """The part of a request that is the same for all of them."""

    suffix: ClassVar[str]
    """What files of the result are called, after the name of the piece."""
    reads_ahead: ClassVar[bool]
    """Whether the prompt is known before the request is: the piece up to the seam."""

    parts: tuple[PartRequest, ...] = ()
    """The parts that play; empty means those of the piece, each free."""
    chords: tuple[int, ...] = ()
    """Chord of each bar, repeated from the start when they run out; empty leaves them free."""
    num_candidates: int = 1
    """Different versions made together, 1 to 4."""
    seed: int = 1
    """Candidate k, from 0, is drawn with `seed + k`."""
    sampling: SamplingConfig = field(default_factory=lambda: SamplingConfig.from_adventure(0.5))
    copy_guard: bool = True
    """Whether long runs of training music are kept out, where the model knows that music."""
    handles: Handles = NO_HANDLES
    """What else is asked of the new notes: a scale, ranges, densities and so on."""
    constraints: tuple[Constraint, ...] = ()
    """Limits and biases on the next token, beyond those that the fields above make."""

    def __post_init__(self) -> None:
        _check(phrase("The number of candidates"), self.num_candidates, 1, MAX_CANDIDATES)
        _check(phrase("The seed"), self.seed, 0, MAX_SEED)
        if any(not 0 <= chord < len(CHORD_NAMES) for chord in self.chords):
            raise ConfigError("There is a chord that does not exist among the chords.")
        if self.parts and all(part.presence is Presence.SILENT for part in self.parts):
            raise ConfigError(
                "All parts are silent.", hint="Let at least one part play, or add an instrument."
            )

    @property
    @abstractmethod
    def num_bars(self) -> int:
        """Bars to write."""

    @property
    def seeds(self) -> list[int]:
        """The seed of each candidate."""
        return [self.seed + index for index in range(self.num_candidates)]

    def instrumentation(self, own_parts: tuple[Part, ...]) -> tuple[set[Part], set[Part]]:
        """Return the parts that may play and those that must, given the parts of the piece."""
        if not self.parts:
            return set(own_parts), set()
        may = {part.part for part in self.parts if part.presence is Presence.FREE}
        must = {part.part for part in self.parts if part.presence is Presence.ALWAYS}
        return may | must, must


@dataclass(frozen=True, kw_only=True, slots=True)
class ContinueRequest(Request):
    """One press of the Continue button."""

    suffix: ClassVar[str] = "continued"
    reads_ahead: ClassVar[bool] = True

    num_bars: int = 8
    """Bars to add, 1 to 64."""
    from_bar: int | None = None
    """Bars of the piece to keep, counted from its start; None keeps all."""
    tempos: tuple[TempoChange, ...] = ()
    """Tempos from new bars on; else that of the piece stays."""
    metres: tuple[MetreChange, ...] = ()
    """Metres from new bars on; else that of the piece stays."""

    def __post_init__(self) -> None:
        Request.__post_init__(self)
        _check(phrase("The number of bars"), self.num_bars, 1, MAX_BARS)
        check_changes(self.tempos, self.num_bars)
        check_changes(self.metres, self.num_bars)
        if self.from_bar is not None and self.from_bar < 1:
            raise ConfigError(
                "A continuation needs at least one bar to continue from.",
                hint="Let it start after bar 1 or later.",
            )
        if self.handles.keep is not None or self.handles.locks or self.handles.notes:
            raise ConfigError(
                "Rhythm, notes and locked lines are kept of bars that are written again, and a "
                "continuation has none.",
                hint="Choose bars to write again, or leave it out.",
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class RewriteRequest(Request):
    """Bars of the piece to be written again.

    Parts that `parts` does not name stay as they are; without any, all are written again, each
    free. Where something pitched stays and `chords` is empty, the chords stay as well.
    """

    suffix: ClassVar[str] = "rewritten"
    reads_ahead: ClassVar[bool] = False

    first_bar: int
    """From 0."""
    last_bar: int
    """The bar after the last that is written again."""

    def __post_init__(self) -> None:
        Request.__post_init__(self)
        if not 0 <= self.first_bar < self.last_bar:
            raise ConfigError(
                "Bars to write again are counted from 1, the first before the last.",
                hint="Write them such as 9-12.",
            )
        if self.num_bars > MAX_REWRITE_BARS:
            raise ConfigError(
                phrase(
                    "At most {max_rewrite_bars} bars are written again at once, not {num_bars}.",
                    max_rewrite_bars=MAX_REWRITE_BARS,
                    num_bars=self.num_bars,
                ),
                hint="Choose a part of them first.",
            )

    @property
    def num_bars(self) -> int:
        """How many bars are written again."""
        return self.last_bar - self.first_bar


def check_bars(first_bar: int, last_bar: int, num_bars: int, first_number: int = 1) -> None:
    """Check that a piece has the bars from `first_bar`, from 0, up to but without `last_bar`.

    Raises:
        ConfigError: It has not.
    """
    if not 0 <= first_bar < last_bar <= num_bars:
        bars = f"{first_number} to {num_bars - 1 + first_number}"
        raise ConfigError(
            phrase(
                "The piece has bars {bars}, but no bars {first} to {last}.",
                bars=bars,
                first=first_bar + first_number,
                last=last_bar - 1 + first_number,
            )
        )


def parse_bars(text: str, first_number: int = 1) -> tuple[int, int]:
    """Read bars as musicians count them: "9-12", or "9".

    Args:
        text: What was typed.
        first_number: The number of the first bar of the piece: 0 for a pickup.

    Returns:
        The first, from 0, and the one after the last.

    Raises:
        ConfigError: It is no such range, or is turned round.
    """
    first, dash, last = (piece.strip() for piece in text.replace("–", "-").partition("-"))
    numbers = (first, last) if dash else (first, first)
    if not all(number.isascii() and number.isdigit() and len(number) < 6 for number in numbers):
        raise ConfigError(
            phrase(
                "`{text}` is no range of bars.",
                text=text[:40],
            ),
            hint="Write it such as 9-12.",
        )
    begin, end = map(int, numbers)
    if begin > end:
        raise ConfigError(
            phrase(
                "The bars {begin}-{end} are turned round: the first comes first.",
                begin=begin,
                end=end,
            ),
            hint=phrase(
                "Write {end}-{begin}.",
                end=end,
                begin=begin,
            ),
        )
    return begin - first_number, end + 1 - first_number


def _check(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:  # false for NaN too
        raise ConfigError(
            phrase(
                "{name} must be between {low:,} and {high:,}, not {value:,}.",
                name=name,
                low=low,
                high=high,
                value=value,
            )
        )
