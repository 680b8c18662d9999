"""The folder in which one app keeps its visitors' files, and which goes with it.

Several apps may work in one place. What an app that was killed has left is known by a lock that
nobody holds any more, and goes when another app starts.
"""

import shutil
import time
from contextlib import AbstractContextManager
from pathlib import Path
from secrets import token_hex
from types import TracebackType
from typing import BinaryIO

from meloformer.errors import MeloFormerError
from meloformer.lock import try_lock

_LOCK = ".lock"
_TRIES = 10
_DAY_S = 86_400.0


class OwnFolder(AbstractContextManager[Path]):
    """A new folder of this process alone. Folders of apps that are gone are deleted before.

    Args:
        parent: Where it is made.

    Raises:
        MeloFormerError: The disk is full or fails.
    """

    def __init__(self, parent: Path) -> None:
        try:
            parent.mkdir(parents=True, exist_ok=True)
            _clear(parent)
            self.path, self._lock = _new(parent)
        except OSError as error:
            raise MeloFormerError(
                f"There is no place for files in `{parent}`: {error.strerror}.",
                hint="Make room, or say by MELOFORMER_HOME where there is some.",
            ) from error

    def __enter__(self) -> Path:
        """Return it."""
        return self.path

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Delete it."""
        self.remove()

    def remove(self) -> None:
        """Delete it with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        _lock_of(self.path).unlink(missing_ok=True)
        self._lock.close()


def _new(parent: Path) -> tuple[Path, BinaryIO]:
    for _ in range(_TRIES):
        folder = parent / token_hex(8)
        lock = try_lock(_lock_of(folder))
        if lock is not None:  # otherwise an app that starts just now has taken it for a left one
            folder.mkdir()
            return folder, lock
    raise OSError(None, "another process locks every file that is made there")


def _clear(parent: Path) -> None:
    for path in parent.glob(f"*{_LOCK}"):
        lock = try_lock(path)
        if lock is None:
            continue
        with lock:
            shutil.rmtree(path.with_suffix(""), ignore_errors=True)
            path.unlink(missing_ok=True)
    for folder in parent.iterdir():  # of an app that was older than this rule
        is_app = folder.is_dir() and not _lock_of(folder).exists()
        if is_app and time.time() - folder.stat().st_mtime > _DAY_S:
            shutil.rmtree(folder, ignore_errors=True)


def _lock_of(folder: Path) -> Path:
    return folder.with_suffix(_LOCK)
