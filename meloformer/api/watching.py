"""A folder that is watched: what a DAW exports into it is found once it is whole."""

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain, count
from os.path import samestat
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
_IS_OURS = re.compile(rf".*-{_SUFFIX}(-\d+)?", re.DOTALL)
_MAX_STEM_BYTES = 200
"""Of the 255 of a name, so that a suffix and a number fit."""
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
        ConfigError: There is no such folder, or it cannot be watched; or, from the files, it is
            there no longer.
    """
    if not folder.is_dir():
        raise ConfigError(f"{folder} is no folder.", hint="Watch one that a DAW exports to.")
    state = folder.stat()

    def is_there() -> bool:
        return folder.is_dir() and samestat(folder.stat(), state)

    changed = _Changes()
    observer = Observer()
    try:
        observer.schedule(changed, str(folder))
        observer.start()
    except OSError as error:
        raise ConfigError(f"{folder} cannot be watched: {error.strerror}.") from error
    try:
        yield _settled(changed.paths, stop, settled_s, is_there)
        if not stop.is_set() and not is_there():
            raise ConfigError(f"{folder} is gone.", hint="Watch it again when it is there.")
    finally:
        observer.stop()
        observer.join()


def continued_path(path: Path) -> Path:
    """Return a name for a continuation, beside a file, that is not taken."""
    return unused_path(path, _SUFFIX)


def unused_path(path: Path, suffix: str) -> Path:
    """Return a name for what is made of a file, beside it, that is not taken.

    Of a stem that leaves no room for the suffix, as much is kept as file systems take.
    """
    stem = path.stem
    if len(os.fsencode(stem)) > _MAX_STEM_BYTES:
        stem = os.fsencode(stem)[:_MAX_STEM_BYTES].decode(errors="ignore")
    first = path.with_name(f"{stem}-{suffix}.mid")
    numbered = (first.with_stem(f"{first.stem}-{number}") for number in count(2))
    # A link that leads nowhere takes a name, too.
    return next(one for one in chain([first], numbered) if not os.path.lexists(one))


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


def _settled(
    changed: SimpleQueue[Path], stop: Event, settled_s: float, is_there: Callable[[], bool]
) -> Iterator[Path]:
    waiting: dict[Path, float] = {}
    while not stop.is_set() and is_there():
        with suppress(Empty):
            waiting[changed.get(timeout=_LOOKED_EVERY_S)] = time.monotonic()
            while True:  # one that changes all the time holds up no other
                waiting[changed.get_nowait()] = time.monotonic()
        now = time.monotonic()
        for path in [one for one, since in waiting.items() if now - since >= settled_s]:
            del waiting[path]
            if path.is_file():
                yield path
