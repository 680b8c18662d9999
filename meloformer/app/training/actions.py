"""Actions of the training tab: plain functions of values, with no widgets.

All that is known of a run is in its folder, and nothing is kept here but what is quick to make
again: every page, on whatever device, shows the same.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from meloformer.app.state import AppState
from meloformer.app.training.command import command_line
from meloformer.app.training.compare import Comparisons
from meloformer.app.training.datasets import Dataset, Datasets, DatasetStatus
from meloformer.app.training.music import amounts, music_message
from meloformer.app.training.plan import is_too_little, plan_html, require_room
from meloformer.app.training.settings import TrainingSettings
from meloformer.app.training.sounds import Sounds
from meloformer.app.training.upkeep import Upkeep
from meloformer.app.training.uploads import MAX_FILES, UploadedFile
from meloformer.app.training.view import Message, page_message
from meloformer.errors import DataError, RunError
from meloformer.phrases import filled, phrase
from meloformer.runs.config import TrainConfig
from meloformer.runs.launch import force_stop, start
from meloformer.runs.workspace import Run, RunRequest, create_run, list_runs, open_run

_NOT_READY = {
    DatasetStatus.READING: phrase("The files are still being read."),
    DatasetStatus.FAILED: phrase("These files cannot be trained on; bring others."),
}


@dataclass(frozen=True, slots=True)
class RunPlan:
    """The cost of a run, before it starts."""

    words: str
    """HTML."""
    command: str
    can_start: bool
    is_advised: bool = True
    """Whether the music is enough for what is to be made of it."""


@dataclass(slots=True)
class TrainingActions:
    """The actions of the training tab, but for composing with a trained model."""

    app_state: AppState
    workspace: Path
    """The folder of the runs. Nothing outside of it is read or written, but uploads."""
    uploads: Path
    base: Path
    """The checkpoint that is fine-tuned unless another is chosen."""
    datasets: Datasets = field(init=False)
    sounds: Sounds = field(init=False)
    upkeep: Upkeep = field(init=False)
    comparisons: Comparisons = field(default_factory=Comparisons)
    _secret: str = field(default_factory=lambda: uuid4().hex)

    def __post_init__(self) -> None:
        self.datasets = Datasets(self.workspace, self.uploads)
        self.upkeep = Upkeep(self.workspace, self.uploads, self.datasets)
        self.sounds = Sounds(self.app_state.synth, self.app_state.sound_problem, self.uploads)

    def look(self, chosen: str, turn: str = "", said: str = "") -> Message:
        """Return the runs, all about the chosen one, and the imported models.

        Args:
            chosen: Name of a run.
            turn: `to` if the page shall turn to it, `new` if it has just been started.
            said: What has just been done, for the visitor to know.
        """
        runs = list_runs(self.workspace)
        message = page_message(runs, chosen, self.sounds, self.comparisons, turn=turn)
        shown = next((run for run in runs if run.name == message["chosen"]), None)
        if shown is not None:
            message["run"] |= self.upkeep.run_tools(shown, shown.state())
        return {**message, **self.upkeep.message(), "said": said}

    def run(self, name: object) -> Run:
        """Return the run that a page names.

        Raises:
            RunError: There is none.
        """
        if not isinstance(name, str):
            raise RunError("There is no such training.", hint="Load the page again.")
        return open_run(name, self.workspace)

    def ask(self, name: object, what: object, value: str = "") -> Message:
        """Do what a button of a run says.

        Args:
            name: Of the run.
            what: The button.
            value: The new name, if it shall have one.

        Returns:
            What the page shows then.

        Raises:
            MeloFormerError: It cannot be done now.
        """
        run = self.run(name)
        if what == "rename":
            return self.look(self.upkeep.rename_run(run, value).name, "to")
        if what == "delete":
            self.upkeep.delete_run(run)
            return self.look("", "to", phrase("“{name}” is deleted.", name=run.name))
        if what == "export":
            self.upkeep.export_run(run)
        else:
            self._ask_trainer(run, what)
        return self.look(run.name)

    def _ask_trainer(self, run: Run, what: object) -> None:
        if what == "resume":
            start(run)
        elif what == "end":
            force_stop(run)
        elif what == "compare":
            self.compare(run)
        elif what in list(RunRequest):
            if run.state().is_over:
                raise RunError(
                    phrase(
                        "“{run_name}” is not running any more.",
                        run_name=run.name,
                    )
                )
            run.request(RunRequest(str(what)))
        else:
            raise RunError("The page asked for something unknown.", hint="Load it again.")

    def compare(self, run: Run) -> None:
        """Let the model as it was before training continue the same prompts."""
        base = run.config().base
        if base is None:
            raise RunError("This model was trained from scratch; there is none before it.")
        self.comparisons.start(run, base)

    def hear(self, name: object, sample: object) -> None:
        """Make the audio of a sample."""
        found = next((one for one in self.run(name).samples() if one.path.name == sample), None)
        if found is None:
            raise RunError("This sample is not there any more.")
        self.sounds.play(found)

    def start(self, settings: TrainingSettings) -> str:
        """Start a run.

        Returns:
            Its name.

        Raises:
            MeloFormerError: There is no music, a setting is wrong, or the name is taken.
        """
        dataset = self.require_dataset(settings.dataset)
        if waits := _NOT_READY.get(self.datasets.status(dataset)):
            raise DataError(waits)
        config = self.config(settings)
        require_room(config)
        run = create_run(config.run.name, config, self.workspace)
        start(run)
        return run.name

    def config(self, settings: TrainingSettings) -> TrainConfig:
        """Return the settings of the run that the form describes."""
        dataset = self.require_dataset(settings.dataset)
        base = self.app_state.model_cache.path_of(settings.base) if settings.base else self.base
        return settings.config(dataset, base, self.workspace)

    def plan(self, settings: TrainingSettings) -> RunPlan:
        """Return the cost of the run, and whether it could start now.

        Raises:
            MeloFormerError: A setting is wrong, or the machine is too small for them.
        """
        dataset = self.require_dataset(settings.dataset)
        waits = _NOT_READY.get(self.datasets.status(dataset))
        if waits:
            return RunPlan(filled("<p class='quiet'>{waits}</p>", waits=waits), "", can_start=False)
        config = self.config(settings)
        require_room(config)
        train, _ = amounts(dataset)
        return RunPlan(
            plan_html(config, train),
            command_line(config),
            can_start=True,
            is_advised=not is_too_little(config, train),
        )

    def bring(self, files: object) -> Dataset:
        """Bring files that were dropped.

        Args:
            files: What the page says: a list of paths and names.

        Raises:
            DataError: They did not arrive, or are too many or too large.
        """
        if not isinstance(files, list) or len(files) > MAX_FILES:
            raise DataError(
                phrase(
                    "Bring up to {max_files:,} files at once, or all in one ZIP.",
                    max_files=MAX_FILES,
                )
            )
        uploaded = []
        for one in files:
            path, name = (
                (one.get("path"), one.get("name")) if isinstance(one, Mapping) else (None, None)
            )
            if not isinstance(path, str) or not isinstance(name, str):
                raise DataError("The files did not arrive.", hint="Drop them once more.")
            uploaded.append(UploadedFile(Path(path), name))
        return self.datasets.bring(uploaded)

    def music(self, name: str) -> Message:
        """Return the message about the music of that name, or about the newest."""
        dataset = self.datasets.find(name) or next(
            filter(None, map(self.datasets.find, self.datasets.names())), None
        )
        message = music_message(self.datasets, dataset, self._report(dataset))
        return {**message, **self.upkeep.music_tools(dataset)}

    def ask_music(self, name: str, what: object, value: str = "") -> Message:
        """Do what a button of some music says.

        Args:
            name: Of the music.
            what: The button.
            value: The new name, if it shall have one.

        Returns:
            The message about that music, or about other music if it is deleted.

        Raises:
            MeloFormerError: It cannot be done now.
        """
        dataset = self.require_dataset(name)
        if what == "rename":
            dataset.rename(value)
        elif what == "delete":
            self.upkeep.delete_music(dataset)
        elif what == "export":
            self.upkeep.export_music(dataset)
        else:
            raise RunError("The page asked for something unknown.", hint="Load it again.")
        return self.music(name)

    def require_dataset(self, name: str | None) -> Dataset:
        """Return the music of that name.

        Raises:
            DataError: There is none.
        """
        dataset = self.datasets.find(name) if name else None
        if dataset is None:
            raise DataError("Bring some music first.")
        return dataset

    def _report(self, dataset: Dataset | None) -> Path | None:
        """Return a copy of the report that the browser may fetch."""
        report = dataset.shards / "report.html" if dataset else None
        if report is None or not report.is_file():
            return None
        copy = self.uploads / self._secret / str(report.stat().st_mtime_ns) / report.name
        if not copy.is_file():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(report, copy)
        return copy
