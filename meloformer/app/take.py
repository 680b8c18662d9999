"""What has been made of a piece: one version of what was asked for, where it belongs, its sound."""

from dataclasses import dataclass, field
from pathlib import Path

from meloformer.engine.candidate import Candidate, FinishedBar
from meloformer.score.part import Part


@dataclass(frozen=True, slots=True)
class Sound:
    """Audio of a piece or of a take, written to files."""

    wav: Path
    compressed: Path
    duration_s: float


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of the piece in which notes give way to those of a take."""

    start_quarters: float
    end_quarters: float
    parts: tuple[Part, ...]
    """Whose notes give way."""


@dataclass(slots=True, eq=False)
class Take:
    """One candidate, finished or as far as it got."""

    bars: list[FinishedBar] = field(default_factory=list)
    """Its finished bars, as they came."""
    data: bytes = b""
    """The whole piece with this take in it, all else as uploaded. Empty while the take is being
    made."""
    sound: Sound | None = None
    files: dict[str, Path] = field(default_factory=dict)
    """Downloads that were written, by kind."""

    @property
    def candidate(self) -> Candidate:
        """The continuation alone, as far as it got."""
        return self.bars[-1].so_far
