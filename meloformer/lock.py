"""One lock for processes: a file that is locked as long as its holder, or a child of it, lives.

The operating system releases the lock however a process ends, so a lock is never left behind. An
open file stands for it: a child that inherits the file keeps the lock when its parent is killed,
for which reason this is not `filelock`.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_POLL_S = 0.02

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _share_lock(descriptor: int) -> None:
        """Keep it, as there is none to share: of several processes one has it."""
        del descriptor
else:
    import fcntl

    def _share_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_SH)

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def locked(
    path: Path,
    refusal: Callable[[], Exception],
    *,
    timeout_s: float = 0.0,
    keep_file: bool = True,
) -> Iterator[BinaryIO]:
    """Hold the lock of a file, which is made if it is missing.

    Args:
        path: The file. Its content does not matter.
        refusal: Makes the error that tells why there is no going on while another holds the lock.
        timeout_s: How long to wait for another holder before that.
        keep_file: Leave the file where it is afterwards.

    Yields:
        The open file; a process that inherits it holds the lock too.

    Raises:
        OSError: The file cannot be made.
    """
    until = time.monotonic() + timeout_s
    while (file := try_lock(path)) is None:
        if time.monotonic() >= until:
            raise refusal()
        time.sleep(_POLL_S)
    with file:
        try:
            yield file
        finally:
            if not keep_file:  # while it is locked, lest another holder's file is removed
                with suppress(OSError):  # where open files stay
                    path.unlink()


def try_lock(path: Path) -> BinaryIO | None:
    """Take the lock of a file if it is free; closing the file gives it back.

    Returns:
        The open file, or None while another process, or another open file of this one, has it.
    """
    file = path.open("ab")
    if not _try_lock(file.fileno()):
        file.close()
        return None
    try:
        is_same = os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        is_same = False
    if is_same:
        return file
    file.close()  # its last holder has removed it: the lock is that of the file with this name
    return None


def share_lock(path: Path) -> tuple[BinaryIO, bool]:
    """Take part in the lock of a file, which any number of processes may do.

    Returns:
        The open file, whose closing ends it, and whether nobody else took part at this moment.

    Raises:
        OSError: The file cannot be made.
    """
    alone = try_lock(path)
    file = path.open("ab") if alone is None else alone
    _share_lock(file.fileno())  # waits for no longer than another one looks whether it is alone
    return file, alone is not None
