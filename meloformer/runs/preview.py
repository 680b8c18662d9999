"""Previews: each checkpoint that is kept continues the prompts, out of the way of the training.

The newest comes first. One process at a time, on the CPU, with what computing time the others
leave.
"""

import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from meloformer.files import is_part, move_file, part_of
from meloformer.runs.folder import Run, step_of
from meloformer.runs.samples import (
    PROMPT_BARS,
    SEED,
    SamplePrompt,
    missing_samples,
    sample_path,
)

_LONGEST_S = 900
_log = logging.getLogger(__name__)

PreviewCommand = Callable[[SamplePrompt, Path, Path], tuple[str, ...]]


def continue_command(prompt: SamplePrompt, checkpoint: Path, out: Path) -> tuple[str, ...]:
    """Return the command that continues a prompt."""
    from_bar = () if prompt.from_bar is None else ("--from-bar", str(prompt.from_bar))
    return (
        *(sys.executable, "-m", "meloformer", "continue", str(prompt.path)),
        *("--model", str(checkpoint), *from_bar, "--bars", str(PROMPT_BARS)),
        *("--seed", str(SEED), "--out", str(out)),
    )


@dataclass
class _PreviewJob:
    """A sample that is being made."""

    process: subprocess.Popen[bytes]
    errors: IO[bytes]
    new: Path
    path: Path
    began: float


class Previewer:
    """The maker of the samples of one run; its `poll_jobs` is called again and again."""

    def __init__(self, run: Run, command: PreviewCommand = continue_command) -> None:
        self._run = run
        self._command = command
        self._job: _PreviewJob | None = None
        self._failed: set[Path] = set()
        for left in (run.folder / "samples").glob(".*"):  # by a supervisor that was killed
            if is_part(left):
                left.unlink(missing_ok=True)

    @property
    def pids(self) -> tuple[int, ...]:
        """Number of the process at work, if there is one."""
        return () if self._job is None else (self._job.process.pid,)

    def poll_jobs(self) -> bool:
        """Keep a sample that is done, and begin the next one.

        Returns:
            Whether one is being made.
        """
        if self._job is not None:
            if self._job.process.poll() is None and time.monotonic() - self._job.began < _LONGEST_S:
                return True
            self._finish_job(self._job)
        for checkpoint in self._wanted():
            if self._job is None:
                self._start_next(checkpoint)
        return self._job is not None

    def is_done(self, checkpoint: Path) -> bool:
        """Return whether a checkpoint has all samples that it will get."""
        return not self._missing(checkpoint)

    def close(self) -> None:
        """End the process at work; its sample is not kept."""
        if self._job is not None:
            self._finish_job(self._job)

    def _wanted(self) -> list[Path]:
        """List the checkpoints that are kept: the one named the last, then the others by age."""
        last = self._run.last()
        others = [one for one in reversed(self._run.checkpoints()) if one != last]
        return others if last is None else [last, *others]

    def _missing(self, checkpoint: Path) -> list[tuple[SamplePrompt, Path]]:
        """List the samples of a checkpoint that are missing and have not failed."""
        folder, step = self._run.folder / "samples", step_of(checkpoint)
        missing = (
            (prompt, sample_path(folder, step, prompt.name))
            for prompt in missing_samples(folder, step)
        )
        return [(prompt, path) for prompt, path in missing if path not in self._failed]

    def _start_next(self, checkpoint: Path) -> None:
        """Begin the first sample of a checkpoint that is missing and has not failed."""
        for prompt, path in self._missing(checkpoint):
            try:
                self._job = self._start(prompt, checkpoint, path)
            except OSError as error:  # the disk is full: the training must go on
                self._record_failure(path, str(error))
            else:
                return

    def _start(self, prompt: SamplePrompt, checkpoint: Path, path: Path) -> _PreviewJob:
        path.parent.mkdir(exist_ok=True)
        new = part_of(path)
        errors = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the job
        process = subprocess.Popen(
            self._command(prompt, checkpoint, new),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env={**os.environ, "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"},
        )
        os.setpriority(os.PRIO_PROCESS, process.pid, 19)
        return _PreviewJob(process, errors, new, path, time.monotonic())

    def _finish_job(self, job: _PreviewJob) -> None:
        self._job = None
        job.process.kill()
        with job.errors as errors:
            if job.process.wait() == 0 and job.new.is_file():
                move_file(job.new, job.path)
                return
            job.new.unlink(missing_ok=True)
            errors.seek(0)
            said = errors.read(1 << 16).decode("utf-8", errors="replace").strip()
            self._record_failure(job.path, said.rpartition("\n")[2] or "it was ended")

    def _record_failure(self, path: Path, reason: str) -> None:
        self._failed.add(path)
        _log.warning("no sample %s: %s", path.stem, reason)
