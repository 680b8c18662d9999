"""Room for small files where the disk takes none: what is in memory can still be saved."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from secrets import token_hex
from uuid import uuid4

import psutil

from meloformer.files import write_bytes

_IN_MEMORY = Path("/dev/shm")
"""On Linux; elsewhere the system's folder for temporary files serves."""
_PREFIX = "meloformer-spare-"


def spare_folder(parent: Path | None = None) -> Path:
    """Return a folder that is not there until it is needed, and goes with the app.

    Those of apps that were killed go now.

    Args:
        parent: Where it is; by default in memory.
    """
    if parent is None:
        is_there = _IN_MEMORY.is_dir() and os.access(_IN_MEMORY, os.W_OK)
        parent = _IN_MEMORY if is_there else Path(tempfile.gettempdir())
    for left in abandoned_folders(parent):
        shutil.rmtree(left, ignore_errors=True)
    folder = (parent / f"{_PREFIX}{os.getpid()}-{token_hex(8)}").resolve()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def abandoned_folders(parent: Path) -> list[Path]:
    """Return the folders in a parent whose apps are gone."""
    return [
        folder
        for folder in parent.glob(f"{_PREFIX}*-*")
        if (pid := folder.name.removeprefix(_PREFIX).partition("-")[0]).isdecimal()
        and not psutil.pid_exists(int(pid))
    ]


def write_small(folders: Iterable[Path], filename: str, content: bytes) -> Path:
    """Write a file whole, into a new folder in the first of some that takes it.

    Args:
        folders: Made if they are missing, for nobody else to look into.
        filename: What it is called there.
        content: Its bytes.

    Raises:
        OSError: None of them takes it.
    """
    failed: OSError | None = None
    for folder in folders:
        path = folder / uuid4().hex / filename
        try:
            folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.parent.mkdir(parents=True)
            write_bytes(path, content)
        except OSError as error:
            failed = failed or error
            shutil.rmtree(path.parent, ignore_errors=True)
        else:
            return path
    assert failed is not None, "there is a folder"
    raise failed
