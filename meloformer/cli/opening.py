"""The verb `compose`: a piece from nothing."""

from pathlib import Path
from typing import Annotated

import tyro

import meloformer as mf
from meloformer.cli.music import numbered, save_takes, say_bar
from meloformer.outputs import check_outputs


def compose(
    out: Path,
    parts: str = "piano",
    key: str = "",
    tempo: str = "",
    metre: str = "",
    bars: int = 16,
    chords: str = "",
    candidates: int = 1,
    seed: int = 1,
    adventure: float = 0.5,
    copy_guard: bool = True,
    range_: Annotated[str, tyro.conf.arg(name="range")] = "",
    density: str = "",
    notes_at_once: str = "",
    velocity: str = "",
    rhythm_grid: str = "",
    recipe: bool = True,
    audio: Path | None = None,
    model: Path | None = None,
    json_: Annotated[bool, tyro.conf.arg(name="json")] = False,
) -> None:
    """Compose the opening of a piece, from nothing.

    Args:
        out: Receives the piece; with several candidates, OUT-1.mid, OUT-2.mid and so on.
        parts: Who plays in every bar: instruments such as "piano, bass, drums", or an ensemble:
            piano trio, jazz combo, rock band, pop band, string quartet, solo piano, waltz, choir
            or folk tune. An ensemble brings its key, metre and tempo along.
        key: A key or scale, such as Am or "D dorian", to which notes and chords keep; any leaves
            it open, as nothing does for instruments.
        tempo: Quarters a minute, by default 100; with changes by bars, such as "96, 9=120".
        metre: Such as 3/4, by default 4/4; with changes by bars, such as "4/4, 13=3/4".
        bars: How many bars to write, 1 to 64.
        chords: Chord symbols, one a bar, such as "Am F C G"; repeated when they run out. Without,
            or with any, the model chooses them, and begins on the tonic of the key.
        candidates: How many different openings, 1 to 4.
        seed: The same seed makes the same music.
        adventure: How adventurous, from 0 to 1.
        copy_guard: Keep out more than 16 notes in a row of one training piece, where the model has
            an index of them.
        range_: The notes between which parts keep, such as "bass=E1-G3"; middle C is C4.
        density: How many notes parts play compared with a note a quarter, such as bass=0.7.
        notes_at_once: The most notes that parts begin together, such as piano=3.
        velocity: How loud notes are, such as 40-90.
        rhythm_grid: Where notes begin: quarters, eighths, triplets, sixteenths or swing.
        recipe: Let the file say how its bars were asked for.
        audio: Also render the piece; WAV, or MP3 by its ending.
        model: A checkpoint folder; by default the one that was shipped.
        json_: Print what was made as JSON.
    """
    from meloformer.api.sound import check_sound

    outs, audios = numbered(out, candidates), numbered(audio, candidates)
    check_outputs([*outs, *audios], [])
    for path in audios:
        check_sound(path)
    takes = mf.compose(
        bars,
        parts=parts,
        key=key,
        tempo=tempo,
        metre=metre,
        chords=chords,
        candidates=candidates,
        seed=seed,
        adventure=adventure,
        copy_guard=copy_guard,
        range=range_,
        density=density,
        notes_at_once=notes_at_once,
        velocity=velocity,
        rhythm_grid=rhythm_grid,
        model=model,
        on_bar=say_bar,
    )
    save_takes(takes, outs, [], audios, has_recipe=recipe, as_json=json_)
