"""What is left when all is over: nothing may be lost, and nothing left behind."""

import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from benchmarks.soak.place import Place
from benchmarks.soak.visitors import Told
from meloformer.app.library.library import PieceLibrary
from meloformer.app.library.pieces import recent_pieces
from meloformer.app.library.runs import RunOutcome, mark_dead_runs, takes_of
from meloformer.app.library.takes import list_takes
from meloformer.app.spare import abandoned_folders
from meloformer.files import is_part
from meloformer.lock import try_lock

_CACHE = "torchinductor_"
"""Where torch keeps what it has compiled, for the next process."""
_SHARED_MEMORY = Path("/dev/shm")


def damage(library: PieceLibrary) -> list[str]:
    """Return what SQLite finds wrong with the library, and takes that cannot be read."""
    found = [row[0] for row in library.rows("PRAGMA integrity_check") if row[0] != "ok"]
    found += [str(tuple(row)) for row in library.rows("PRAGMA foreign_key_check")]
    mark_dead_runs(library)
    for piece in recent_pieces(library, "", 1_000_000):
        for take in list_takes(library, piece.id):
            if take.outcome is RunOutcome.WRITING:
                found.append(f"{piece.name}: run {take.run} seems to go on")
            takes_of(library, take.run)  # raises where one is damaged
    return found


def lost_bars(library: PieceLibrary, told: Told) -> list[str]:
    """Return the finished bars that a visitor was told of and that are not in the library."""
    filed: dict[tuple[str, int], int] = {}
    for piece in recent_pieces(library, "", 1_000_000):
        for take in list_takes(library, piece.id):
            key = (piece.name, take.candidate)
            filed[key] = max(filed.get(key, 0), take.num_written)
    return [
        f"{name}, version {version + 1}: {filed.get((name, version), 0)} of {count}"
        for name, versions in told.bars.items()
        for version, count in versions.items()
        if filed.get((name, version), 0) < count
    ]


def processes(place: Place) -> Iterator[psutil.Process]:
    """Yield the processes of the soak that are there, but for this one."""
    for process in psutil.process_iter():
        try:
            if process.environ().get("MELOFORMER_HOME") == str(place.home):
                yield process
        except psutil.Error:  # gone, or another user's
            continue


def living_processes(place: Place) -> list[str]:
    """Return the processes of the soak that are still there, but for this one."""
    return [" ".join(process.cmdline())[:100] for process in processes(place)]


def temporary_files(place: Place) -> list[str]:
    """Return files that are not whole, and those of visitors whose app is gone."""
    left = [path for path in place.folder.rglob("*") if is_part(path)]
    left += (path for path in place.temporary.iterdir() if not path.name.startswith(_CACHE))
    left += (path for path in (place.home / "files").rglob("*") if path.is_file())
    return sorted(str(path.relative_to(place.folder)) for path in left)


def held_locks(place: Place) -> list[str]:
    """Return the locks that somebody still holds."""
    held = []
    for path in place.folder.rglob("*.lock"):
        lock = try_lock(path)
        if lock is None:
            held.append(str(path.relative_to(place.folder)))
        else:
            lock.close()
    return held


def shared_memory() -> set[str]:
    """Return the names of the blocks of shared memory on this machine."""
    return {path.name for path in _blocks()}


def shared_memory_left(before: set[str], patience_s: float = 10.0) -> list[str]:
    """Return the blocks of shared memory that came since and that no living process uses.

    All programs of a machine keep theirs in one folder, and others come and go beside a soak. What
    a killed one leaves is taken away by Python's resource tracker, which gets some seconds.

    Args:
        before: The names of the blocks that were there.
        patience_s: How long it is waited for the others to go.
    """
    until = time.monotonic() + patience_s
    while left := [path for path in _blocks() if path.name not in before and not _is_used(path)]:
        if time.monotonic() > until:
            return sorted(path.name for path in left)
        time.sleep(0.2)
    return []


def _blocks() -> list[Path]:
    return list(_SHARED_MEMORY.glob("*")) if _SHARED_MEMORY.is_dir() else []


def _is_used(block: Path) -> bool:
    """Return whether a living process has mapped a block, or is the app whose folder it is."""
    if block.is_dir():
        return block not in abandoned_folders(_SHARED_MEMORY)
    try:
        inode = str(block.stat().st_ino)
    except FileNotFoundError:  # gone meanwhile
        return True
    return any(inode in _mapped_inodes(pid) for pid in psutil.pids())


def _mapped_inodes(pid: int) -> set[str]:
    """Return the inodes of a process's shared memory: semaphores are mapped under another name."""
    try:
        lines = Path(f"/proc/{pid}/maps").read_text(errors="replace").splitlines()
    except OSError:  # gone, or another user's
        return set()
    fields = [line.split(maxsplit=5) for line in lines]
    return {one[4] for one in fields if len(one) == 6 and one[5].startswith(f"{_SHARED_MEMORY}/")}
