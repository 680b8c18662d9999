"""Settings of the corpus and of the loader."""

from dataclasses import dataclass, field
from pathlib import Path

from meloformer.errors import ConfigError

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


@dataclass(frozen=True, kw_only=True)
class PrepareConfig:
    """How a folder of MIDI files becomes shards."""

    folder: Path
    """Searched for `*.mid`; the first folder below it names the document set."""
    out: Path
    """Receives `train/`, `held_out/` and `manifest.json`."""
    groups: Path | None = None
    """TSV of file and group; files of a group stay on one side of the split. Files it does not
    name are groups of their own."""
    sources: Path | None = None
    """TSV of document set, licence and source; by default the table beside this module."""
    held_out: float = 0.04
    """Share of the groups that is never trained on."""
    min_bars: int = 4
    max_tokens: int = 200_000
    workers: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.held_out < 1:
            raise ConfigError(f"held_out is a share from 0 to below 1, not {self.held_out}")
        if self.workers < 1:
            raise ConfigError(f"workers is at least 1, not {self.workers}")


@dataclass(frozen=True, kw_only=True)
class LoaderConfig:
    """How training rows are drawn from shards."""

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
    """Probability that a crop starts where its piece starts."""
    part_dropout: float = 0.1
    """Probability that a crop of several parts loses one of them."""

    def __post_init__(self) -> None:
        if self.context_tokens < 16 or self.rows < 1:
            raise ConfigError(
                f"a batch has at least one row of 16 tokens, not {self.rows} of "
                f"{self.context_tokens}"
            )
        if any(share < 0 for share in self.shares.values()):
            raise ConfigError("the share of a document set cannot be negative")
