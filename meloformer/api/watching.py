"""A folder that is watched: what a DAW exports into it is found once it is whole."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from meloformer.errors import ConfigError

SETTLED_S = 1.0
"""A file that has not changed for so long is whole."""
_LOOKED_EVERY_S = 0.2
_SUFFIX = "continued"
_IS_OURS = re.compile(rf".*-{_SUFFIX}(-\d+)?")
_MIDI = (".mid", ".midi")


@contextmanager
def exported_files(
    folder: Path, stop: Event, settled_s: float = SETTLED_S
) -> Iterator[Iterator[Path]]:
    """Watch a folder for MIDI files that are written into it.

    What was there before is not told, nor what `continued_path` names. A file that is exported
    again is told again.

    Args:
        folder: Of which only the files themselves count, not those in folders of it.
        stop: Ends the files.
        settled_s: How long a file has to stay as it is.

    Yields:
        The files, each when it has not changed for a while.

    Raises:
        ConfigError: There is no such folder, or it cannot be watched.
    """
    if not folder.is_dir():
        raise ConfigError(f"{folder} is no folder.", hint="Watch one that a DAW exports to.")
    changed = _Changes()
    observer = Observer()
    try:
        observer.schedule(changed, str(folder))
        observer.start()
    except OSError as error:
        raise ConfigError(f"{folder} cannot be watched: {error.strerror}.") from error
    try:
        yield _settled(changed.paths, stop, settled_s)
    finally:
        observer.stop()
        observer.join()


def continued_path(path: Path) -> Path:
    """Return a name for a continuation, beside a file, that is not taken."""
    return unused_path(path, _SUFFIX)


def unused_path(path: Path, suffix: str) -> Path:
    """Return a name for what is made of a file, beside it, that is not taken."""
    first = path.with_name(f"{path.stem}-{suffix}.mid")
    numbered = (first.with_stem(f"{first.stem}-{number}") for number in count(2))
    return next(one for one in chain([first], numbered) if not one.exists())


class _Changes(FileSystemEventHandler):
    """Collects the files that something happens to."""

    def __init__(self) -> None:
        self.paths: SimpleQueue[Path] = SimpleQueue()

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type not in ("created", "modified", "moved"):
            return
        path = Path(str(event.dest_path or event.src_path))
        if path.suffix.lower() in _MIDI and not _IS_OURS.fullmatch(path.stem):
            self.paths.put(path)


def _settled(changed: SimpleQueue[Path], stop: Event, settled_s: float) -> Iterator[Path]:
    waiting: dict[Path, float] = {}
    while not stop.is_set():
        try:
            waiting[changed.get(timeout=_LOOKED_EVERY_S)] = time.monotonic()
            continue
        except Empty:
            now = time.monotonic()
        for path in [one for one, since in waiting.items() if now - since >= settled_s]:
            del waiting[path]
            if path.is_file():
                yield path
