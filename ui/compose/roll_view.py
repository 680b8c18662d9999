"""The piano roll and player: one component of ours, and the messages that feed it.

A message is a whole picture (`piece`), finished bars (`bars`), audio (`sound`) or a line of text
(`status`). Bars are sent as they come, never the whole list again; a picture follows when a run
ends, so a lost message heals. The scripts in `static/roll/` draw.
"""

from collections.abc import Iterable
from typing import Any

import gradio as gr
import numpy as np
from gradio.data_classes import FileData

from meloformer.app.session import Session
from meloformer.app.take import Sound
from meloformer.engine.candidate import FinishedBar
from meloformer.engine.piece import Piece
from meloformer.score.general_midi import part_name
from meloformer.score.grid import TICKS_PER_QUARTER
from meloformer.score.part import Part
from meloformer.score.piano_roll import note_rows
from meloformer.score.score import Score
from ui.theme import STATIC, part_colour

Message = dict[str, Any]
"""JSON for the component."""


MAX_NAME = 28
"""Characters shown of a track's name."""

ROLL = STATIC / "roll"
SCRIPTS = (
    "page",
    "messages",
    "music",
    "geometry",
    "drawing",
    "legend",
    "sound",
    "chosen",
    "gestures",
)
"""Files of one script, in this order: they share their names."""


class Roll(gr.HTML):
    """The roll. Its value is the latest message; the browser keeps the picture."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            value=None,
            html_template=(ROLL / "roll.html").read_text(encoding="utf-8"),
            css_template=(ROLL / "roll.css").read_text(encoding="utf-8"),
            js_on_load="\n".join(
                (ROLL / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS
            ),
            apply_default_css=False,
            **kwargs,
        )


def picture(
    session: Session, status: str = "", facts: tuple[str, ...] = (), most_again: int = 0
) -> Message:
    """Everything in the session.

    Args:
        session: What is shown.
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
            "bars": [round(float(t) / piece.score.ticks_per_quarter, 3) for t in piece.grid.starts],
            "seam": session.seam_quarters,
            "gap": gap_message(session),
            "most_again": most_again,
            "beat": 4.0 / float(piece.grid.denominators[-1]),
            "beats": int(piece.grid.numerators[-1]),
            "planned": session.request.num_bars if session.request and session.takes else 0,
            "selected": session.selected,
            "takes": [[bar_message(bar) for bar in take.bars] for take in session.takes],
            "sounds": sounds(session),
            "can_undo": bool(session.earlier),
        }


def run_begins(session: Session, num_bars: int, num_candidates: int) -> Message:
    """An empty stretch, to be filled."""
    return {
        "kind": "begin",
        "run": session.run,
        "planned": num_bars,
        "candidates": num_candidates,
        "seam": session.seam_quarters,
        "gap": gap_message(session),
        "parts": legend(session),
    }


def gap_message(session: Session) -> Message | None:
    """What gives way to the takes, in quarters; `None` where they come after the seam."""
    gap = session.gap
    if gap is None:
        return None
    return {"end": gap.end_quarters, "parts": [part.number for part in gap.parts]}


def bars_chosen(bars: tuple[int, int] | None) -> Message:
    """Which bars are marked to be written again: the first, from 0, and the one after the last."""
    return {"kind": "chosen", "chosen": bars}


def bars_arrive(session: Session, bars: Iterable[FinishedBar], status: str) -> Message:
    """Bars that have just been finished."""
    return {
        "kind": "bars",
        "run": session.run,
        "parts": legend(session),
        "bars": [bar_message(bar) for bar in bars],
        "status": status,
    }


def sound_arrives(session: Session) -> Message:
    """Audio that the browser may play from now on."""
    return {"kind": "sound", "run": session.run, "sounds": sounds(session)}


def status_line(text: str) -> Message:
    """A sentence above the roll."""
    return {"kind": "status", "status": text}


def bar_message(bar: FinishedBar) -> Message:
    """One generated bar: its take, its place in quarters from the seam, its chord, its notes."""
    return {
        "take": bar.candidate,
        "bar": bar.bar - 1,
        "start": bar.first_tick / TICKS_PER_QUARTER,
        "length": (bar.so_far.score.end_tick - bar.first_tick) / TICKS_PER_QUARTER,
        "chord": bar.chord,
        "notes": flat_notes(bar.score, bar.parts),
    }


def flat_notes(score: Score, parts: tuple[Part | None, ...] | None = None) -> list[float]:
    """Part, start, duration, pitch, velocity, part, start, ... with times in quarters."""
    return [int(x) if x == int(x) else x for x in note_rows(score, parts).ravel().tolist()]


def legend(session: Session) -> list[Message]:
    """The parts of the piece and of its takes, each with a name and a colour."""
    return [
        {
            "number": part.number,
            "name": name_of(part, session.piece),
            "short": short_name_of(part, session.piece),
            "drum": part.is_drum,
            "colour": part_colour(index),
        }
        for index, part in enumerate(parts_on(session))
    ]


def parts_on(session: Session) -> tuple[Part, ...]:
    """The parts of the piece, then those that takes brought in."""
    parts = dict.fromkeys([*session.require_piece().parts, *session.instrumentation])
    for take in session.takes:
        if take.bars:
            parts.update(dict.fromkeys(take.candidate.parts))
    return tuple(parts)


def name_of(part: Part, piece: Piece | None) -> str:
    """What to call a part: the file's own name for it, and the instrument unless that says it."""
    instrument, own = _instrument(part), short_name_of(part, piece)
    if own.casefold() in instrument.casefold():
        return instrument
    return own if instrument.casefold() in own.casefold() else f"{own} · {instrument}"


def short_name_of(part: Part, piece: Piece | None) -> str:
    """The file's own name for a part, or its instrument."""
    return (piece.track_name(part)[:MAX_NAME] if piece else "") or _instrument(part)


def _instrument(part: Part) -> str:
    return part_name(0 if part.is_drum else part.program, part.is_drum, part.instance)


def sounds(session: Session) -> list[Message]:
    """Audio of the piece (take -1) and of each take."""
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
        "file": FileData(path=str(sound.compressed)).model_dump(),
        "clock": clock(score),
    }


def clock(score: Score) -> list[list[float]]:
    """Quarters and the second at which each is reached, wherever the tempo changes."""
    ticks = [tempo.tick for tempo in score.tempos]
    end = max(score.end_tick, ticks[-1]) + score.ticks_per_quarter
    seconds = score.seconds_at(np.array([*ticks, end]))
    quarters = np.array([*ticks, end]) / score.ticks_per_quarter
    return [
        [round(float(q), 4), round(float(s), 4)] for q, s in zip(quarters, seconds, strict=True)
    ]
