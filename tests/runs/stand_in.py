"""A worker as the supervisor knows it, without a model: a real process that counts its steps.

What it is like stands in the run's file `temper`.
"""

import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path

from meloformer.registry import CHECKPOINTS, DEFAULT
from meloformer.runs.workspace import (
    TRAINER,
    Run,
    RunRequest,
    RunState,
    Status,
    stop_when_orphaned,
    write_pid_file,
    write_state,
)

STEP_S = 0.05


class Worker:
    def __init__(self, run: Run) -> None:
        self.run = run
        self.steps = run.config().steps
        self.progress = run.folder / "progress.json"
        self.step = json.loads(self.progress.read_text()) if self.progress.exists() else 0
        self.leads = os.environ["RANK"] == "0"
        self.signalled = False
        self.save_s = 0.0
        self.heard: frozenset[RunRequest] = frozenset()

    def say(self, status: Status, reason: str = "") -> None:
        if self.leads:
            state = RunState(status=status, step=self.step, steps=self.steps, reason=reason)
            write_state(self.run.folder, state)

    def wants_to_stop(self) -> bool:
        return self.signalled or bool(self.run.pending() & {RunRequest.STOP, RunRequest.ABANDON})

    def save(self) -> None:
        if self.leads:
            self.progress.write_text(json.dumps(self.step))

    def save_checkpoint(self) -> None:
        folder = self.run.folder / "checkpoints" / f"step-{self.step:06d}"
        if self.leads and not folder.exists():
            shutil.copytree(CHECKPOINTS / DEFAULT, folder)
            folder.touch()

    def train(self) -> None:
        self.say(Status.RUNNING)
        while self.step < self.steps and not self.wants_to_stop():
            time.sleep(STEP_S)
            self.step += 1
            self.say(Status.RUNNING)
            if self.run.pending() & {RunRequest.SAVE, RunRequest.LISTEN} - self.heard:
                self.save_checkpoint()
                self.heard = self.run.pending()
                self.run.clear_requests(RunRequest.SAVE)
        self.say(Status.STOPPING)
        time.sleep(self.save_s)
        self.save()
        self.say(Status.FINISHED if self.step >= self.steps else Status.STOPPED)


def main() -> None:
    run = Run(Path(sys.argv[1]))
    worker = Worker(run)
    temper = (run.folder / "temper").read_text() if (run.folder / "temper").exists() else ""
    stop_when_orphaned()
    if worker.leads:
        write_pid_file(run.folder, TRAINER)
    signal.signal(signal.SIGTERM, lambda *_: setattr(worker, "signalled", True))
    match temper:
        case "deaf":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            worker.say(Status.RUNNING)
            time.sleep(600)
        case "clumsy":
            raise ValueError("the music is too good")
        case "mute":
            os._exit(3)
        case "slow to save":
            worker.save_s = 2
        case "chatty":
            line = "x" * 99 + "\n"
            for _ in range(100):
                sys.stdout.write(line * 1000)
            sys.stdout.write("that was all\n")
            sys.stdout.flush()
    worker.train()


if __name__ == "__main__":
    main()
