"""The verbs of the command line that concern training: `train`, `fine-tune` and `runs`.

A run started here is the same as one started in the browser: each shows and stops the other's.
"""

import json
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Literal

import tyro

import meloformer as mf
from meloformer.errors import RunError
from meloformer.runs.config import Method, TrainConfig
from meloformer.runs.workspace import (
    RUNS,
    Run,
    RunRequest,
    Status,
    list_runs,
    open_run,
    stop,
)

if TYPE_CHECKING:
    from meloformer.runs.state import RunState

Action = Literal["list", "watch", "resume", "stop", "abandon", "save", "listen", "end"]


def train(
    config: Annotated[TrainConfig, tyro.conf.arg(name="")],
    detach: bool = False,
    create: bool = False,
) -> None:
    """Train a model on shards made by `prepare`, on all devices of this machine.

    The same command begins a run and goes on with it. Ctrl-C saves and stops, twice ends it.

    Args:
        config: The run.
        detach: Return at once; the run goes on by itself.
        create: Only make the run folder, for torchrun on several machines.
    """
    run = Run(mf.train(config, start=False).folder)
    if create:
        _say(
            "on each machine, with its number of GPUs and the name of one of them:\n"
            "torchrun --nnodes=2 --nproc-per-node=8 --rdzv-backend=c10d --rdzv-endpoint=HOST:29400 "
            f"--rdzv-id={run.name!r} --max-restarts=3 "
            f"-m meloformer.training.worker {str(run.folder)!r}"
        )
    else:
        _start(run, detach)


def fine_tune(
    shards: Path,
    run: Path,
    base: Path | None = None,
    method: Method = "lora",
    minutes: float = 10.0,
    detach: bool = False,
) -> None:
    """Teach a trained model the style of your files, with the settings that the app offers.

    Args:
        shards: Folder made by `prepare`.
        run: Folder that receives settings, state, metrics, log and checkpoints.
        base: Checkpoint to start from; the shipped one if not given.
        method: "lora" for a handful of files, "full" for fifty and more.
        minutes: How long.
        detach: Return at once; the run goes on by itself.
    """
    begun = mf.fine_tune(shards, run, base=base, method=method, minutes=minutes, start=False)
    _start(Run(begun.folder), detach)


def runs(
    action: Annotated[Action, tyro.conf.Positional] = "list",
    name: Annotated[str, tyro.conf.Positional] = "",
    /,
    root: Path = RUNS,
    detach: bool = False,
    json_: Annotated[bool, tyro.conf.arg(name="json")] = False,
) -> None:
    """List training runs, or do something about one.

    Args:
        action: What to do: watch its log, resume it, stop (saves first), abandon (does not save),
            save now, listen (save, and make samples of it), end (kill what does not stop).
        name: Of the run.
        root: Folder of the runs.
        detach: Let a resumed run go on by itself.
        json_: Print JSON.
    """
    if action == "list":
        _list([open_run(name, root)] if name else list_runs(root), json_)
    elif not name:
        raise RunError(f"there is no run to {action} without a name", hint="list shows them all")
    else:
        _act(action, open_run(name, root), detach)


def _act(action: Action, run: Run, detach: bool) -> None:
    from meloformer.runs.launch import force_stop

    acts: dict[str, Callable[[], None]] = {
        "watch": lambda: _watch(run, _show_tail(run)),
        "resume": lambda: _start(run, detach),
        "end": lambda: force_stop(run),
    }
    act = acts.get(action, lambda: _ask(run, RunRequest(action)))
    act()
    if action != "watch":
        _say(_words(run))


def _ask(run: Run, what: RunRequest) -> None:
    if run.state().is_over:
        raise RunError(f"{run.name} does not run", hint=f"meloformer runs resume {run.name!r}")
    run.request(what)


def _start(run: Run, detach: bool) -> None:
    """Start a run and, unless it shall go on by itself, stay until it is over."""
    from meloformer.runs.launch import force_stop, start

    before = _log_size(run)
    if detach:
        start(run)
        of = f"{run.name!r} --root {str(run.folder.parent)!r}"
        _say(f"{run.name} is started: meloformer runs watch {of}")
        _say(f"it is stopped by: meloformer runs stop {of}")
        return
    with _sigterm_interrupts():
        try:
            start(run)
            _watch(run, before)
        except KeyboardInterrupt:
            try:
                _note("saves and stops; once more to end it at once")
                stop(run)
                _watch(run, _log_size(run))
            except KeyboardInterrupt:
                force_stop(run, grace_s=1)
    _say(_words(run))


@contextmanager
def _sigterm_interrupts() -> Iterator[None]:
    """Let SIGTERM, by which a batch system says that time is up, do what Ctrl-C does."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _watch(run: Run, start: int) -> None:
    """Print the log from a byte on until the run is over.

    Raises:
        RunError: It has failed, or was interrupted.
    """
    from meloformer.runs.log import LOG, follow

    for text in follow(run.folder / LOG, start, lambda: run.state().is_over):
        sys.stdout.write(text)
        sys.stdout.flush()
    state = run.state()
    if state.status in (Status.FAILED, Status.INTERRUPTED):
        raise RunError(
            f"{run.name} {_STATUS_WORDS[state.status]}: {state.reason or 'its processes are gone'}",
            hint=f"meloformer runs resume {run.name!r} goes on from its last checkpoint",
        )


def _list(found: "list[Run] | tuple[Run, ...]", as_json: bool) -> None:
    if as_json:
        rows = [
            {"name": one.name, "folder": str(one.folder), **asdict(one.state())} for one in found
        ]
        _say(json.dumps(rows, ensure_ascii=False))
    else:
        _say("\n".join(map(_words, found)) or "there are no runs yet")


_STATUS_WORDS = {Status.FAILED: "has failed", Status.INTERRUPTED: "was interrupted"}


def _words(run: Run) -> str:
    """Describe a run in a line: name, status, and what is known of the rest."""
    state = run.state()
    return "  ".join([run.name, state.status, *_progress(state), state.reason]).rstrip()


def _progress(state: "RunState") -> list[str]:
    from meloformer.training.journal import duration

    of = f" of {state.steps:,}" if state.steps else f", {state.fraction:.0%}"
    words = [f"step {state.step:,}{of}"]
    if state.bits_per_note is not None:
        words.append(f"{state.bits_per_note:.2f} bits per note")
    if state.seconds_left is not None and not state.is_over:
        words.append(f"{duration(state.seconds_left)} left")
    return words


def _show_tail(run: Run) -> int:
    """Print the end of the log.

    Returns:
        Where what follows begins, in bytes.
    """
    size = _log_size(run)
    _say(run.log_tail(10))
    return size


def _log_size(run: Run) -> int:
    from meloformer.runs.log import LOG

    log = run.folder / LOG
    return log.stat().st_size if log.exists() else 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _note(text: str) -> None:
    sys.stderr.write(f"{text}\n")
