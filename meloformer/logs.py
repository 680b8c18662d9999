"""Lines of the log: each with the time and the request it belongs to, none with anybody's names.

What the app says of itself names neither files nor visitors nor their music. Errors of libraries
may quote any of that, so of an error the log has its kind, where it was raised, and its words with
everything left out that is quoted or looks like a path.
"""

import errno
import io
import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from secrets import token_hex
from typing import TextIO

from meloformer.errors import MeloFormerError
from meloformer.phrases import Phrase

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The request that is being answered; empty outside of one. Threads get it by `copy_context`."""
FIELDS = ("run", "outcome", "bars", "seconds")
"""What a record may say besides its sentence, by `extra`; keys of its JSON object."""
_LEFT_OUT = "…"
_NAMES = re.compile(
    r"""(?P<quote>['"`]).*?(?P=quote)   # whatever is quoted
    | (?<![\w.])(?:[A-Za-z]:)?[/\\][^:\n]*   # a path, up to the colon before what is wrong with it
    | \S+\.(?i:midi?|kar|rmi|wav|mp3|zip|musicxml)\b""",
    re.VERBOSE,
)


def new_request_id() -> str:
    """Return an id for a request: short enough to be told by telephone."""
    return token_hex(4)


def start_logging(stream: TextIO | None = None, *, as_json: bool = False) -> None:
    """Send all log lines of this process to a stream, in place of where they went before.

    Args:
        stream: Receives them; stderr by default. Everything else that is written to stderr becomes
            lines of the log, too, if they are JSON.
        as_json: One JSON object a line, for programs, instead of words.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.addFilter(_note_request)
    handler.setFormatter(JsonFormatter() if as_json else WordFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # Gradio asks itself whether it is there
    logging.captureWarnings(capture=True)
    if as_json and stream is None:
        adopt_stderr()


def adopt_stderr() -> None:
    """Let whatever is printed on stderr from here on be lines of the log, without names.

    Libraries print errors that quote what a visitor has sent. `start_logging` comes first.
    """
    logging.raiseExceptions = False  # else a broken stderr would be told to itself, for ever
    sys.stderr = _LogLines()


def adopt(*names: str) -> None:
    """Let loggers of libraries that write somewhere themselves write where all others do."""
    for name in names:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True


class WordFormatter(logging.Formatter):
    """Writes records as words: time, level, logger, request, sentence."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a line, with the lines of the error below it."""
        request = getattr(record, "request", "") or "-"
        line = f"{_time(record)} {record.levelname} {record.name} [{request}] {_sentence(record)}"
        error = error_lines(_error(record))
        return f"{line}\n{error}" if error else line


class JsonFormatter(logging.Formatter):
    """Writes records as JSON objects, one a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a line."""
        said: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": _sentence(record),
        }
        if request := getattr(record, "request", ""):
            said["request"] = request
        said |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if error := error_lines(_error(record)):
            said["error"] = error
        return json.dumps(said, ensure_ascii=False)


def error_lines(error: BaseException | None) -> str:
    """Return where an error was raised and what led to it, without anybody's names."""
    return "".join(_error_parts(error, set())).rstrip() if error is not None else ""


def without_names(words: str) -> str:
    """Return words of an error with everything left out that may be a name."""
    return _NAMES.sub(_LEFT_OUT, words)


def _error_parts(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and id(before) not in seen:
        yield from _error_parts(before, seen)
        yield "which led to\n"
    yield from traceback.format_list(traceback.extract_tb(error.__traceback__))
    yield f"{type(error).__qualname__}: {_words(error)}".rstrip(": ") + "\n"
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _error_parts(one, seen)


def _words(error: BaseException) -> str:
    if isinstance(error, MeloFormerError):  # which may name a part or a file
        problem = error.problem
        return without_names(problem.template if isinstance(problem, Phrase) else problem)
    if isinstance(error, OSError) and error.errno is not None:
        return f"{errno.errorcode.get(error.errno, error.errno)}, {error.strerror}"
    return without_names(str(error))


def _error(record: logging.LogRecord) -> BaseException | None:
    return record.exc_info[1] if record.exc_info else None


def _sentence(record: logging.LogRecord) -> str:
    """Return what a record says, on one line."""
    said = record.getMessage()
    if not record.name.startswith(("meloformer", "ui.")):
        said = without_names(said)
    return " ".join(said.split())


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _note_request(record: logging.LogRecord) -> bool:
    record.request = request_id.get()
    return True


class _LogLines(io.TextIOBase):
    """Makes lines of the log of what libraries print."""

    def __init__(self) -> None:
        self._begun = ""

    def write(self, text: str) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            if line.strip(" ^~"):  # marks below the lines of a traceback say nothing
                logging.getLogger("stderr").warning("%s", line)
        return len(text)
