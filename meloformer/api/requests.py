"""Requests from words: what a musician asks for in Python or over HTTP, read for their song."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from meloformer.api.song import Song
from meloformer.engine.changes import parse_metres, parse_tempos
from meloformer.engine.ensembles import find_ensemble, parse_ensemble
from meloformer.engine.handles.handles import Handles
from meloformer.engine.handles.lock_words import parse_lock
from meloformer.engine.handles.locked import NOTHING_LOCKED, Locked, old_bars, with_locked
from meloformer.engine.handles.words import HandleWords, parse_handles
from meloformer.engine.instrumentation import as_before, as_there, parse_parts
from meloformer.engine.opening_words import parse_opening, split_start
from meloformer.engine.request import (
    ContinueRequest,
    PartRequest,
    Presence,
    RewriteRequest,
    SamplingConfig,
    parse_bars,
)
from meloformer.score.chords import read_chords, reductions

_log = logging.getLogger(__name__)

Parts = str | Sequence[str] | Mapping[str, str]
"""Who plays: "all, violin=always, drums=silent", names alone, or names and always, free, silent."""
Chords = str | Sequence[str]
"""Chord symbols, one a bar: "Am F C G", or a list of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawWords:
    """What is the same for all requests: who plays on which chords, and how it is drawn."""

    parts: Parts
    chords: Chords
    candidates: int
    """1 to 4."""
    seed: int
    adventure: float
    """0 to 1."""
    copy_guard: bool
    handles: HandleWords


def continue_request(
    song: Song, words: DrawWords, *, bars: int, from_bar: int | None, tempo: str, metre: str
) -> ContinueRequest:
    """Return the request for more bars of a song.

    Args:
        song: What is continued.
        words: Who plays and how.
        bars: How many to add.
        from_bar: The number of the last bar to keep; `None` keeps all.
        tempo: Changes of tempo by the numbers of new bars: "9=120, 13=96".
        metre: Changes of metre, likewise.

    Raises:
        ConfigError: Something asked for is out of range or unknown.
    """
    encoding = song.encoding
    kept = None if from_bar is None else from_bar + 1 - encoding.first_number
    first_new = (kept or encoding.num_bars) + encoding.first_number
    before = as_before(encoding, kept or encoding.num_bars)
    who_plays = _who_plays(song, words.parts, before)
    return ContinueRequest(
        num_bars=bars,
        from_bar=kept,
        parts=who_plays,
        handles=_handles_of(song, words.handles, who_plays),
        tempos=parse_tempos(tempo, first_new),
        metres=parse_metres(metre, first_new),
        chords=_chord_numbers(words.chords),
        num_candidates=words.candidates,
        seed=words.seed,
        sampling=SamplingConfig.from_adventure(words.adventure),
        copy_guard=words.copy_guard,
    )


def rewrite_request(song: Song, words: DrawWords, *, bars: str, lock: str) -> RewriteRequest:
    """Return the request for bars of a song to be written again.

    Args:
        song: Whose bars.
        words: Who plays and how.
        bars: As musicians count them: "9-12".
        lock: What stays, as `parse_lock` reads it.

    Raises:
        ConfigError: Something asked for is out of range or unknown.
    """
    encoding = song.encoding
    first, last = parse_bars(bars, encoding.first_number)
    who_plays = _who_plays(song, words.parts, as_there(encoding, first, last))
    there = old_bars(encoding, song.piece.grid, first, last)
    locked = parse_lock(lock, there, song.piece.track_names)
    who_plays, locked = with_locked(who_plays, locked, there)
    return RewriteRequest(
        first_bar=first,
        last_bar=last,
        parts=who_plays,
        handles=_handles_of(song, words.handles, who_plays, locked),
        chords=_chord_numbers(words.chords),
        num_candidates=words.candidates,
        seed=words.seed,
        sampling=SamplingConfig.from_adventure(words.adventure),
        copy_guard=words.copy_guard,
    )


def opening_request(
    words: DrawWords, *, bars: int, key: str, tempo: str, metre: str, name: str
) -> tuple[Song, ContinueRequest]:
    """Return a song without a bar, and the request for its opening.

    Args:
        words: Who plays and how.
        bars: How many to write.
        key: A key or scale; "any" leaves it open.
        tempo: Quarters a minute; with changes by bars, such as "96, 9=120".
        metre: Such as "3/4"; with changes likewise.
        name: What to call the song; empty after its parts and key.

    Raises:
        ConfigError: Something asked for is out of range or unknown, or contradicts something else.
    """
    start, later_tempos = split_start(tempo)
    begins, later_metres = split_start(metre)
    asked = _chord_numbers("" if words.chords == "any" else words.chords)
    parts = list(words.parts) if isinstance(words.parts, Mapping) else words.parts
    usual = find_ensemble(parts) if isinstance(parts, str) else None
    opening = parse_opening(parse_ensemble(parts), key, start, begins, asked, usual)
    song = Song(opening.piece(name))
    who_plays = tuple(PartRequest(part, Presence.ALWAYS) for part in opening.parts)
    scale = opening.scale.name if opening.scale else ""
    return song, ContinueRequest(
        num_bars=bars,
        parts=who_plays,
        handles=_handles_of(song, replace(words.handles, scale=scale), who_plays),
        tempos=parse_tempos(later_tempos, 1),
        metres=parse_metres(later_metres, 1),
        chords=asked,
        num_candidates=words.candidates,
        seed=words.seed,
        sampling=SamplingConfig.from_adventure(words.adventure),
        copy_guard=words.copy_guard,
    )


def _who_plays(
    song: Song, parts: Parts, before: tuple[PartRequest, ...]
) -> tuple[PartRequest, ...]:
    if isinstance(parts, Mapping):
        parts = [f"{name}={presence}" for name, presence in parts.items()]
    return parse_parts(parts, before, song.piece.track_names)


def _handles_of(
    song: Song,
    words: HandleWords,
    parts: tuple[PartRequest, ...],
    locked: Locked = NOTHING_LOCKED,
) -> Handles:
    """Read the words of handles for the parts that play."""
    playing = [one.part for one in parts if one.presence is not Presence.SILENT]
    return parse_handles(words, song.score, playing, song.piece.track_names, locked)


def _chord_numbers(chords: Chords) -> tuple[int, ...]:
    """Read chord symbols; a warning is logged where one is simplified."""
    readings = read_chords(chords if isinstance(chords, str) else " ".join(chords))
    if said := reductions(readings):
        _log.warning(said)
    return tuple(reading.chord for reading in readings)
