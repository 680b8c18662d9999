"""A model: a checkpoint in memory, ready to write music."""

from dataclasses import dataclass
from functools import cache
from os import PathLike
from pathlib import Path

from meloformer import checkpoint
from meloformer.checkpoint import Card
from meloformer.data.known_runs import KnownRuns
from meloformer.model import MeloFormer
from meloformer.registry import ModelEntry, default_checkpoint, list_models, workspace_models


@dataclass(frozen=True, eq=False, repr=False)
class Model:
    """A network and what is known of it."""

    network: MeloFormer
    """In evaluation mode, float32, on the CPU."""
    card: Card
    """Name, sizes, training data, measurements, limits."""
    known_runs: KnownRuns | None = None
    """The index by which it is kept from copying its training music, if it has one."""

    @property
    def name(self) -> str:
        """The name on the card."""
        return self.card.name

    @property
    def num_weights(self) -> int:
        """How many numbers it has learned."""
        return sum(weights.numel() for weights in self.network.parameters())

    def __repr__(self) -> str:
        size = f"{self.num_weights / 1e6:.1f} M weights"
        steps = f"{self.card.steps:,} steps"
        bars = "" if self.card.infill else ", continues only"
        guard = "" if self.known_runs else ", no copy guard"
        return f"<Model {self.name!r}: {size}, {steps}{bars}{guard}>"


AnyModel = Model | str | PathLike[str] | None
"""A loaded model, the folder of a checkpoint, or `None` for the shipped one."""


def load(path: str | PathLike[str] | None = None) -> Model:
    """Load a checkpoint.

    Args:
        path: Its folder; the shipped one if `None`, which is read once and kept.

    Raises:
        CheckpointError: It is missing, damaged, or of another vocabulary.
    """
    return _shipped() if path is None else _load(Path(path))


def as_model(model: AnyModel) -> Model:
    """Return a model as it is, or load it."""
    return model if isinstance(model, Model) else load(model)


def models(runs: str | PathLike[str] | None = None) -> tuple[ModelEntry, ...]:
    """List the checkpoints that can be loaded by `load(entry.path)`.

    Args:
        runs: Folder of training runs, whose checkpoints are listed after the shipped ones, and then
            what was imported there.
    """
    return list_models() + (() if runs is None else workspace_models(Path(runs)))


@cache
def _shipped() -> Model:
    return _load(default_checkpoint())


def _load(path: Path) -> Model:
    return Model(*checkpoint.load(path), checkpoint.load_known_runs(path))
