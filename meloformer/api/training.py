"""Training: a run that goes on by itself, and can be watched from anywhere.

Loads without torch: the processes of a run import it, not the one that starts them.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from meloformer.errors import RunError
from meloformer.registry import default_checkpoint
from meloformer.runs import presets
from meloformer.runs.config import Method, TrainConfig
from meloformer.runs.devices import num_gpus
from meloformer.runs.launch import start
from meloformer.runs.workspace import Run, RunState, Status, begin_run, stop

if TYPE_CHECKING:
    from meloformer.api.model import Model


@dataclass(frozen=True, repr=False)
class TrainingRun:
    """A run. Everything is read from its folder when it is asked for."""

    folder: Path

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.folder.name

    @property
    def state(self) -> RunState:
        """How far it is."""
        return self._run.state()

    def start(self) -> None:
        """Begin it, or go on with it, in processes that outlive this one.

        Raises:
            RunError: It runs already, has finished, or can't be started.
        """
        start(self._run)

    def stop(self) -> None:
        """Let it save and stop, which takes a moment; `start` goes on with it."""
        stop(self._run)

    def watch(self, every_s: float = 1.0) -> Iterator[RunState]:
        """Give its state whenever that has changed, until it is over.

        Args:
            every_s: How often to look.

        Raises:
            RunError: It has failed, or its processes are gone.
        """
        last = None
        while last is None or not last.is_over:
            state = self.state
            if state == last:
                time.sleep(every_s)
                continue
            yield state
            last = state
        if last.status in (Status.FAILED, Status.INTERRUPTED):
            raise RunError(f"{self.name} {last.status}: {last.reason or 'its processes are gone'}")

    def wait(self, on_progress: Callable[[RunState], object] | None = None) -> "TrainingRun":
        """Wait until it is over, and return it.

        Args:
            on_progress: Told of each change.

        Raises:
            RunError: It has failed, or its processes are gone.
        """
        for state in self.watch():
            if on_progress is not None:
                on_progress(state)
        return self

    def log(self, lines: int = 40) -> str:
        """Return the end of what it has printed."""
        return self._run.log_tail(lines)

    def model(self) -> "Model":
        """Load the best that it has saved so far, or the last if none has been measured.

        Raises:
            RunError: It has not saved yet.
        """
        from meloformer.api.model import load

        path = self._run.best() or self._run.last()
        if path is None:
            raise RunError(f"{self.name} has not saved a model yet", hint="wait a few minutes")
        return load(path)

    def __repr__(self) -> str:
        state = self.state
        done = f"step {state.step:,}, {state.fraction:.0%}"
        bits = state.bits_per_note
        measured = "" if bits is None else f", {bits:.2f} bits per note"
        return f"<TrainingRun {self.name!r}: {state.status}, {done}{measured}>"

    @property
    def _run(self) -> Run:
        return Run(self.folder)


def fine_tune(
    shards: str | PathLike[str],
    run: str | PathLike[str],
    *,
    base: str | PathLike[str] | None = None,
    method: Method = "lora",
    minutes: float = 10.0,
    start: bool = True,
) -> TrainingRun:
    """Teach a trained model the style of some music, with the settings that the app offers.

    Args:
        shards: Folder made by `prepare`.
        run: Folder that receives settings, state, metrics, log and checkpoints. If it is a run
            with the same settings already, that goes on.
        base: Checkpoint to start from; the shipped one if `None`.
        method: "lora" for a handful of files, "full" for fifty and more.
        minutes: How long.
        start: Whether to start it, or only to make its folder.

    Raises:
        RunError: It was begun with other settings, or can't be started.
        CheckpointError: The base can't be read.
    """
    config = presets.fine_tune(
        Path(shards),
        Path(run),
        default_checkpoint() if base is None else Path(base),
        method=method,
        minutes=minutes,
        device="cuda" if num_gpus() else "cpu",
    )
    return train(config, start=start)


def train(config: TrainConfig, *, start: bool = True) -> TrainingRun:
    """Train a model with settings of one's own, on all devices of this machine.

    Args:
        config: What to train, on what, how long.
        start: Whether to start it, or only to make its folder.

    Raises:
        RunError: It was begun with other settings, or can't be started.
    """
    begun = TrainingRun(begin_run(config).folder)
    if start:
        begun.start()
    return begun
