"""The log of a run: a file and never a pipe, so that the run does not depend on a reader."""

import codecs
import re
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

from meloformer.files import open_file

LOG = "log.txt"
MAX_LOG_BYTES = 32 << 20
"""A log that has grown longer is cut while it is written."""
KEPT_LOG_BYTES = 5 << 20
"""How much of it is kept then, and of the log of an earlier sitting."""
_TAIL_BYTES = 64 << 10


def read_end(path: Path, most: int) -> str:
    """Read the last whole lines of a text file, at most so many bytes; empty without the file."""
    try:
        with open_file(path) as file:
            start = max(file.seek(0, 2) - most, 0)
            file.seek(start)
            data = file.read(most)
    except OSError:
        return ""
    if start:
        data = data.partition(b"\n")[2] or data
    return data.decode("utf-8", errors="replace")


def tail(path: Path, lines: int) -> str:
    """Return the last lines that are not empty."""
    text = read_end(path, _TAIL_BYTES)
    # A progress bar returns to the start of its line: what it showed last is what counts.
    shown = (line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    return "\n".join(deque((line for line in shown if line.strip()), maxlen=lines))


def trim(path: Path, longest: int = MAX_LOG_BYTES, keep: int = KEPT_LOG_BYTES) -> None:
    """Cut a log that has become too long to its end, in place.

    Those who write it only ever append, so they go on at its new end. What they write in the
    moment of cutting is lost.
    """
    if not path.exists() or path.stat().st_size <= longest:
        return
    with path.open("r+b") as file:
        file.seek(-keep, 2)
        kept = file.read().partition(b"\n")[2]
        file.seek(0)
        file.write(kept)
        file.truncate()


def follow(
    path: Path, start: int, is_over: Callable[[], bool], pause_s: float = 0.5
) -> Iterator[str]:
    """Yield what is appended from byte `start` on, until the run is over."""
    decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode
    over = False
    while not over:
        over = is_over()  # asked before reading, so that the last words are not missed
        size = path.stat().st_size if path.exists() else 0
        if size < start:  # it has been cut
            start = 0
        if size > start:
            with open_file(path) as file:
                file.seek(start)
                data = file.read(size - start)
            start += len(data)
            yield decode(data)
        elif not over:
            time.sleep(pause_s)


_ERROR = re.compile(r"(?:\[rank\d+\]: ?)?((?:\w+\.)*\w*(?:Error|Exception|Interrupt))(?:: (.*))?")
_EXIT = re.compile(r"\s*exitcode\s*: (-?\d+)")
_LAUNCHER = ("ChildFailedError", "SignalException", "RendezvousConnectionError")
_OURS = "meloformer.errors."
_SIGNALS = {9: "was killed, perhaps for want of memory", 4: "met an illegal instruction"}


def failure_reason(text: str) -> str:
    """Return why a run ended, by its log: its last error, or the signal that ended a rank."""
    error = signal = ""
    for line in text.splitlines():
        if (match := _ERROR.fullmatch(line.strip())) and not match[1].endswith(_LAUNCHER):
            name, problem = match[1], match[2] or ""
            error = problem if name.startswith(_OURS) else f"{name}: {problem}".rstrip(": ")
        elif match := _EXIT.match(line):
            number = -int(match[1])
            if number > 0:
                signal = f"A process {_SIGNALS.get(number, f'crashed (number {number})')}."
    return error or signal
