"""What can be done to runs, music and models besides training: rename, delete, export, import."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from meloformer.app.training.datasets import Dataset, Datasets, DatasetStatus
from meloformer.app.training.exports import Exports, zip_files
from meloformer.app.training.trash import BelongingKind, Deleted, Trash
from meloformer.app.training.words import size
from meloformer.errors import CheckpointError, DataError, MeloFormerError, RunError
from meloformer.model_archive import read_archive, write_archive
from meloformer.phrases import phrase
from meloformer.registry import ModelEntry, imported_models
from meloformer.runs.state import RunState
from meloformer.runs.workspace import Run, list_runs, rename_run, require_rest

_KINDS = {
    BelongingKind.RUN: phrase("a training"),
    BelongingKind.MUSIC: phrase("music"),
    BelongingKind.MODEL: phrase("an imported model"),
}
Action = dict[str, object]


@dataclass(slots=True)
class Upkeep:
    """The belongings of a workspace, and what becomes of them."""

    workspace: Path
    uploads: Path
    """The only folder that what is imported is taken from."""
    datasets: Datasets
    trash: Trash = field(init=False)
    exports: Exports = field(init=False)

    def __post_init__(self) -> None:
        self.trash = Trash(self.workspace)
        self.exports = Exports(self.uploads)
        self.trash.forget_old()

    def message(self) -> dict[str, Any]:
        """Return what the page shows besides the runs: imported models, and what was deleted."""
        return {
            "models": [
                {
                    "name": entry.name,
                    "label": entry.path.name,
                    "words": phrase(
                        "{steps:,} steps, {size}",
                        steps=entry.card.steps,
                        size=size(_bytes_of(entry.path)),
                    ),
                }
                for entry in self.models()
            ],
            "deleted": [
                {
                    "key": item.key,
                    "words": phrase(
                        "“{name}”, {kind}", name=self._title_of(item), kind=_KINDS[item.kind]
                    ),
                }
                for item in self.trash.items()
            ],
        }

    def run_tools(self, run: Run, state: RunState) -> dict[str, Any]:
        """Return the buttons below a run, and its export if there is one."""
        model, path = _model_of(run), None
        if model is not None:
            path = self.exports.known(model, run.name)
        return {"tools": _tools(is_at_rest=state.is_over, can_export=bool(model)), "export": path}

    def rename_run(self, run: Run, name: str) -> Run:
        """Give a run another name.

        Raises:
            RunError: It goes on, or the name won't do or is taken.
        """
        return rename_run(run, name.strip())

    def delete_run(self, run: Run) -> Deleted:
        """Delete a run, for now.

        Raises:
            RunError: It goes on.
        """
        require_rest(run)
        return self.trash.put(BelongingKind.RUN, run.folder)

    def export_run(self, run: Run) -> Path:
        """Return a ZIP of the model that Compose takes from a run.

        Raises:
            RunError: Nothing has been saved yet.
            CheckpointError: It cannot be read.
        """
        model = _model_of(run)
        if model is None:
            raise RunError(
                phrase(
                    "“{run_name}” has saved nothing yet.",
                    run_name=run.name,
                )
            )
        return self.exports.make(model, run.name, lambda path: write_archive(model, run.name, path))

    def music_tools(self, dataset: Dataset | None) -> dict[str, Any]:
        """Return the buttons below some music, and its export if there is one."""
        if dataset is None:
            return {"tools": [], "export": None}
        is_at_rest = self.datasets.status(dataset) != DatasetStatus.READING
        path = self.exports.known(dataset.folder / "upload", dataset.title)
        return {"tools": _tools(is_at_rest=is_at_rest, can_export=True), "export": path}

    def export_music(self, dataset: Dataset) -> Path:
        """Return a ZIP of the files as they were brought.

        Raises:
            OutputError: The disk is full.
        """
        upload = dataset.folder / "upload"
        return self.exports.make(upload, dataset.title, lambda path: zip_files(upload, path))

    def delete_music(self, dataset: Dataset) -> Deleted:
        """Delete music, for now.

        Raises:
            DataError: It is still being read, or trained on.
        """
        if self.datasets.status(dataset) == DatasetStatus.READING:
            raise DataError("The files are still being read.", hint="Delete them after that.")
        for run in list_runs(self.workspace):
            if not run.state().is_over and _trains_on(run, dataset):
                raise DataError(
                    phrase(
                        "“{title}” is being trained on.",
                        title=dataset.title,
                    ),
                    hint=phrase(
                        "Stop “{run_name}” first.",
                        run_name=run.name,
                    ),
                )
        return self.trash.put(BelongingKind.MUSIC, dataset.folder)

    def models(self) -> tuple[ModelEntry, ...]:
        """List the models that were imported."""
        return imported_models(self.workspace)

    def import_model(self, file: object) -> ModelEntry:
        """Bring a model from a ZIP that was uploaded. Nothing of it is trusted.

        Args:
            file: What the page says: its path.

        Raises:
            MeloFormerError: It did not arrive, or holds no model that can be used here.
        """
        path = Path(file).resolve() if isinstance(file, str) and file else None
        inside = path is not None and path.is_relative_to(self.uploads.resolve())
        if path is None or not inside or not path.is_file():
            raise CheckpointError("The file did not arrive.", hint="Choose it once more.")
        try:
            return read_archive(path, self.workspace)
        except OSError as error:
            raise CheckpointError(
                phrase(
                    "The model could not be kept: {strerror}.",
                    strerror=error.strerror,
                ),
                hint="Make room first.",
            ) from error

    def delete_model(self, name: object) -> Deleted:
        """Delete an imported model, for now.

        Raises:
            CheckpointError: There is none of that name.
        """
        entry = next((one for one in self.models() if one.name == name), None)
        if entry is None:
            raise CheckpointError("This model is not there any more.")
        return self.trash.put(BelongingKind.MODEL, entry.path)

    def bring_back(self, key: object) -> Deleted:
        """Bring back what was deleted.

        Raises:
            RunError: It is gone for good.
        """
        return self.trash.bring_back(key)

    def _title_of(self, item: Deleted) -> str:
        return Dataset(item.folder).title if item.kind == BelongingKind.MUSIC else item.name


def _tools(*, is_at_rest: bool, can_export: bool) -> list[Action]:
    tools: list[Action] = []
    if can_export:
        tools.append({"what": "export", "label": phrase("Export"), "confirm": ""})
    if is_at_rest:
        tools.insert(0, {"what": "rename", "label": phrase("Rename"), "confirm": ""})
        tools.append(
            {"what": "delete", "label": phrase("Delete"), "confirm": phrase("Really delete?")}
        )
    return tools


def _model_of(run: Run) -> Path | None:
    """Return the checkpoint that Compose takes from a run."""
    return run.best() or run.last()


def _trains_on(run: Run, dataset: Dataset) -> bool:
    try:
        return run.config().shards.resolve().is_relative_to(dataset.folder.resolve())
    except MeloFormerError:
        return False


def _bytes_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
