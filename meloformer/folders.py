"""Folders that are replaced whole: a reader finds the old or the new one, never none, never half.

The new folder is complete and forced to the disk before two renames put it in its place: NAME
becomes `.NAME-old`, the new one becomes NAME. A lock file, `.NAME.lock`, is held meanwhile. A
process that is killed between the renames leaves `.NAME-old` and no NAME; the next reader or writer
takes the lock, which it cannot get while the writer lives, and renames it back.

What is removed is renamed before, so that `.NAME-old` is whole whenever it is there.
"""

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from meloformer.files import force_to_disk, is_part, part_of
from meloformer.lock import locked

T = TypeVar("T")

_OLD_SUFFIX = "-old"
_LOCK_SUFFIX = ".lock"
_MAX_SYNCED_FILES = 256
"""A folder of more files is forced to the disk with all that the machine has yet to write."""
_LOCK_TIMEOUT_S = 10.0
"""A holder has two renames to do."""
_READ_TRIES = 20


@contextmanager
def replaced_folder(folder: Path) -> Iterator[Path]:
    """Replace a folder, which may exist, by what the block writes if it ends without an error.

    Yields:
        A new folder beside it, to be filled.

    Raises:
        OSError: The disk fails, or another process does not end replacing the folder.
    """
    new = part_of(folder)
    new.mkdir()
    try:
        yield new
        replace_folder(new, folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def replace_folder(new: Path, folder: Path) -> None:
    """Put a complete folder of the same disk in the place of another, which may exist."""
    _force_tree_to_disk(new)
    old = _old(folder)
    with _swap_lock(folder):
        _bring_back(folder)
        if folder.exists():
            _remove(old)
            folder.rename(old)
        try:
            new.rename(folder)
        except OSError:
            _bring_back(folder)
            raise
        force_to_disk(folder.parent)
        _remove(old)


def remove_folder(folder: Path) -> None:
    """Remove a folder; a reader finds it whole or not at all."""
    with _swap_lock(folder):
        _bring_back(folder)
        _remove(_old(folder))
        _remove(folder)


def read_folder(folder: Path, read: Callable[[Path], T]) -> T:
    """Return what `read` makes of a folder, all of it from one version.

    Args:
        folder: May be replaced meanwhile; then it is read again.
        read: Reads files of the folder that it is given.

    Raises:
        OSError: The folder is replaced faster than it can be read.
    """
    for _ in range(_READ_TRIES):
        found = _find(folder)
        path = found or folder
        before = _identity(path)
        is_taken_away = found is not None and before is None  # by a writer, just now
        try:
            result = read(path)
        except Exception:
            if _identity(path) == before and not is_taken_away:
                raise
        else:
            if _identity(path) == before:
                return result
    raise OSError(f"{folder} is replaced faster than it can be read")


def recover_folder(folder: Path) -> Path:
    """Bring a folder back whose replacement was cut short, and wait for one that goes on.

    Returns:
        Where the folder is: `folder`, or what was put aside if nothing may be renamed there.
    """
    return _find(folder) or folder


def folders_in(parent: Path) -> list[Path]:
    """Return the folders below `parent` by name, with those that had to be brought back.

    What is hidden is left out.
    """
    if not parent.is_dir():
        return []
    names: set[str] = set()
    for path in parent.iterdir():
        if not path.name.startswith("."):
            names.add(path.name)
        for suffix in (_OLD_SUFFIX, _LOCK_SUFFIX):
            if path.name.startswith(".") and path.name.endswith(suffix):
                names.add(path.name[1 : -len(suffix)])
    found = [_find(parent / name) for name in sorted(names)]
    return [path for path in found if path is not None]


def remove_leftovers(parent: Path) -> None:
    """Remove what killed processes had begun in a folder that no other process writes to."""
    for path in filter(is_part, parent.glob(".*")):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _find(folder: Path) -> Path | None:
    """Return where a folder is; None if there is none.

    What one look has found is final: a writer may take the folder away before the next look. Where
    it is missing, the lock tells whether it is being replaced.
    """
    try:
        return folder if stat.S_ISDIR(folder.stat().st_mode) else None
    except OSError:
        pass
    if not folder.parent.is_dir():
        return None
    try:
        with _swap_lock(folder):
            _bring_back(folder)
            return folder if folder.is_dir() else None
    except OSError:  # no right to write
        return next((path for path in (folder, _old(folder)) if path.is_dir()), None)


def _old(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}{_OLD_SUFFIX}")


@contextmanager
def _swap_lock(folder: Path) -> Iterator[None]:
    def refusal() -> OSError:
        return TimeoutError(f"{folder} is being replaced by another process")

    path = folder.with_name(f".{folder.name}{_LOCK_SUFFIX}")
    with locked(path, refusal, timeout_s=_LOCK_TIMEOUT_S, keep_file=False):
        yield


def _bring_back(folder: Path) -> None:
    """Undo the first rename of a replacement that was cut short; the lock is held."""
    if not folder.exists() and _old(folder).exists():
        _old(folder).rename(folder)


def _remove(folder: Path) -> None:
    """Take a folder's name away at once, and its content after that."""
    if folder.exists():
        part = part_of(folder)
        folder.rename(part)
        shutil.rmtree(part, ignore_errors=True)


def _identity(folder: Path) -> tuple[int, int, int] | None:
    """Return an identity that a folder does not share with its successor; None without it."""
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns


def _force_tree_to_disk(folder: Path) -> None:
    """Force a folder to the disk with all that is in it, readable for whom the folder is."""
    readable = folder.stat().st_mode & 0o666
    folders = [folder]
    files: list[Path] = []
    for path in folder.rglob("*"):
        if not path.is_symlink():
            (folders if path.is_dir() else files).append(path)
    for path in files:
        if path.stat().st_mode & 0o666 != readable:  # some libraries make files for their owner
            path.chmod(readable)
    if len(files) > _MAX_SYNCED_FILES and hasattr(os, "sync"):
        os.sync()
        return
    for path in (*files, *folders):
        force_to_disk(path)
