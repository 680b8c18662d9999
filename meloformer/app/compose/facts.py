"""A piece in one line: key, tempo, metre, bars, length, parts."""

from meloformer.engine.piece import Piece
from meloformer.score.accidentals import with_signs
from meloformer.score.key import estimate_key


def facts(piece: Piece) -> tuple[str, ...]:
    """Return the facts that a musician wants to know of a file first."""
    parts = len(piece.parts)
    bars = piece.last_number
    known = (
        with_signs(estimate_key(piece.score)),
        _tempo(piece),
        _metre(piece),
        f"{bars} bar{'s' if bars != 1 else ''}" + ("" if piece.first_number else " and a pickup"),
        f"{parts} part{'s' if parts != 1 else ''}",
        _length(piece.score.duration_s),
        "played without a click, beats followed" if piece.beats_followed else "",
    )
    return tuple(fact for fact in known if fact)


def _tempo(piece: Piece) -> str:
    tempos = [round(tempo.qpm) for tempo in piece.score.tempos]
    slow, fast = min(tempos), max(tempos)
    return f"♩ = {slow}" if slow == fast else f"♩ = {slow} to {fast}"


def _metre(piece: Piece) -> str:
    metres = dict.fromkeys(map(tuple, piece.grid.whole_metres.tolist()))
    names = [f"{n}/{d}" for n, d in metres]
    return ", ".join(names[:3]) + (" and more" if len(names) > 3 else "")


def _length(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"
