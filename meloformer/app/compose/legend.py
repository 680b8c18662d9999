"""The legend: the parts of a session in order, each with a name, a colour and an instrument."""

from dataclasses import asdict
from typing import Any

from meloformer.app.session import Session
from meloformer.engine.piece import Piece
from meloformer.midi.instruments import new_instrument
from meloformer.phrases import filled
from meloformer.score.general_midi import part_name
from meloformer.score.part import Part

MAX_NAME = 28
"""Characters shown of a track's name."""
PART_COLOURS = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#E69F00",
    "ink",
    "#F0E442",
    "#9966FF",
    "#883311",
    "#44DD99",
    "#AA3377",
    "#0000FF",
    "#FF4477",
    "#660088",
    "#7A8B00",
)
"""Okabe and Ito's eight colours, told apart by colour-blind eyes too, the palest last; then eight
more, as far from those and from one another as they can be. `ink` is black on paper and white at
night."""


def legend(session: Session) -> list[dict[str, Any]]:
    """Return the parts of the piece and of its takes, with what is shown and heard of each."""
    own = session.require_piece().instruments
    return [
        {
            "number": part.number,
            "name": name_of(part, session.piece),
            "short": short_name_of(part, session.piece),
            "drum": part.is_drum,
            "colour": part_colour(index),
            "instrument": asdict(own.get(part) or new_instrument(part)),
        }
        for index, part in enumerate(parts_on(session))
    ]


def parts_on(session: Session) -> tuple[Part, ...]:
    """Return the parts of the piece, then those that takes brought in."""
    parts = dict.fromkeys([*session.require_piece().parts, *session.instrumentation])
    for take in session.takes:
        if take.bars:
            parts.update(dict.fromkeys(take.candidate.parts))
    return tuple(parts)


def name_of(part: Part, piece: Piece | None) -> str:
    """Return a part's own name in the file, and its instrument unless the name says it."""
    instrument, own = _instrument(part), short_name_of(part, piece)
    if own.casefold() in instrument.casefold():
        return instrument
    if instrument.casefold() in own.casefold():
        return own
    return filled("{own} · {instrument}", own=own, instrument=instrument)


def short_name_of(part: Part, piece: Piece | None) -> str:
    """Return the file's own name for a part, or its instrument."""
    return (piece.track_name(part)[:MAX_NAME] if piece else "") or _instrument(part)


def _instrument(part: Part) -> str:
    return part_name(0 if part.is_drum else part.program, part.is_drum, part.instance)


def part_colour(index: int) -> str:
    """Return the colour of the part at `index` in the legend: a hex value, or `ink`."""
    return PART_COLOURS[index % len(PART_COLOURS)]
