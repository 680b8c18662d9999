"""What the log says, and what it leaves out."""

import io
import json
import logging
import subprocess
import sys
from contextvars import copy_context
from pathlib import Path

import pytest

from meloformer.errors import LibraryError, MidiError
from meloformer.logs import error_lines, request_id, start_logging, without_names
from meloformer.phrases import phrase


@pytest.fixture
def log():
    """Start the log anew, and return what gives its lines."""
    root, level = logging.getLogger(), logging.getLogger().level
    before, stream = root.handlers.copy(), io.StringIO()

    def begin(*, as_json: bool):
        start_logging(stream, as_json=as_json)
        return lambda: stream.getvalue().splitlines()

    yield begin
    logging.captureWarnings(capture=False)
    root.handlers[:] = before
    root.setLevel(level)


def fail(error: Exception) -> Exception:
    try:
        raise error
    except type(error) as raised:
        return raised


def test_each_line_is_one_json_object_that_has_its_request(log):
    lines = log(as_json=True)
    context = copy_context()
    context.run(request_id.set, "0123abcd")
    logger = logging.getLogger("meloformer.app")
    context.run(logger.info, "Two\nlines.", extra={"run": "r1", "bars": 4})
    logger.error("Outside.", exc_info=fail(ZeroDivisionError("division by zero")))
    first, second = map(json.loads, lines())
    assert first["request"] == "0123abcd"
    assert first["message"] == "Two lines."
    assert (first["run"], first["bars"], first["level"]) == ("r1", 4, "INFO")
    assert first["time"].endswith("+00:00")
    assert "request" not in second
    assert "test_logs.py" in second["error"]
    assert second["error"].endswith("ZeroDivisionError: division by zero")


def test_a_line_in_words_has_its_request_too(log):
    lines = log(as_json=False)
    context = copy_context()
    context.run(request_id.set, "0123abcd")
    context.run(logging.getLogger("uvicorn.error").warning, "Invalid HTTP request received.")
    assert lines()[0].endswith("WARNING uvicorn.error [0123abcd] Invalid HTTP request received.")


def test_errors_are_told_without_names():
    path = str(Path("/home/anna/My Secret Song.mid"))
    inner = fail(FileNotFoundError(2, "No such file or directory", path))
    outer = fail(KeyError("My Secret Song"))
    outer.__cause__ = inner
    lines = error_lines(outer)
    assert "ENOENT, No such file or directory" in lines
    assert "which led to" in lines
    assert "KeyError: …" in lines
    assert "Secret" not in lines.replace("test_errors", "")
    assert "anna" not in lines.split("ENOENT")[1]


def test_sentences_about_music_are_told_as_their_templates():
    said = error_lines(fail(MidiError(phrase("{name} has no notes.", name="Für Elise"))))
    assert said.endswith("MidiError: {name} has no notes.")
    assert error_lines(fail(LibraryError("`Anna` is full."))).endswith("LibraryError: … is full.")


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("cannot open /home/anna/My Song.mid: no such file", "cannot open …: no such file"),
        (r"in C:\Users\anna\x y.mid", "in …"),
        ("Song.MID is empty: 3/4, 12 of 16", "… is empty: 3/4, 12 of 16"),
        ("song.mid is empty", "… is empty"),
        ("shape (3, 4) at '/a b' and \"c d\"", "shape (3, 4) at … and …"),
    ],
)
def test_what_is_quoted_or_a_path_is_left_out(words, left):
    assert without_names(words) == left


def test_groups_of_errors_are_told_with_each():
    group = fail(ExceptionGroup("some", [ValueError("one"), TypeError("two")]))
    lines = error_lines(group)
    assert "ValueError: one" in lines
    assert "TypeError: two" in lines


def test_what_libraries_print_is_a_line_without_names_in_words_too():
    program = """
import sys
from meloformer.logs import adopt_stderr, start_logging
start_logging()
print("The file /srv/x is missing.", file=sys.stderr)
adopt_stderr()
print("File '/home/anna/song.mid' is not there", file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    before, after = done.stderr.splitlines()
    assert before == "The file /srv/x is missing."
    assert after.endswith(" WARNING stderr [-] File … is not there")


def test_whatever_is_printed_on_stderr_is_a_json_line_too():
    program = """
import sys, warnings
from meloformer.logs import start_logging
start_logging(as_json=True)
print("half a ", end="", file=sys.stderr)
print("line about '/home/anna/x'", file=sys.stderr)
warnings.warn("old")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    said = [json.loads(line) for line in done.stderr.splitlines()]
    assert (said[0]["logger"], said[0]["message"]) == ("stderr", "half a line about …")
    assert said[1]["logger"] == "py.warnings"
