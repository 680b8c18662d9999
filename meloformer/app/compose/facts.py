"""A piece in one line: key, tempo, metre, bars, length, parts."""

from meloformer.engine.piece import Piece
from meloformer.midi.blank import blank_scale
from meloformer.phrases import phrase, plural
from meloformer.score.accidentals import with_signs
from meloformer.score.key import estimate_key


def facts(piece: Piece) -> tuple[str, ...]:
    """Return the facts that a musician wants to know of a file first."""
    parts = len(piece.parts)
    if piece.file.is_blank:
        return _blank_facts(piece)
    known = (
        key_phrase(estimate_key(piece.score)),
        _tempo(piece),
        _metre(piece),
        _bars(piece),
        plural("{count} part", "{count} parts", parts),
        _length(piece.score.duration_s),
        phrase("played without a click, beats followed") if piece.beats_followed else "",
    )
    return tuple(fact for fact in known if fact)


def _blank_facts(piece: Piece) -> tuple[str, ...]:
    scale, parts = blank_scale(piece.file), len(piece.parts)
    known = (
        key_phrase(scale.name) if scale else "",
        _tempo(piece),
        "{}/{}".format(*piece.last_metre),
        plural("{count} part", "{count} parts", parts),
        phrase("from nothing"),
    )
    return tuple(fact for fact in known if fact)


def key_phrase(key: str) -> str:
    """Return a key such as "E♭ major" with its signs, to be said in any language."""
    tonic, _, mode = with_signs(key).partition(" ")
    if mode == "major":
        return phrase("{tonic} major", tonic=tonic)
    return phrase("{tonic} minor", tonic=tonic) if mode == "minor" else with_signs(key)


def _bars(piece: Piece) -> str:
    if piece.first_number:
        return plural("{count} bar", "{count} bars", piece.last_number)
    return plural("{count} bar and a pickup", "{count} bars and a pickup", piece.last_number)


def _tempo(piece: Piece) -> str:
    tempos = [round(tempo.qpm) for tempo in piece.score.tempos]
    slow, fast = min(tempos), max(tempos)
    return f"♩ = {slow}" if slow == fast else phrase("♩ = {slow} to {fast}", slow=slow, fast=fast)


def _metre(piece: Piece) -> str:
    metres = dict.fromkeys(map(tuple, piece.grid.whole_metres.tolist()))
    names = [f"{n}/{d}" for n, d in metres]
    said = ", ".join(names[:3])
    return phrase("{metres} and more", metres=said) if len(names) > 3 else said


def _length(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"
