"""A line that was played in, as a page sends it, which is not trusted.

The page sends JSON: `{"name", "program", "metre", "qpm", "bars", "notes", "pedal"}`. A note is
start, length, pitch, velocity, a move of the sustain pedal its place and 1 or 0; times are in
quarters.
"""

import json
import math
from typing import Any, Final

from meloformer.errors import MidiError
from meloformer.midi.solo import PedalMove, write_solo
from meloformer.phrases import phrase
from meloformer.score.part import DRUM_PROGRAM
from meloformer.score.score import Score, Tempo, TimeSignature, Track, note_array

METRES: Final = ("4/4", "3/4", "2/4", "5/4", "6/8", "9/8", "12/8", "7/8")
"""What the page offers."""
MAX_LINE_BARS: Final = 64
"""Of a line, the bar of its pickup among them."""
MAX_LINE_NOTES: Final = 5_000
"""And as many moves of the pedal."""
MAX_LINE_CHARACTERS: Final = 500_000
"""Longer texts are refused before they are parsed."""
SLOWEST_QPM, FASTEST_QPM = 20, 400
_MAX_NAME: Final = 60
_TICKS_PER_QUARTER: Final = 480
_NONE: Final = phrase("The page sent a line that is none.")
_STALE: Final = phrase("Load the page again, and play once more.")


def line_as_midi(text: object) -> tuple[str, bytes]:
    """Read a line and write it as a MIDI file.

    Args:
        text: JSON, from a browser.

    Returns:
        What the line is called, and the file.

    Raises:
        MidiError: It is no line, has no notes or too many, or something in it is out of range.
    """
    line = _parsed(text)
    metre, qpm, num_bars = _metre(line), _qpm(line), _whole(line.get("bars"), 1, MAX_LINE_BARS)
    program = _whole(line.get("program"), 0, DRUM_PROGRAM)
    bar_ticks = 4 * _TICKS_PER_QUARTER * metre.numerator // metre.denominator
    end_tick = num_bars * bar_ticks
    notes = [_note(row, end_tick) for row in _rows(line, "notes")]
    if not notes:
        raise MidiError("No note was played.", hint="Press Record and play something.")
    is_drum = program == DRUM_PROGRAM
    track = Track("", 0 if is_drum else program, is_drum, note_array(notes))
    score = Score(_TICKS_PER_QUARTER, (track,), (Tempo(0, qpm),), (metre,), end_tick)
    pedal = sorted(_pedal_move(row, end_tick) for row in _rows(line, "pedal"))
    return _name(line), write_solo(score, pedal)


def _parsed(text: object) -> dict[str, Any]:
    if not isinstance(text, str) or len(text) > MAX_LINE_CHARACTERS:
        raise MidiError(_NONE, hint=_STALE)
    try:
        line = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MidiError(_NONE, hint=_STALE) from error
    if not isinstance(line, dict):
        raise MidiError(_NONE, hint=_STALE)
    return line


def _name(line: dict[str, Any]) -> str:
    name = line.get("name")
    said = " ".join(name[: 4 * _MAX_NAME].split()) if isinstance(name, str) else ""
    return "".join(one for one in said if one.isprintable())[:_MAX_NAME] or "music"


def _metre(line: dict[str, Any]) -> TimeSignature:
    metre = line.get("metre")
    if metre not in METRES:
        raise MidiError(_NONE, hint=_STALE)
    numerator, denominator = str(metre).split("/")
    return TimeSignature(0, int(numerator), int(denominator))


def _qpm(line: dict[str, Any]) -> float:
    qpm = _number(line.get("qpm"))
    if not SLOWEST_QPM <= qpm <= FASTEST_QPM:
        raise MidiError(
            phrase(
                "A line has from {slowest} to {fastest} quarters a minute.",
                slowest=SLOWEST_QPM,
                fastest=FASTEST_QPM,
            )
        )
    return qpm


def _rows(line: dict[str, Any], name: str) -> list[Any]:
    rows = line.get(name)
    if not isinstance(rows, list):
        raise MidiError(_NONE, hint=_STALE)
    if len(rows) > MAX_LINE_NOTES:
        raise MidiError(
            phrase("A line has at most {most:,} notes.", most=MAX_LINE_NOTES),
            hint="Play a shorter one.",
        )
    return rows


def _note(row: object, end_tick: int) -> tuple[int, int, int, int]:
    if not isinstance(row, list) or len(row) != 4:
        raise MidiError(_NONE, hint=_STALE)
    tick, end = _tick(row[0]), _tick(_number(row[0]) + _number(row[1]))
    if not 0 <= tick < end_tick or _number(row[1]) <= 0:
        raise MidiError(_NONE, hint=_STALE)
    duration = max(1, min(end, end_tick) - tick)
    return tick, duration, _whole(row[2], 0, 127), _whole(row[3], 1, 127)


def _pedal_move(row: object, end_tick: int) -> PedalMove:
    if not isinstance(row, list) or len(row) != 2:
        raise MidiError(_NONE, hint=_STALE)
    tick = _tick(row[0])
    if not 0 <= tick <= end_tick:
        raise MidiError(_NONE, hint=_STALE)
    return PedalMove(tick, bool(_whole(row[1], 0, 1)))


def _tick(value: object) -> int:
    return round(_number(value) * _TICKS_PER_QUARTER)


def _number(value: object) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    # Compared before it is made a float: a whole number can be too large for one.
    if not is_number or not -1e6 < value < 1e6 or not math.isfinite(value):  # type: ignore[operator,arg-type]  # a number by now
        raise MidiError(_NONE, hint=_STALE)
    return float(value)  # type: ignore[arg-type]  # a number by now


def _whole(value: object, least: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise MidiError(_NONE, hint=_STALE)
    return value
