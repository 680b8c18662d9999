"""Settings of the corpus and of the loader."""

from dataclasses import dataclass, field
from pathlib import Path

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


@dataclass(frozen=True, kw_only=True)
class FilterConfig:
    """Which pieces are worth training on. A beat is a quarter note.

    Lengths, pitches and notes across bar lines are judged as Museformer does (Yu et al., 2022).
    """

    min_beats: int = 16
    max_beats: int = 10_000
    min_notes: int = 32
    min_pitches: int = 8
    """Different pitches; each drum counts as one."""
    max_one_note: float = 0.8
    """Share of the notes that may be one and the same pitch or drum."""
    max_parts: int = 32
    max_off_grid: float = 0.5
    """Share of the notes that may begin on no sixteenth and no triplet eighth."""
    max_cross_bar: float = 0.15
    """Share of the notes that may sound on into the next bar."""

    def __post_init__(self) -> None:
        for name in ("max_one_note", "max_off_grid", "max_cross_bar"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(f"{name} is a share from 0 to 1, not {getattr(self, name)}")
        if self.min_beats > self.max_beats:
            raise ConfigError(f"min_beats ({self.min_beats}) is above max_beats ({self.max_beats})")


@dataclass(frozen=True, kw_only=True)
class PrepareConfig:
    """How MIDI files become shards."""

    inputs: tuple[Path, ...]
    """Folders, archives or MIDI files. The first folder below each names the document set."""
    out: Path
    """Receives `train/`, `held_out/`, `manifest.json`, `files.tsv` and `report.html`."""
    groups: Path | None = None
    """TSV of file and group; files of a group stay on one side of the split. Files it does not
    name are groups of their own."""
    sources: Path | None = None
    """TSV of document set, licence, source and what of it is synthetic; by default the table
    beside this module."""
    held_out: float = 0.04
    """Share of the groups that is never trained on."""
    near: float = 0.9
    """Share of the bars that two pieces have in common to count as one."""
    filter: FilterConfig = field(default_factory=FilterConfig)
    workers: int = 0
    """Processes; 0 is one for each core."""
    cluster: str = ""
    """Address of a Ray cluster that does the work instead, or `local` for one on this machine."""

    def __post_init__(self) -> None:
        if not self.inputs:
            raise ConfigError("there is nothing to prepare", hint="name a folder or an archive")
        if not 0 <= self.held_out < 1:
            raise ConfigError(f"held_out is a share from 0 to below 1, not {self.held_out}")
        if not 0.5 <= self.near <= 1:
            raise ConfigError(f"near is a share from 0.5 to 1, not {self.near}")
        if self.workers < 0:
            raise ConfigError(f"workers is 0 or more, not {self.workers}")


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
    """Probability that a piece longer than a row starts a row of its own, so that the row holds as
    much of its beginning as it can."""
    part_dropout: float = 0.1
    """Probability that a crop of several parts loses one of them."""
    fill: float = 0.0
    """Probability that a crop becomes a fill sample: some of its bars, or parts of them, are left
    open and written after the others."""
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
        for name in ("opening", "part_dropout", "fill"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(f"{name} is a probability from 0 to 1, not {getattr(self, name)}")
