"""Settings of a corpus: which pieces are kept, and how they become shards."""

from dataclasses import dataclass, field
from pathlib import Path

from meloformer.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class FilterConfig:
    """Limits on the pieces that are worth training on. A beat is a quarter note.

    Lengths, pitches and notes across bar lines are judged as Museformer does (Yu et al., 2022).
    """

    min_beats: int = 16
    max_beats: int = 10_000
    min_notes: int = 32
    min_pitches: int = 8
    """Different pitches; each drum counts as one."""
    min_drums: int = 3
    """Different drums of a piece of drums alone, to which `min_pitches` does not apply."""
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
    """Settings of `prepare`."""

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
    tune: float = 0.5
    """Share of the bars of the shorter that two pieces have in common to stay on one side of the
    split, see `tune_pairs`."""
    earlier: Path | None = None
    """Output of an earlier `prepare` of a part of this corpus. What it held out is held out again,
    and no tune of it is trained on; what it trained on is not held out."""
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
        for name in ("near", "tune"):
            if not 0.5 <= getattr(self, name) <= 1:
                raise ConfigError(f"{name} is a share from 0.5 to 1, not {getattr(self, name)}")
        if self.workers < 0:
            raise ConfigError(f"workers is 0 or more, not {self.workers}")
