"""The workspace: all runs, named, made and found; and the names that other rooms import.

Nothing here imports torch, so that the app may look at every run each second. What trains a run
calls `stop_when_orphaned` in each rank and `write_pid_file(folder, TRAINER)` in rank 0, reports its
state by `write_state`, and obeys requests as `RunRequest` says.
"""

import shutil
import unicodedata
from dataclasses import fields, replace
from pathlib import Path

from meloformer.errors import RunError
from meloformer.files import write_json
from meloformer.phrases import phrase
from meloformer.runs.config import TrainConfig
from meloformer.runs.folder import CONFIG, Run, RunRequest, step_of
from meloformer.runs.processes import (
    SUPERVISOR,
    TRAINER,
    end_processes,
    stop_when_orphaned,
    write_pid_file,
)
from meloformer.runs.samples import Sample
from meloformer.runs.state import RunState, Status, read_state, write_state

__all__ = [
    "RUNS",
    "SUPERVISOR",
    "TRAINER",
    "Run",
    "RunRequest",
    "RunState",
    "Sample",
    "Status",
    "begin_run",
    "create_run",
    "list_runs",
    "open_run",
    "read_state",
    "rename_run",
    "require_rest",
    "step_of",
    "stop",
    "stop_when_orphaned",
    "validate_name",
    "write_pid_file",
    "write_state",
]

RUNS = Path("runs")
_MAX_NAME = 60
_SAMPLES_GRACE_S = 5.0
_PORTS = (f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))
_RESERVED = {"con", "prn", "aux", "nul", *_PORTS}


def validate_name(name: str) -> str:
    """Return the name of a run, which becomes that of a folder, or refuse it.

    Letters that only look otherwise, such as wide ones, become the usual ones (NFKC).

    Raises:
        RunError: It could not be one on every system, or would lie elsewhere.
    """
    name = unicodedata.normalize("NFKC", name)
    plain = name.replace("-", "").replace("_", "").replace(" ", "")
    if not plain.isalnum() or name != name.strip() or name.startswith("-"):
        raise RunError(
            phrase(
                "a run can't be named {name!r}",
                name=name[:_MAX_NAME],
            ),
            hint="letters, digits, spaces, - and _ make a name, such as my-songs-2",
        )
    if len(name) > _MAX_NAME:
        raise RunError(
            phrase(
                "a run's name has at most {max_name} characters, not {count}",
                max_name=_MAX_NAME,
                count=len(name),
            )
        )
    if name.lower() in _RESERVED:
        raise RunError(
            phrase(
                "{name} is a name that some systems keep for themselves",
                name=name,
            )
        )
    return name


def create_run(name: str, config: TrainConfig, root: Path = RUNS) -> Run:
    """Make the folder of a new run with its settings, and start nothing.

    Paths are made absolute, so that the run can go on from anywhere.

    Raises:
        RunError: The name won't do, or there is such a run.
    """
    folder = root.resolve() / validate_name(name)
    config, is_new = _in_folder(config, folder), False
    try:
        root.mkdir(parents=True, exist_ok=True)
        if any(one.name.casefold() == folder.name.casefold() for one in root.iterdir()):
            raise FileExistsError(folder)  # on a disk that tells "jigs" from "Jigs", too
        folder.mkdir()
        is_new = True
        write_json(folder / CONFIG, config.to_json())
        write_state(folder, RunState(status=Status.STOPPED, steps=config.steps))
    except FileExistsError as error:
        raise RunError(
            phrase(
                "there is a run named {name} already",
                name=name,
            ),
            hint="resume it, or choose another name",
        ) from error
    except OSError as error:
        if is_new:
            shutil.rmtree(folder, ignore_errors=True)
        raise RunError(
            phrase(
                "{folder} can't be written: {strerror}",
                folder=folder,
                strerror=error.strerror,
            )
        ) from error
    return Run(folder)


def begin_run(config: TrainConfig) -> Run:
    """Return the run in the folder `config.run`, made if it is not there yet; start nothing.

    So the same command begins a run and goes on with it.

    Raises:
        RunError: The run was begun with other settings, or can't be made.
    """
    run = Run(config.run.resolve())
    if not _is_run(run.folder):
        return create_run(run.name, config, run.folder.parent)
    begun, now = run.config(), _in_folder(config, run.folder)
    names = (one.name for one in fields(config))
    if other := [name for name in names if getattr(begun, name) != getattr(now, name)]:
        raise RunError(
            phrase(
                "the run in {run} was begun with other settings: {names}",
                run=config.run,
                names=", ".join(other),
            ),
            hint="go on with the same settings, or choose another folder",
        )
    return run


def open_run(name: str, root: Path = RUNS) -> Run:
    """Return the run of that name.

    Raises:
        RunError: There is none.
    """
    run = Run(root.resolve() / validate_name(name))
    if not _is_run(run.folder):
        raise RunError(
            phrase(
                "there is no run named {name} in {root}",
                name=name,
                root=root,
            )
        )
    return run


def list_runs(root: Path = RUNS) -> tuple[Run, ...]:
    """List all runs below a folder, newest first, without links and other folders."""
    if not root.is_dir():
        return ()
    folders = [one for one in root.resolve().iterdir() if _is_run(one)]
    return tuple(map(Run, sorted(folders, key=_created, reverse=True)))


def require_rest(run: Run) -> None:
    """Refuse what cannot be done to a run that goes on; end what still makes samples of it.

    Raises:
        RunError: It goes on.
    """
    if run.is_alive() or not run.state().is_over:
        raise RunError(
            phrase(
                "{run_name} goes on still",
                run_name=run.name,
            ),
            hint="stop it first",
        )
    end_processes(run.folder, _SAMPLES_GRACE_S)


def rename_run(run: Run, name: str) -> Run:
    """Give a run that is at rest another name, which is that of its folder.

    Raises:
        RunError: The name won't do or is taken, or the run goes on.
    """
    folder = run.folder.with_name(validate_name(name))
    if folder == run.folder:
        return run
    # A disk may take "jigs" and "Jigs" for one name: then it is the run's own.
    if folder.exists() and not folder.samefile(run.folder):
        raise RunError(
            phrase(
                "there is a run named {name} already",
                name=name,
            ),
            hint="choose another name",
        )
    require_rest(run)
    try:
        run.folder.rename(folder)
    except OSError as error:
        raise RunError(
            phrase(
                "{run_name} can't be renamed: {strerror}",
                run_name=run.name,
                strerror=error.strerror,
            )
        ) from error
    return Run(folder)


def stop(run: Run) -> None:
    """Request a run to save and end; its supervisor makes sure that it does."""
    run.request(RunRequest.STOP)


def _in_folder(config: TrainConfig, folder: Path) -> TrainConfig:
    base = None if config.base is None else config.base.resolve()
    return replace(config, run=folder, shards=config.shards.resolve(), base=base)


def _is_run(folder: Path) -> bool:
    try:
        validate_name(folder.name)
    except RunError:
        return False
    config = folder / CONFIG
    return not folder.is_symlink() and config.is_file() and not config.is_symlink()


def _created(folder: Path) -> tuple[int, str]:
    try:
        return (folder / CONFIG).stat().st_mtime_ns, folder.name
    except FileNotFoundError:  # it is being removed just now
        return 0, folder.name
