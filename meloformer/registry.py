"""The checkpoints that can be loaded, and the default one."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from meloformer.checkpoint import CARD, Card, has_known_runs, read_card
from meloformer.errors import CheckpointError
from meloformer.files import read_json
from meloformer.folders import folders_in, recover_folder
from meloformer.phrases import phrase
from meloformer.resources import CHECKPOINTS

DEFAULT = "meloformer-small"
RUN_PREFIX = "runs/"
LAST_SUFFIX = "/last"
IMPORTED_PREFIX = "imported/"
IMPORTED = ".models"
"""Folder of the models that were brought from other machines, in that of the runs."""


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A checkpoint that can be loaded."""

    name: str
    path: Path
    card: Card

    @property
    def has_copy_guard(self) -> bool:
        """Whether it is kept from copying its training music, of which it has an index."""
        return has_known_runs(self.path)


def default_checkpoint() -> Path:
    """Return the folder of the shipped checkpoint.

    Raises:
        CheckpointError: It is not where it was shipped.
    """
    path = recover_folder(CHECKPOINTS / DEFAULT)
    if not (path / CARD).is_file():
        raise CheckpointError(
            phrase(
                "the shipped checkpoint is missing from {path}",
                path=path,
            ),
            hint="fetch the repository again, or give a checkpoint of your own",
        )
    return path


def list_models(*folders: Path) -> tuple[ModelEntry, ...]:
    """List the shipped checkpoints and those in `folders`, by name, without unreadable ones."""
    entries = []
    for folder in (CHECKPOINTS, *folders):
        for path in folders_in(folder):
            try:
                entries.append(ModelEntry(path.name, path, read_card(path)))
            except CheckpointError:
                continue
    return tuple(entries)


def imported_folder(workspace: Path) -> Path:
    """Return where the models are that were brought from other machines. It may be missing.

    Args:
        workspace: The folder of the runs.
    """
    return workspace / IMPORTED


def imported_models(workspace: Path) -> tuple[ModelEntry, ...]:
    """List the models in a workspace that were brought from other machines, by name."""
    entries = []
    for path in folders_in(imported_folder(workspace)):
        try:
            entries.append(ModelEntry(f"{IMPORTED_PREFIX}{path.name}", path, read_card(path)))
        except CheckpointError:
            continue
    return tuple(entries)


def workspace_models(workspace: Path) -> tuple[ModelEntry, ...]:
    """List what the runs in a folder have saved, and what was brought there."""
    return (*run_models(workspace), *imported_models(workspace))


def run_models(workspace: Path) -> tuple[ModelEntry, ...]:
    """List what the runs in a folder have saved: the best, and `runs/NAME/last` if it is newer.

    A run that has not been measured yet has its last checkpoint as its best.
    """
    entries = []
    for checkpoints in sorted(workspace.glob("*/checkpoints")):
        run = checkpoints.parent.name
        if run.startswith(".") or checkpoints.parent.is_symlink():
            continue
        named = dict(_named_checkpoints(checkpoints))
        best = named.get("best.json") or named.get("last.json")
        if best is not None:
            entries.append(ModelEntry(f"{RUN_PREFIX}{run}", *best))
            last = named.get("last.json")
            if last is not None and last[0] != best[0]:
                entries.append(ModelEntry(f"{RUN_PREFIX}{run}{LAST_SUFFIX}", *last))
    return tuple(entries)


def _named_checkpoints(folder: Path) -> Iterator[tuple[str, tuple[Path, Card]]]:
    """Yield what `best.json` and `last.json` name, where it is there and can be read."""
    for name in ("best.json", "last.json"):
        try:
            path = folder / Path(_folder_in(folder / name)).name
            yield name, (path, read_card(path))
        except (OSError, ValueError, CheckpointError):
            continue


def _folder_in(path: Path) -> str:
    """Return the folder that a small document names.

    Raises:
        OSError: It can't be read.
        ValueError: It names none.
    """
    content = read_json(path)
    folder = content.get("folder") if isinstance(content, dict) else None
    if not isinstance(folder, str):
        raise ValueError("it names no folder")
    return folder
