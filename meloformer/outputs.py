"""Files that a musician names: checked before the work, written whole, and sentences if they can't.

A file that is a device or a pipe, such as /dev/stdout, is written to as it is.
"""

import errno
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from meloformer.errors import OutputError
from meloformer.files import part_of, write_bytes
from meloformer.phrases import phrase

LEAST_FREE_BYTES = 100_000
"""With less, a disk counts as full: the MIDI file of a song has some 100 kB."""
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_LOCKED = (errno.EROFS, errno.EACCES, errno.EPERM)


def check_outputs(
    paths: Iterable[Path], inputs: Iterable[Path] = (), *, force: bool = False
) -> None:
    """Check that files could be written now.

    Args:
        paths: Of the files.
        inputs: What they are made from, which they may not replace.
        force: Whether they may.

    Raises:
        OutputError: One of them can't be written, two are the same, or one is an input.
    """
    seen: set[Path] = set()
    for path in paths:
        with _sentences(path):
            _check_place(path)
            if not _is_device(path):
                _check_room(path.parent, path)
            place = path.resolve()
        if place in seen and not _is_device(path):
            raise OutputError(
                f"{path} would be written twice.", hint="Give each file a name of its own."
            )
        seen.add(place)
        for source in () if force else inputs:
            if path.exists() and source.exists() and path.samefile(source):
                raise OutputError(
                    f"{path} is what is read, and would be replaced.",
                    hint="Choose another name, or add --force.",
                )


def check_output_folder(folder: Path, inputs: Iterable[Path] = ()) -> None:
    """Check that a folder could be filled now, or made in the nearest that there is.

    Args:
        folder: It may be there already.
        inputs: What is read, which may not be the same folder.

    Raises:
        OutputError: It is a file, is read, or nothing can be written there.
    """
    for source in inputs:
        if folder.exists() and source.exists() and folder.samefile(source):
            raise OutputError(
                f"{folder} is what is read, and what is in it could be replaced.",
                hint="Choose another folder.",
            )
    with _sentences(folder):
        nearest = next(one for one in (folder, *folder.absolute().parents) if one.exists())
        if not nearest.is_dir():
            raise OutputError(f"{nearest} is a file and no folder.", hint="Choose another name.")
        _check_room(nearest, folder)


def write_output(path: Path, content: bytes) -> None:
    """Write a file whole or not at all.

    Raises:
        OutputError: It can't be written.
    """
    with _sentences(path):
        _check_place(path)
        write_bytes(path, content)


def disk_problem(error: BaseException | None) -> OutputError | None:
    """Return the sentence for an error that a full disk or a read-only folder has led to.

    Returns:
        `None` where it was something else.
    """
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return OutputError(
                phrase("The disk of this machine is full."),
                hint=phrase("Make room on it. What is on the page can still be saved as MIDI."),
            )
        if isinstance(error, OSError) and error.errno in _LOCKED:
            return OutputError(
                phrase("The app may not write to one of its folders."),
                hint=phrase("Allow it to. What is on the page can still be saved as MIDI."),
            )
        error = error.__cause__ or error.__context__
    return None


def _check_place(path: Path) -> None:
    if path.is_dir():
        raise OutputError(f"{path} is a folder.", hint="Name a file in it.")
    if _is_device(path):
        return
    folder = path.parent
    if not folder.exists():
        raise OutputError(f"There is no folder {folder}.", hint="Make it first, or choose another.")
    if not folder.is_dir():
        raise OutputError(f"{folder} is a file and no folder.", hint="Choose another name.")


def _check_room(folder: Path, wanted: Path) -> None:
    """Make a file and remove it, which no look at rights and mounts is as sure as."""
    part = part_of(folder / wanted.name)
    try:
        part.open("xb").close()
    finally:
        part.unlink(missing_ok=True)
    if shutil.disk_usage(folder).free < LEAST_FREE_BYTES:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _is_device(path: Path) -> bool:
    return path.exists() and not path.is_file() and not path.is_dir()


@contextmanager
def _sentences(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise OutputError(
                f"The disk is full: {path} is not written.",
                hint="Make room, or choose a place on another disk.",
            ) from error
        reason = error.strerror or str(error)
        raise OutputError(f"{path} can't be written: {reason}.") from error
