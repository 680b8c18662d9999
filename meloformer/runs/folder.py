"""One run: a folder, which is all that the app, the shell and the trainer share."""

import json
import sys
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from meloformer.errors import RunError
from meloformer.folders import folders_in
from meloformer.runs.config import TrainConfig
from meloformer.runs.devices import num_processes
from meloformer.runs.log import LOG, read_end, tail
from meloformer.runs.processes import SUPERVISOR, TRAINER, is_running, read_pid_file
from meloformer.runs.samples import Sample, list_samples
from meloformer.runs.state import (
    RunState,
    Status,
    change_state,
    read_object,
    read_state,
)

CONFIG = "config.json"
METRICS = "metrics.jsonl"
WORKER = "meloformer.training.worker"
_MAX_METRICS_BYTES = 16 << 20


class RunRequest(StrEnum):
    """A request to a run: an empty file in its folder `requests/`.

    A request that is served is removed by `Run.clear_requests`. Rank 0 serves STOP, ABANDON and
    SAVE; it writes the status STOPPING when it has seen one of the first two, before it saves. It
    saves at LISTEN too, which the supervisor removes when there is something to hear.
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
        """Its name, which is that of its folder."""
        return self.folder.name

    def config(self) -> TrainConfig:
        """Read its settings.

        Raises:
            RunError: They are missing or damaged.
            ConfigError: They are not understood.
        """
        return replace(TrainConfig.from_json(read_object(self.folder / CONFIG)), run=self.folder)

    def is_alive(self) -> bool:
        """Return whether a process of the run is there, if only to make the last samples."""
        return is_running(self.folder, SUPERVISOR) or is_running(self.folder, TRAINER)

    def state(self) -> RunState:
        """Read its state; a run whose processes are gone becomes INTERRUPTED."""
        # In this order: when no process is left, none changes the state any more either.
        alive = self.is_alive()
        state = read_state(self.folder)
        if alive:
            stopping = self.pending() & {RunRequest.STOP, RunRequest.ABANDON}
            if stopping and state.status in (Status.STARTING, Status.RUNNING):
                return replace(state, status=Status.STOPPING)
            return state
        # A supervisor that ends well removes its pid file. If it was killed, ranks have saved and
        # say that they stopped, though no stop was requested.
        killed = (
            state.status == Status.STOPPED and read_pid_file(self.folder, SUPERVISOR) is not None
        )
        if (state.is_over and not killed) or self.is_alive():
            return state
        return change_state(self.folder, Status.INTERRUPTED, state.reason)

    def metrics(self, event: str, most: int = 2000) -> list[dict[str, object]]:
        """Read lines of metrics.jsonl of one kind, oldest first, evenly thinned to at most `most`.

        Of very long runs only the end is looked at.
        """
        lines = read_end(self.folder / METRICS, _MAX_METRICS_BYTES).splitlines()
        chosen = [line for line in lines if f'"{event}"' in line]
        if len(chosen) > most:
            last = len(chosen) - 1
            chosen = [chosen[round(index * last / (most - 1))] for index in range(most)]
        return [line for line in map(_object, chosen) if line.get("event") == event]

    def log_tail(self, lines: int = 40) -> str:
        """Read the last lines of the log; only the end of the file is read."""
        return tail(self.folder / LOG, lines)

    def checkpoints(self) -> tuple[Path, ...]:
        """List the folders of its complete checkpoints, the newest last."""
        found = filter(_is_checkpoint, folders_in(self.folder / "checkpoints"))
        return tuple(sorted(found, key=step_of))

    def last(self) -> Path | None:
        """Return the newest complete checkpoint."""
        return self._named("last.json") or next(reversed(self.checkpoints()), None)

    def best(self) -> Path | None:
        """Return the checkpoint with the fewest bits per note on held-out music."""
        return self._named("best.json")

    def samples(self) -> tuple[Sample, ...]:
        """List the samples of its checkpoints, by step."""
        return list_samples(self.folder / "samples")

    def request(self, what: RunRequest) -> None:
        """Leave a request; it is forgotten when the run is started again."""
        try:
            (self.folder / "requests").mkdir(exist_ok=True)
            (self.folder / "requests" / what).touch()
        except OSError as error:
            raise RunError(f"{self.name} can't be asked to {what}: {error.strerror}") from error

    def pending(self) -> frozenset[RunRequest]:
        """Return the requests that have not been served."""
        try:
            names = {path.name for path in (self.folder / "requests").iterdir()}
        except FileNotFoundError:
            return frozenset()
        return frozenset(one for one in RunRequest if one.value in names)

    def requested_at(self, what: RunRequest) -> float | None:
        """Return the time of a request that is still pending, in seconds since 1970."""
        try:
            return (self.folder / "requests" / what).stat().st_mtime
        except FileNotFoundError:
            return None

    def clear_requests(self, *what: RunRequest) -> None:
        """Remove requests that are served."""
        for one in what:
            (self.folder / "requests" / one).unlink(missing_ok=True)

    @property
    def torchrun_folder(self) -> Path:
        """What torchrun writes of its own; of no use once it has ended."""
        return self.folder / "torchrun"

    def command(self, worker: str = WORKER) -> tuple[str, ...]:
        """Return the command that trains it on this machine, as a list of words."""
        return (
            *(sys.executable, "-m", "torch.distributed.run", "--standalone"),
            f"--nproc-per-node={num_processes(self.config())}",
            # By default in a temporary folder of the machine, which a killed one leaves there.
            f"--log-dir={self.torchrun_folder}",
            *("--max-restarts=3", "-m", worker, str(self.folder)),
        )

    def _named(self, file: str) -> Path | None:
        try:
            name = read_object(self.folder / "checkpoints" / file).get("folder")
        except RunError:
            return None
        return next((one for one in self.checkpoints() if one.name == name), None)


def step_of(checkpoint: Path) -> int:
    """Return the step at which a checkpoint was saved, by its name; -1 for another name."""
    digits = checkpoint.name.removeprefix("step-")
    return int(digits) if digits.isdecimal() else -1


def _is_checkpoint(folder: Path) -> bool:
    files = (folder / "card.json", folder / "model.safetensors")
    return step_of(folder) >= 0 and not folder.is_symlink() and all(one.is_file() for one in files)


def _object(line: str) -> dict[str, object]:
    try:
        content = json.loads(line)
    except (ValueError, RecursionError):  # the trainer is writing it just now, or it is damaged
        return {}
    return content if isinstance(content, dict) else {}
