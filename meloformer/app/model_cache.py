"""The models that visitors may compose with; each is loaded when the first of them chooses it."""

from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from weakref import WeakValueDictionary

from meloformer import checkpoint
from meloformer.checkpoint import Card
from meloformer.data.known_runs import KnownRuns
from meloformer.errors import CheckpointError
from meloformer.model import MeloFormer
from meloformer.phrases import phrase
from meloformer.registry import ModelEntry, list_models, workspace_models


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class LoadedModel:
    """A model in memory, for as long as a session composes with it."""

    name: str
    """As in the list of models."""
    model: MeloFormer
    card: Card
    known_runs: KnownRuns | None = None
    """What it is not to copy, if it has an index of that."""


class ModelCache:
    """Models that were shipped, those that runs have made, and those that were brought.

    Args:
        workspace: The folder of the runs; without it, there is only what was shipped.
    """

    def __init__(self, workspace: Path | None = None) -> None:
        self._workspace = workspace
        self._loaded: WeakValueDictionary[Path, LoadedModel] = WeakValueDictionary()
        self._lock = Lock()

    def entries(self) -> tuple[ModelEntry, ...]:
        """List all models that can be chosen now."""
        own = workspace_models(self._workspace) if self._workspace is not None else ()
        return (*list_models(), *own)

    def path_of(self, name: str) -> Path:
        """Find the checkpoint of that name.

        Raises:
            CheckpointError: There is none.
        """
        entry = next((entry for entry in self.entries() if entry.name == name), None)
        if entry is None:
            raise CheckpointError(
                phrase(
                    "There is no model named {name} any more.",
                    name=name,
                ),
                hint="Choose another one.",
            )
        return entry.path

    def load(self, name: str) -> LoadedModel:
        """Return the model of that name, which others may be using already.

        Raises:
            CheckpointError: There is none, or it is damaged.
        """
        path = self.path_of(name)
        with self._lock:
            loaded = self._loaded.get(path)
            if loaded is None:
                known_runs = checkpoint.load_known_runs(path)
                loaded = LoadedModel(name, *checkpoint.load(path), known_runs)
                self._loaded[path] = loaded
            return loaded
