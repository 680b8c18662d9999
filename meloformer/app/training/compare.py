"""The model as it was before training, heard on the same prompts and seed as its checkpoints."""

import logging
import os
import subprocess
from contextvars import copy_context
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread

from meloformer.files import replaced_file
from meloformer.runs.preview import continue_command
from meloformer.runs.samples import missing_samples, sample_path
from meloformer.runs.workspace import Run

BEFORE = 0
"""The step that its samples are filed under."""
_LONGEST_S = 600
logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Comparisons:
    """Samples of the bases of runs, made with the computing time that others leave."""

    _working: set[Path] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def is_working(self, run: Run) -> bool:
        """Return whether samples of this run's base are being made."""
        return run.folder in self._working

    def start(self, run: Run, base: Path) -> None:
        """Make the samples that are missing, and return at once."""
        with self._lock:
            if run.folder in self._working:
                return
            self._working.add(run.folder)
        Thread(target=copy_context().run, args=(self._make, run, base), daemon=True).start()

    def _make(self, run: Run, base: Path) -> None:
        folder = run.folder / "samples"
        try:
            folder.mkdir(exist_ok=True)
            for prompt in missing_samples(folder, BEFORE):
                path = sample_path(folder, BEFORE, prompt.name)
                with replaced_file(path) as new:
                    _run(continue_command(prompt, base, new))
        except (OSError, subprocess.SubprocessError) as error:
            logger.warning("A sample of the model before training failed.", exc_info=error)
        finally:
            self._working.discard(run.folder)


def _run(command: tuple[str, ...]) -> None:
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment,
    ) as process:
        os.setpriority(os.PRIO_PROCESS, process.pid, 19)
        try:
            _, said = process.communicate(timeout=_LONGEST_S)
        finally:
            process.kill()
    if process.returncode:
        raise OSError(said.decode(errors="replace").strip().rpartition("\n")[2])
