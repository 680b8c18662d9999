"""The worker: trains a run alone, or as one of the processes that torchrun starts.

    torchrun --standalone --nproc-per-node=2 -m meloformer.training.worker RUN

RUN is a folder with `config.json`. On several machines it lies on storage that all of them see, as
does what the run is trained on. The exit code is 0 when the run is over or was stopped, else 1, and
then torchrun starts all processes again, from the last checkpoint. What would only fail again is
said in the run's state and not tried again.
"""

import argparse
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import fields, replace
from pathlib import Path

from meloformer.cpu_workarounds import avoid_broken_amx
from meloformer.errors import MeloFormerError, RunError
from meloformer.lock import locked
from meloformer.runs.config import TrainConfig
from meloformer.runs.folder import CONFIG, Run
from meloformer.runs.processes import TRAINER, stop_when_orphaned, write_pid_file
from meloformer.runs.state import Status, change_state, read_state
from meloformer.runs.workspace import create_run
from meloformer.training.compile_cache import keep_compiled
from meloformer.training.start import StartClock

_BASE = "base"
_log = logging.getLogger(__name__)


def train(config: TrainConfig) -> Path:
    """Train as `config` says, in this process; resume a run that was begun.

    Returns:
        The folder of the last checkpoint.

    Raises:
        MeloFormerError: The run was begun with other settings, is being trained already, or failed;
            the state of the run then says why.
    """
    folder = config.run.resolve()
    if not (folder / CONFIG).exists():
        create_run(folder.name, config, folder.parent)
    begun = Run(folder).config()
    other = [one.name for one in fields(config) if not _is_same(one.name, config, begun)]
    if other:
        raise RunError(
            f"the run in {config.run} was begun with other settings: {', '.join(other)}",
            hint="go on with the same settings, or choose another folder",
        )
    return train_run(folder)


def train_run(folder: Path) -> Path:
    """Begin or resume the run in a folder.

    Returns:
        The folder of the last checkpoint.

    Raises:
        MeloFormerError: As `train`.
        RuntimeError: Another process of the run is gone.
    """
    clock = StartClock()
    clock.is_over("python")
    from meloformer.training.failures import reason_of
    from meloformer.training.parallel.distributed import join_processes
    from meloformer.training.trainer import Trainer

    clock.is_over("torch")
    config = Run(folder).config()
    if config.base is not None:
        config = replace(config, base=folder / _BASE)
    with _run_lock(folder) if _is_main() else nullcontext():
        try:
            with join_processes(config.timeout_s) as context:
                if context.is_main:
                    _prepare_folder(folder)
                if context.device.type == "cuda":
                    keep_compiled(folder.parent / ".compiled")
                context.sum([0.0])  # the others wait until the folder is ready
                clock.is_over("device")
                return Trainer(config, context, clock).run()
        except Exception as error:
            reason = reason_of(error, config)
            if not reason:
                raise
            _fail(folder, reason)
            if isinstance(error, MeloFormerError):
                raise
            _log.error("what went wrong in detail:", exc_info=error)
            raise RunError(reason) from error


def main() -> int:
    """Train the run named on the command line."""
    parser = argparse.ArgumentParser(description="Train a run; start it by torchrun.")
    parser.add_argument("run", type=Path, help="its folder")
    folder = parser.parse_args().run.resolve()
    if _is_main():
        logging.basicConfig(level=logging.INFO, format="%(message)s")
    else:
        logging.basicConfig(level=logging.WARNING, format=f"rank {os.environ['RANK']}: %(message)s")
    restarted = os.environ.get("TORCHELASTIC_RESTART_COUNT", "0") != "0"
    if restarted and read_state(folder).status == Status.FAILED:
        return 1  # it would fail again
    if "TORCHELASTIC_RUN_ID" in os.environ:
        stop_when_orphaned()
    avoid_broken_amx()
    try:
        train_run(folder)
    except MeloFormerError as error:
        _log.error("%s", error)
        return 1
    except RuntimeError as error:
        _log.error("another process of the run is gone: %s", error)
        return 1
    return 0


def _prepare_folder(folder: Path) -> None:
    """Prepare the run folder in the first process, before the others look into it."""
    from meloformer.training.weights import copy_base

    write_pid_file(folder, TRAINER)
    change_state(folder, Status.STARTING)
    (folder / "checkpoints").mkdir(exist_ok=True)
    base = Run(folder).config().base
    if base is not None:
        copy_base(base, folder / _BASE)


def _fail(folder: Path, reason: str) -> None:
    try:
        change_state(folder, Status.FAILED, reason)
    except OSError as error:  # the disk may be full to the last byte
        _log.error("the state of the run cannot be written: %s", error)


@contextmanager
def _run_lock(folder: Path) -> Iterator[None]:
    """Hold the run folder's lock, which goes with the process however it ends."""

    def refusal() -> RunError:
        return RunError(f"the run in {folder} is being trained by another process")

    with locked(folder / "lock", refusal):
        yield


def _is_main() -> bool:
    return os.environ.get("RANK", "0") == "0"


def _is_same(name: str, config: TrainConfig, begun: TrainConfig) -> bool:
    one, other = getattr(config, name), getattr(begun, name)
    if isinstance(one, Path) and isinstance(other, Path):
        return one.resolve() == other.resolve()
    return bool(one == other)


if __name__ == "__main__":
    sys.exit(main())
