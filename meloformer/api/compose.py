"""Composing: a song is continued, or bars of it are written again."""

from collections.abc import Callable
from os import PathLike

from meloformer.api.model import AnyModel, as_model
from meloformer.api.requests import Chords, DrawWords, Parts, continue_request, rewrite_request
from meloformer.api.song import Song, as_song
from meloformer.api.take import Take
from meloformer.engine.candidate import Candidate, FinishedBar
from meloformer.engine.composition import compose
from meloformer.engine.export import recipe_of
from meloformer.engine.handles.form import USUAL_LIKENESS
from meloformer.engine.handles.words import HandleWords
from meloformer.engine.request import Request
from meloformer.model.weights_hash import weights_hash

AnySong = Song | str | PathLike[str]
"""A song, or the path of its MIDI file."""
PerPart = str | float
"""What each part is given: "bass=0.7, piano=1.5", or a number for all."""
OnBar = Callable[[FinishedBar], object]
"""Told of each finished bar: `bar.candidate`, `bar.bar` of `bar.num_bars`, `bar.chord`."""


def continue_(
    song: AnySong,
    bars: int = 8,
    *,
    parts: Parts = "all",
    chords: Chords = "",
    from_bar: int | None = None,
    tempo: str = "",
    metre: str = "",
    candidates: int = 1,
    seed: int = 1,
    adventure: float = 0.5,
    copy_guard: bool = True,
    scale: str = "",
    range: str = "",
    density: PerPart = "",
    notes_at_once: PerPart = "",
    velocity: str = "",
    rhythm_grid: str = "",
    form: str = "",
    like: str = "",
    likeness: float = USUAL_LIKENESS,
    ending: bool = False,
    own_repetition: bool = True,
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
        tempo: Changes of tempo, by the numbers of new bars: "9=120, 13=96".
        metre: Changes of metre, likewise: "13=3/4".
        candidates: How many different takes, 1 to 4.
        seed: The same seed makes the same music.
        adventure: How adventurous, from 0 to 1.
        copy_guard: Whether to keep out more than 16 notes in a row of one training piece, where the
            model has an index of them (`model.known_runs`).
        scale: What pitched notes keep to, such as "D dorian", or "key" for the song's own.
        range: The notes between which parts keep: "bass=E1-G3, all=C3-C6".
        density: How many notes parts play, compared with before: "bass=0.7", or 1.5 for all.
        notes_at_once: The most notes that parts begin together: "piano=3".
        velocity: How loud notes are: "40-90".
        rhythm_grid: Where notes begin: quarters, eighths, triplets, sixteenths, swing.
        form: Letters over the new bars, "AABA", or with the bars of each, "A8 A8 B4 A8": what has
            one letter is like the first of it, another letter is unlike what comes before it.
        like: New bars like others, by their numbers: "9=1, 13-16=1-4". It counts more than the
            form.
        likeness: How much, from 0, new, over 0.5, in its manner, to 1, again.
        ending: Whether the last new bar ends the piece: from the dominant to the tonic, unless
            there are chords, and one last chord that rings.
        own_repetition: Whether new bars repeat others as much as the song's own bars do, and have
            as many notes, where no form is asked for.
        model: From `load`, or the folder of a checkpoint; by default the shipped one.
        on_bar: Told of each bar when it is finished.

    Raises:
        MidiError: The file can't be read as music.
        ConfigError: Something asked for is out of range or unknown.
        CheckpointError: The model can't be loaded.
    """
    song = as_song(song)
    handles = HandleWords(
        scale=scale,
        range=range,
        density=str(density),
        notes_at_once=str(notes_at_once),
        velocity=velocity,
        grid=rhythm_grid,
        form=form,
        like=like,
        likeness=likeness,
        ending=ending,
        own_repetition=own_repetition,
    )
    words = DrawWords(
        parts=parts,
        chords=chords,
        candidates=candidates,
        seed=seed,
        adventure=adventure,
        copy_guard=copy_guard,
        handles=handles,
    )
    request = continue_request(song, words, bars=bars, from_bar=from_bar, tempo=tempo, metre=metre)
    return takes_of(song, request, model, on_bar)


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
    scale: str = "",
    range: str = "",
    density: PerPart = "",
    notes_at_once: PerPart = "",
    velocity: str = "",
    rhythm_grid: str = "",
    keep: str = "",
    lock: str = "",
    form: str = "",
    like: str = "",
    likeness: float = USUAL_LIKENESS,
    ending: bool = False,
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
        scale: What pitched notes keep to, such as "D dorian", or "key" for the song's own.
        range: The notes between which parts keep: "bass=E1-G3, all=C3-C6".
        density: How many notes parts play, compared with before: "bass=0.7", or 1.5 for all.
        notes_at_once: The most notes that parts begin together: "piano=3".
        velocity: How loud notes are: "40-90".
        rhythm_grid: Where notes begin: quarters, eighths, triplets, sixteenths, swing.
        keep: What bars keep: their "rhythm" under new notes, or their "notes" in a new rhythm.
        lock: What stays as it is: "melody" (the top line of the highest part), "bass" (the lowest
            line of the lowest), or names of parts; of them the notes of some bars, "bass 9-10", or
            single notes, "piano 9:E4 G4", with a beat those that begin nearest to it,
            "piano 9:E4@3".
        form: Letters over the new bars, "AABA", or with the bars of each, "A8 A8 B4 A8": what has
            one letter is like the first of it, another letter is unlike what comes before it.
        like: Bars like others, by their numbers: "9=1, 13-16=1-4", or "9=9" for a variation. It
            counts more than the form.
        likeness: How much, from 0, new, over 0.5, in its manner, to 1, again.
        ending: Whether the last new bar ends the piece: from the dominant to the tonic, unless
            there are chords, and one last chord that rings.
        model: From `load`, or the folder of a checkpoint; by default the shipped one.
        on_bar: Told of each bar when it is finished.

    Raises:
        MidiError: The file can't be read as music.
        ConfigError: Something asked for is out of range or unknown, or the model has not learned
            to write bars between others.
        CheckpointError: The model can't be loaded.
    """
    song = as_song(song)
    handles = HandleWords(
        scale=scale,
        range=range,
        density=str(density),
        notes_at_once=str(notes_at_once),
        velocity=velocity,
        grid=rhythm_grid,
        keep=keep,
        form=form,
        like=like,
        likeness=likeness,
        ending=ending,
    )
    words = DrawWords(
        parts=parts,
        chords=chords,
        candidates=candidates,
        seed=seed,
        adventure=adventure,
        copy_guard=copy_guard,
        handles=handles,
    )
    request = rewrite_request(song, words, bars=str(bars), lock=lock)
    return takes_of(song, request, model, on_bar)


def takes_of(song: Song, request: Request, model: AnyModel, on_bar: OnBar | None) -> list[Take]:
    """Write what a request asks for, told of each bar, and return the takes.

    Raises:
        MidiError: The song is too long to go on with.
    """
    song.piece.require_room()
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
