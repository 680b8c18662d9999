"""The verb of the command line that concerns models as files: `models`."""

from pathlib import Path
from typing import Annotated, Literal

import tyro

import meloformer as mf
from meloformer.cli.output import show
from meloformer.errors import CheckpointError, ConfigError, OutputError
from meloformer.outputs import check_outputs
from meloformer.registry import IMPORTED_PREFIX, RUN_PREFIX, ModelEntry
from meloformer.resources import run_folder

Action = Literal["list", "export", "import"]


def models(
    action: Annotated[Action, tyro.conf.Positional] = "list",
    what: Annotated[str, tyro.conf.Positional] = "",
    out: Annotated[Path | None, tyro.conf.Positional] = None,
    /,
    root: Path | None = None,
    name: str = "",
    force: bool = False,
    json_: Annotated[bool, tyro.conf.arg(name="json")] = False,
) -> None:
    """List the models that can be used, or carry one to another machine.

    `models export NAME OUT.zip` writes a model with its card and whom its music was by; `models
    import FILE.zip` brings it there, where the app then offers it too.

    Args:
        action: What to do: list them, export one, import one.
        what: The name of the model to export, as listed; a run's needs no "runs/". Or the ZIP to
            import.
        out: Receives the exported model, a ZIP.
        root: Folder of the runs and of what is imported; by default `runs`, of the checkout if
            there is one.
        name: By which the model is offered where it is brought; its own by default.
        force: Let the ZIP replace a file that is there.
        json_: Print JSON.
    """
    workspace = root or run_folder()
    if action == "list":
        _list(mf.models(workspace), json_)
        return
    if not what:
        raise ConfigError(f"There is nothing to {action} without a name.", hint="list shows all.")
    try:
        if action == "export":
            _export(what, name, out or Path(f"{_short(what)}.zip"), workspace, force, json_)
        else:
            from meloformer.model_archive import read_archive  # which loads torch

            _list((read_archive(Path(what), workspace, name),), json_)
    except OSError as error:
        raise OutputError(f"The model cannot be written: {error.strerror}.") from error


def guard_words(is_there: bool) -> str:
    """Return in words whether a model is kept from copying its training music."""
    return "with copy guard" if is_there else "no copy guard"


def _list(entries: tuple[ModelEntry, ...], as_json: bool) -> None:
    rows = [
        {
            "name": one.name,
            "path": str(one.path),
            "metrics": one.card.metrics,
            "copy_guard": one.has_copy_guard,
        }
        for one in entries
    ]
    lines = [
        f"{one.name}  {one.card.steps:,} steps  {guard_words(one.has_copy_guard)}  {one.path}"
        for one in entries
    ]
    show(rows, lines, as_json)


def _export(what: str, name: str, path: Path, workspace: Path, force: bool, as_json: bool) -> None:
    from meloformer.model_archive import write_archive

    entry = _find(what, workspace)
    if path.exists() and not force:
        raise ConfigError(f"There is {path} already.", hint="Choose another name, or --force.")
    check_outputs([path])
    write_archive(entry.path, name or _short(entry.name), path)
    show({"name": entry.name, "zip": str(path)}, [f"{entry.name} is in {path}"], as_json)


def _find(name: str, workspace: Path) -> ModelEntry:
    found = {one.name: one for one in mf.models(workspace)}
    names = (name, f"{RUN_PREFIX}{name}", f"{IMPORTED_PREFIX}{name}")
    entry = next((found[one] for one in names if one in found), None)
    if entry is None:
        raise CheckpointError(f"there is no model named {name}", hint="meloformer models lists all")
    return entry


def _short(name: str) -> str:
    """Return the name of a model without where it is from, fit for a file."""
    short = name.removeprefix(RUN_PREFIX).removeprefix(IMPORTED_PREFIX)
    return short.replace("/", " ")
