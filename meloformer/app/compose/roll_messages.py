"""Messages for the piano roll (`ui/static/compose/roll`).

A message is a whole picture (`piece`), finished bars (`bars`), audio (`sound`) or a line of text
(`status`). Bars are sent as they come, never the whole list again; a picture follows when a run
ends, so a lost message heals. A `Path` in a message is a file that the browser may fetch.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from meloformer.app.compose.legend import legend
from meloformer.app.session import Session
from meloformer.app.take import Sound
from meloformer.engine.candidate import FinishedBar
from meloformer.engine.piece import Piece
from meloformer.score.accidentals import with_signs
from meloformer.score.grid import TICKS_PER_QUARTER
from meloformer.score.part import Part
from meloformer.score.piano_roll import note_rows
from meloformer.score.score import Score

Message = dict[str, Any]
"""JSON for the roll, but for paths."""


def picture(
    session: Session, status: str = "", facts: tuple[str, ...] = (), most_again: int = 0
) -> Message:
    """Return the whole picture of a session.

    Args:
        session: With or without a piece.
        status: The line above.
        facts: About the piece.
        most_again: How many bars can be marked to be written again.
    """
    piece = session.piece
    if piece is None:
        return {"kind": "empty", "session": session.name, "status": status}
    with session.lock:
        return {
            "kind": "piece",
            "session": session.name,
            "run": session.run,
            "name": piece.name,
            "facts": facts,
            "status": status,
            "parts": legend(session),
            "notes": flat_notes(piece.score, piece.file.part_of_track),
            "controls": flat_controls(piece),
            "clock": clock(piece.score),
            "take_clock": take_clock(session),
            "bars": [round(piece.bar_quarters(bar), 3) for bar in range(piece.num_bars + 1)],
            "chords": piece.chords,
            "first_number": piece.first_number,
            "seam": session.seam_quarters,
            "gap": gap_message(session),
            "most_again": most_again,
            "beat": 4.0 / piece.last_metre[1],
            "beats": piece.last_metre[0],
            "planned": session.request.num_bars if session.request and session.takes else 0,
            "selected": session.selected,
            # By their place here: a candidate without a finished bar is no take.
            "takes": [
                [bar_message(bar) | {"take": index} for bar in take.bars]
                for index, take in enumerate(session.takes)
            ],
            "sounds": sounds(session),
            "composing": session.is_composing,
        }


def run_begins(session: Session, num_bars: int, num_candidates: int) -> Message:
    """Return the message that a run begins: an empty stretch, to be filled."""
    return {
        "kind": "begin",
        "run": session.run,
        "planned": num_bars,
        "candidates": num_candidates,
        "seam": session.seam_quarters,
        "gap": gap_message(session),
        "take_clock": take_clock(session),
        "parts": legend(session),
    }


def gap_message(session: Session) -> Message | None:
    """Return the stretch that takes replace, in quarters; `None` if they follow the seam."""
    gap = session.gap
    if gap is None:
        return None
    return {"end": gap.end_quarters, "parts": [part.number for part in gap.parts]}


def bars_chosen(bars: tuple[int, int] | None) -> Message:
    """Return the message that marks bars: the first, from 0, and the one after the last."""
    return {"kind": "chosen", "chosen": bars}


def bars_arrive(session: Session, bars: Iterable[FinishedBar], status: str) -> Message:
    """Return the message of bars that have just been finished."""
    return {
        "kind": "bars",
        "run": session.run,
        "parts": legend(session),
        "bars": [bar_message(bar) for bar in bars],
        "status": status,
    }


def sound_arrives(session: Session) -> Message:
    """Return the message of audio that the browser may play from now on."""
    return {"kind": "sound", "run": session.run, "sounds": sounds(session)}


def status_line(text: str) -> Message:
    """Return the message of a sentence above the roll."""
    return {"kind": "status", "status": text}


def bar_message(bar: FinishedBar) -> Message:
    """Return a generated bar: its take, its place in quarters from the seam, chord and notes."""
    return {
        "take": bar.candidate,
        "bar": bar.bar - 1,
        "start": bar.first_tick / TICKS_PER_QUARTER,
        "length": (bar.so_far.score.end_tick - bar.first_tick) / TICKS_PER_QUARTER,
        "chord": with_signs(bar.chord),
        "notes": flat_notes(bar.score, bar.parts),
    }


def flat_notes(score: Score, parts: tuple[Part | None, ...] | None = None) -> list[float]:
    """Return part, start, duration, pitch, velocity, part, start, … with times in quarters."""
    return [int(x) if x == int(x) else x for x in note_rows(score, parts).ravel().tolist()]


def flat_controls(piece: Piece) -> list[float]:
    """Return part, time in quarters, 1 for a pedal or 0 for a bend, value, part, …

    A pedal is 1 or 0, a bend in semitones.
    """
    per_quarter = piece.score.ticks_per_quarter
    return [
        x
        for one in piece.controls
        for x in (one.part.number, round(one.tick / per_quarter, 4), int(one.pedal), one.value)
    ]


def sounds(session: Session) -> list[Message]:
    """Return the audio of the piece (take -1) and of each take."""
    piece = session.require_piece()
    messages = []
    if session.piece_sound is not None:
        messages.append(_sound_message(-1, session.piece_sound, piece.score))
    for index, take in enumerate(session.takes):
        if take.sound is not None:
            messages.append(_sound_message(index, take.sound, take.file.score))
    return messages


def _sound_message(index: int, sound: Sound, score: Score) -> Message:
    return {
        "take": index,
        "file": sound.wav,
        "clock": clock(score),
    }


def take_clock(session: Session) -> list[list[float]]:
    """Return the clock of the piece with a take: what is added has its own tempos."""
    piece, task = session.require_piece(), session.task
    if task.replaced is not None:
        return clock(piece.score)
    following = task.tempos(piece.file)
    seam = following[0].tick
    before = tuple(tempo for tempo in piece.score.tempos if tempo.tick < seam)
    return clock(replace(piece.score, tempos=(*before, *following)))


def clock(score: Score) -> list[list[float]]:
    """Return quarters and the second of each, wherever the tempo changes."""
    ticks = [tempo.tick for tempo in score.tempos]
    end = max(score.end_tick, ticks[-1]) + score.ticks_per_quarter
    seconds = score.seconds_at(np.array([*ticks, end]))
    quarters = np.array([*ticks, end]) / score.ticks_per_quarter
    return [
        [round(float(q), 4), round(float(s), 4)] for q, s in zip(quarters, seconds, strict=True)
    ]
