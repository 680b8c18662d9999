"""Composing: a song is continued, or bars of it are written again."""

import logging
from collections.abc import Callable, Mapping, Sequence
from os import PathLike

from meloformer.api.model import AnyModel, as_model
from meloformer.api.song import Song, as_song
from meloformer.api.take import Take
from meloformer.engine.candidate import Candidate, FinishedBar
from meloformer.engine.composition import compose
from meloformer.engine.export import recipe_of
from meloformer.engine.instrumentation import as_before, as_there, parse_parts
from meloformer.engine.request import (
    ContinueRequest,
    PartRequest,
    Request,
    RewriteRequest,
    SamplingConfig,
    parse_bars,
)
from meloformer.model.weights_hash import weights_hash
from meloformer.score.chords import read_chords, reductions

_log = logging.getLogger(__name__)

AnySong = Song | str | PathLike[str]
"""A song, or the path of its MIDI file."""
Parts = str | Sequence[str] | Mapping[str, str]
"""Who plays: "all, violin=always, drums=silent", names alone, or names and always, free, silent."""
Chords = str | Sequence[str]
"""Chord symbols, one a bar: "Am F C G", or a list of them."""
OnBar = Callable[[FinishedBar], object]
"""Told of each finished bar: `bar.candidate`, `bar.bar` of `bar.num_bars`, `bar.chord`."""


def continue_(
    song: AnySong,
    bars: int = 8,
    *,
    parts: Parts = "all",
    chords: Chords = "",
    from_bar: int | None = None,
    candidates: int = 1,
    seed: int = 1,
    adventure: float = 0.5,
    copy_guard: bool = True,
    model: AnyModel = None,
    on_bar: OnBar | None = None,
) -> list[Take]:
    """Continue a song by exactly so many bars.

    Args:
        song: The song, or its file.
        bars: How many to add, 1 to 64.
        parts: Who plays, by names of tracks, parts or instruments. Parts that are named play as
            before, new ones always, unless it is said; parts of the song that are not named are
            silent.
        chords: One a bar, repeated when they run out; empty leaves them to the model. A warning is
            logged where a symbol is simplified.
        from_bar: Go on after this bar instead of the last; a pickup is bar 0.
        candidates: How many different takes, 1 to 4.
        seed: The same seed makes the same music.
        adventure: How adventurous, from 0 to 1.
        copy_guard: Whether to keep out more than 16 notes in a row of one training piece, where the
            model has an index of them (`model.known_runs`).
        model: From `load`, or the folder of a checkpoint; by default the shipped one.
        on_bar: Told of each bar when it is finished.

    Raises:
        MidiError: The file can't be read as music.
        ConfigError: Something asked for is out of range or unknown.
        CheckpointError: The model can't be loaded.
    """
    song = as_song(song)
    encoding = song.encoding
    kept = None if from_bar is None else from_bar + 1 - encoding.first_number
    request = ContinueRequest(
        num_bars=bars,
        from_bar=kept,
        parts=_who_plays(song, parts, as_before(encoding, kept or encoding.num_bars)),
        chords=_chord_numbers(chords),
        num_candidates=candidates,
        seed=seed,
        sampling=SamplingConfig.from_adventure(adventure),
        copy_guard=copy_guard,
    )
    return _takes(song, request, model, on_bar)


def rewrite(
    song: AnySong,
    bars: str | int,
    *,
    parts: Parts = "all",
    chords: Chords = "",
    candidates: int = 1,
    seed: int = 1,
    adventure: float = 0.5,
    copy_guard: bool = True,
    model: AnyModel = None,
    on_bar: OnBar | None = None,
) -> list[Take]:
    """Write bars of a song again, in view of what is around them; all else stays as it is.

    Args:
        song: The song, or its file.
        bars: As musicians count them: "9-12", or 9; at most 16 at once.
        parts: Who plays, by names of tracks, parts or instruments. Parts of the song that are not
            named stay as they are.
        chords: One a bar, repeated when they run out; empty leaves them to the model, or as they
            are where something pitched stays.
        candidates: How many different takes, 1 to 4.
        seed: The same seed makes the same music.
        adventure: How adventurous, from 0 to 1.
        copy_guard: Whether to keep out more than 16 notes in a row of one training piece, where the
            model has an index of them (`model.known_runs`).
        model: From `load`, or the folder of a checkpoint; by default the shipped one.
        on_bar: Told of each bar when it is finished.

    Raises:
        MidiError: The file can't be read as music.
        ConfigError: Something asked for is out of range or unknown, or the model has not learned
            to write bars between others.
        CheckpointError: The model can't be loaded.
    """
    song = as_song(song)
    first, last = parse_bars(str(bars), song.encoding.first_number)
    request = RewriteRequest(
        first_bar=first,
        last_bar=last,
        parts=_who_plays(song, parts, as_there(song.encoding, first, last)),
        chords=_chord_numbers(chords),
        num_candidates=candidates,
        seed=seed,
        sampling=SamplingConfig.from_adventure(adventure),
        copy_guard=copy_guard,
    )
    return _takes(song, request, model, on_bar)


def _takes(song: Song, request: Request, model: AnyModel, on_bar: OnBar | None) -> list[Take]:
    loaded = as_model(model)
    made: dict[int, Candidate] = {}
    network, card, known_runs = loaded.network, loaded.card, loaded.known_runs
    for bar in compose(network, card, song.encoding, request, known_runs=known_runs):
        made[bar.candidate] = bar.so_far
        if on_bar is not None:
            on_bar(bar)
    mark = {"model": card.name, "model_hash": weights_hash(network)}
    return [
        Take(song, request, candidate, recipe_of(song.piece, request, candidate, **mark))
        for _, candidate in sorted(made.items())
    ]


def _who_plays(
    song: Song, parts: Parts, before: tuple[PartRequest, ...]
) -> tuple[PartRequest, ...]:
    if isinstance(parts, Mapping):
        parts = [f"{name}={presence}" for name, presence in parts.items()]
    return parse_parts(parts, before, song.piece.track_names)


def _chord_numbers(chords: Chords) -> tuple[int, ...]:
    readings = read_chords(chords if isinstance(chords, str) else " ".join(chords))
    if said := reductions(readings):
        _log.warning(said)
    return tuple(reading.chord for reading in readings)
