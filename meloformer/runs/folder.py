"""One run: a folder, which is all that the app, the shell and the trainer know of each other."""

import json
import sys
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from meloformer.errors import RunError
from meloformer.folders import folders_in
from meloformer.runs.config import TrainConfig
from meloformer.runs.devices import num_processes
from meloformer.runs.log import LOG, end_of, tail
from meloformer.runs.processes import SUPERVISOR, TRAINER, lives, read_mark
from meloformer.runs.samples import Sample, list_samples
from meloformer.runs.state import (
    RunState,
    Status,
    change_state,
    read_json,
    read_state,
)

CONFIG = "config.json"
METRICS = "metrics.jsonl"
WORKER = "meloformer.training.worker"
_MAX_METRICS_BYTES = 16 << 20


class RunRequest(StrEnum):
    """What a user asks of a run: an empty file in its folder `requests/`.

    Who serves a request removes it by `Run.served`. Rank 0 serves STOP, ABANDON and SAVE; it writes
    the status STOPPING when it has seen one of the first two, before it saves. It saves at LISTEN
    too, which the supervisor takes away when there is something to hear.
    """

    STOP = "stop"
    """Save and end."""
    ABANDON = "abandon"
    """End without saving."""
    SAVE = "save"
    LISTEN = "listen"
    """Save, and let me hear it."""


@dataclass(frozen=True)
class Run:
    """One run. Everything is read when it is asked for, and nothing is kept."""

    folder: Path

    @property
    def name(self) -> str:
        """Its name, which is its folder's."""
        return self.folder.name

    def config(self) -> TrainConfig:
        """Its settings.

        Raises:
            RunError: They are missing or damaged.
            ConfigError: They are not understood.
        """
        return replace(TrainConfig.from_json(read_json(self.folder / CONFIG)), run=self.folder)

    def is_alive(self) -> bool:
        """Whether a process of the run is there, be it only to make the last samples."""
        return lives(self.folder, SUPERVISOR) or lives(self.folder, TRAINER)

    def state(self) -> RunState:
        """How far it is; a run whose processes are gone becomes INTERRUPTED."""
        # In this order: when nobody lives any more, nobody changes the state any more either.
        alive = self.is_alive()
        state = read_state(self.folder)
        if alive:
            stopping = self.pending() & {RunRequest.STOP, RunRequest.ABANDON}
            if stopping and state.status in (Status.STARTING, Status.RUNNING):
                return replace(state, status=Status.STOPPING)
            return state
        # A supervisor takes its mark away when it ends well. If it was killed, ranks have saved and
        # say that they stopped, which nobody had asked for.
        killed = state.status == Status.STOPPED and read_mark(self.folder, SUPERVISOR) is not None
        if (state.is_over and not killed) or self.is_alive():
            return state
        return change_state(self.folder, Status.INTERRUPTED, state.reason)

    def metrics(self, event: str, most: int = 2000) -> list[dict[str, object]]:
        """Lines of metrics.jsonl of one kind, oldest first, evenly thinned to at most `most`.

        Of very long runs only the end is looked at.
        """
        lines = end_of(self.folder / METRICS, _MAX_METRICS_BYTES).splitlines()
        chosen = [line for line in lines if f'"{event}"' in line]
        if len(chosen) > most:
            last = len(chosen) - 1
            chosen = [chosen[round(index * last / (most - 1))] for index in range(most)]
        return [line for line in map(_object, chosen) if line.get("event") == event]

    def log_tail(self, lines: int = 40) -> str:
        """The last lines of the log; only the end of the file is read."""
        return tail(self.folder / LOG, lines)

    def checkpoints(self) -> tuple[Path, ...]:
        """Folders of its complete checkpoints, the newest last."""
        found = filter(_is_checkpoint, folders_in(self.folder / "checkpoints"))
        return tuple(sorted(found, key=step_of))

    def last(self) -> Path | None:
        """The newest complete checkpoint."""
        return self._named("last.json") or next(reversed(self.checkpoints()), None)

    def best(self) -> Path | None:
        """The checkpoint with the fewest bits per note on held-out music."""
        return self._named("best.json")

    def samples(self) -> tuple[Sample, ...]:
        """What its checkpoints have made of the fixed prompts, by step."""
        return list_samples(self.folder / "samples")

    def request(self, what: RunRequest) -> None:
        """Ask something of the run. What nobody serves is forgotten when it is started again."""
        try:
            (self.folder / "requests").mkdir(exist_ok=True)
            (self.folder / "requests" / what).touch()
        except OSError as error:
            raise RunError(f"{self.name} can't be asked to {what}: {error.strerror}") from error

    def pending(self) -> frozenset[RunRequest]:
        """What has been asked and not been served."""
        try:
            names = {path.name for path in (self.folder / "requests").iterdir()}
        except FileNotFoundError:
            return frozenset()
        return frozenset(one for one in RunRequest if one.value in names)

    def asked_at(self, what: RunRequest) -> float | None:
        """When something was asked that is still pending, in seconds since 1970."""
        try:
            return (self.folder / "requests" / what).stat().st_mtime
        except FileNotFoundError:
            return None

    def served(self, *what: RunRequest) -> None:
        """Take requests away, once they are served."""
        for one in what:
            (self.folder / "requests" / one).unlink(missing_ok=True)

    def command(self, worker: str = WORKER) -> tuple[str, ...]:
        """The command that trains it on this machine, as a list of words."""
        return (
            *(sys.executable, "-m", "torch.distributed.run", "--standalone"),
            f"--nproc-per-node={num_processes(self.config())}",
            *("--max-restarts=3", "-m", worker, str(self.folder)),
        )

    def _named(self, file: str) -> Path | None:
        try:
            name = read_json(self.folder / "checkpoints" / file).get("folder")
        except RunError:
            return None
        return next((one for one in self.checkpoints() if one.name == name), None)


def step_of(checkpoint: Path) -> int:
    """The step at which a checkpoint was saved, by its name."""
    digits = checkpoint.name.removeprefix("step-")
    return int(digits) if digits.isdecimal() else -1


def _is_checkpoint(folder: Path) -> bool:
    files = (folder / "card.json", folder / "model.safetensors")
    return step_of(folder) >= 0 and not folder.is_symlink() and all(one.is_file() for one in files)


def _object(line: str) -> dict[str, object]:
    try:
        content = json.loads(line)
    except ValueError:  # the trainer is writing it just now
        return {}
    return content if isinstance(content, dict) else {}
