"""Settings of the loader."""

from dataclasses import dataclass, field

from meloformer.errors import ConfigError
from meloformer.model.config import ModelConfig

SHARES: dict[str, float] = {
    "freedoom": 0.16,
    "simutrans": 0.09,
    "tannerhelland": 0.05,
    "openewld-band": 0.35,
    "openscore-lieder": 0.12,
    "openscore-quartets": 0.05,
    "music21-scores": 0.04,
    "mutopia": 0.09,
    "music21-folk": 0.05,
}
"""Share of the training tokens of each document set the shipped checkpoint is made from."""

GAP_BARS = 8
"""The longest gap, unless another is asked for."""


@dataclass(frozen=True, kw_only=True)
class LoaderConfig:
    """Settings of the rows that are drawn from shards."""

    context_tokens: int = 1024
    """Length of a row."""
    rows: int = 8
    """Rows in a batch."""
    seed: int = 0
    shares: dict[str, float] = field(default_factory=dict)
    """Weight of each document set; a set that is not named weighs as much as its share of the
    tokens. Empty: all sets by their tokens."""
    transpose: tuple[int, int] = (-5, 6)
    """Lowest and highest transposition, in semitones."""
    velocity_jitter: int = 3
    """A crop's velocities move together by up to so many bins."""
    tempo_jitter: int = 2
    """A crop's tempos move together by up to so many bins."""
    opening: float = 0.15
    """Probability that a piece longer than a row starts a row of its own, so that the row holds as
    much of its beginning as it can."""
    part_dropout: float = 0.1
    """Probability that a crop of several parts loses one of them."""
    fill: float = 0.0
    """Probability that a crop becomes a fill sample: some of its bars, or parts of them, are left
    open and written after the others."""
    gap_bars: int = GAP_BARS
    """Longest range of bars that a fill sample leaves open."""
    near_gaps: float = 0.0
    """Share of the fill samples that are cut into several, with few bars on either side of each
    gap."""
    open_part: float = 0.0
    """Share of the fill samples that leave one part open to their end, to be added to the
    others."""
    late_part: float = 0.0
    """Probability that a crop of several parts has one of them enter late."""
    layout: ModelConfig | None = None
    """Lay rows out for attention that skips blocks, by the rule of this model; None leaves them in
    the order of the stream, which is what every other path of attention wants."""

    def __post_init__(self) -> None:
        if self.context_tokens < 16 or self.rows < 1:
            raise ConfigError(
                f"a batch has at least one row of 16 tokens, not {self.rows} of "
                f"{self.context_tokens}"
            )
        if any(share < 0 for share in self.shares.values()):
            raise ConfigError("the share of a document set cannot be negative")
        if self.gap_bars < 1:
            raise ConfigError(f"gap_bars is 1 or more, not {self.gap_bars}")
        for name in ("opening", "part_dropout", "fill", "near_gaps", "open_part", "late_part"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(f"{name} is a probability from 0 to 1, not {getattr(self, name)}")
