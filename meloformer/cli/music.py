"""The verbs of the command line that concern one piece: `continue`, `render`, `tokens`."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro

import meloformer as mf
from meloformer.cli.output import show
from meloformer.errors import ConfigError, DataError
from meloformer.midi.retime import GridChoice
from meloformer.outputs import check_outputs, write_output

if TYPE_CHECKING:
    from meloformer.api.take import Take
    from meloformer.engine.candidate import FinishedBar

Input = Annotated[Path, tyro.conf.Positional]


def continue_(
    midi: Input,
    /,
    out: Path,
    bars: int = 8,
    parts: str = "all",
    chords: str = "",
    candidates: int = 1,
    seed: int = 1,
    adventure: float = 0.5,
    copy_guard: bool = True,
    from_bar: int | None = None,
    tempo: str = "",
    metre: str = "",
    replace: str = "",
    scale: str = "",
    range_: Annotated[str, tyro.conf.arg(name="range")] = "",
    density: str = "",
    notes_at_once: str = "",
    velocity: str = "",
    rhythm_grid: str = "",
    keep: str = "",
    lock: str = "",
    form: str = "",
    like: str = "",
    likeness: float = 0.8,
    ending: bool = False,
    own_repetition: bool = True,
    grid: GridChoice = GridChoice.AUTO,
    recipe: bool = True,
    alone: Path | None = None,
    audio: Path | None = None,
    model: Path | None = None,
    force: bool = False,
    json_: Annotated[bool, tyro.conf.arg(name="json")] = False,
) -> None:
    """Continue a MIDI file by bars, or write some of its bars again.

    Args:
        midi: The piece.
        out: Receives the whole piece; with several candidates, OUT-1.mid, OUT-2.mid and so on.
        bars: How many bars to add, 1 to 64.
        parts: Who plays: "all", names of tracks, of parts or of General MIDI instruments, or words
            of them, each with =always, =free or =silent. Without that, parts of the piece play as
            before, new ones always. With --replace, parts that are not named stay as they are.
        chords: Chord symbols, one a bar, such as "Am F C G"; repeated when they run out. What a
            symbol says beyond the 217 chords that models know is told, and left out.
        candidates: How many different continuations, 1 to 4.
        seed: The same seed makes the same music.
        adventure: How adventurous, from 0 to 1.
        copy_guard: Keep out more than 16 notes in a row of one training piece, where the model has
            an index of them.
        from_bar: Go on after this bar instead of the last.
        tempo: Changes of tempo, by the numbers of new bars: "9=120, 13=96".
        metre: Changes of metre, likewise: "13=3/4".
        replace: Bars to write again instead, such as 9-12; all else stays as it is.
        scale: What pitched notes keep to: a scale such as "D dorian", or key for that of the piece.
        range_: The notes between which parts keep, such as "bass=E1-G3"; middle C is C4.
        density: How many notes parts play compared with before, such as bass=0.7; a number alone is
            for all.
        notes_at_once: The most notes that parts begin together, such as piano=3.
        velocity: How loud notes are, such as 40-90.
        rhythm_grid: Where notes begin: quarters, eighths, triplets, sixteenths or swing.
        keep: With --replace, what the bars keep: their rhythm under new notes, or their notes in
            a new rhythm.
        lock: With --replace, what stays as it is: melody, bass, or names of parts; of them the
            notes of some bars ("bass 9-10"), or single notes of a bar ("piano 9:E4 G4"), with a
            beat those that begin nearest to it ("piano 9:E4@3", "drums 9@1").
        form: Letters over the new bars, such as AABA, or with the bars of each, such as "A8 A8 B4
            A8": what has one letter is like the first of it, another letter unlike what comes
            before it.
        like: New bars like others, such as "9=1, 13-16=1-4", numbered on from those of the piece.
            With --replace a bar may be like itself: a variation.
        likeness: How much, from 0, new, over 0.5, in its manner, to 1, again.
        ending: Let the last new bar end the piece: from the dominant to the tonic, unless there are
            chords, and one last chord that rings.
        own_repetition: Let new bars repeat others as much as the bars of the piece do, and have as
            many notes, where no form is asked for.
        grid: Whose bars count: those as-written in the file, or those you played (follow); auto
            follows where the notes plainly keep to other beats than the file's.
        recipe: Let the file say how its new bars were asked for: `meloformer describe` tells, and
            the page brings the settings back.
        alone: Also write the new notes alone.
        audio: Also render the whole piece; WAV, or MP3 by its ending.
        model: A checkpoint folder; by default the one that was shipped.
        force: Let what is written replace the piece itself.
        json_: Print what was made as JSON.
    """
    from meloformer.api.sound import check_sound

    if replace and from_bar is not None:
        raise ConfigError("A piece is continued from a bar, or bars of it are replaced; not both.")
    if (keep or lock) and not replace:
        raise ConfigError(
            "Only bars that are written again can keep or lock something of what was there.",
            hint="Say which with --replace, such as --replace 9-12.",
        )
    if replace and (tempo or metre):
        raise ConfigError("Bars that are written again keep their tempo and metre.")
    outs, alones, audios = (numbered(path, candidates) for path in (out, alone, audio))
    check_outputs([*outs, *alones, *audios], [midi], force=force)
    for path in audios:
        check_sound(path)
    song = mf.open(midi, grid=grid)
    if song.beats_followed:
        _note(
            f"{midi.name} is played to other beats than it says: they are followed, at "
            f"{song.score.tempos[-1].qpm:.0f} a minute (--grid as-written keeps the file's)"
        )
    asked: dict[str, Any] = {
        "parts": parts,
        "chords": chords,
        "candidates": candidates,
        "seed": seed,
        "adventure": adventure,
        "copy_guard": copy_guard,
        "scale": scale,
        "range": range_,
        "density": density,
        "notes_at_once": notes_at_once,
        "velocity": velocity,
        "rhythm_grid": rhythm_grid,
        "form": form,
        "like": like,
        "likeness": likeness,
        "ending": ending,
        "model": model,
        "on_bar": say_bar,
    }
    if replace:
        takes = mf.rewrite(song, replace, keep=keep, lock=lock, **asked)
    else:
        asked |= {"tempo": tempo, "metre": metre, "own_repetition": own_repetition}
        takes = mf.continue_(song, bars, from_bar=from_bar, **asked)
    save_takes(takes, outs, alones, audios, has_recipe=recipe, as_json=json_)


def render(midi: Input, /, out: Path) -> None:
    """Play a MIDI file into a WAV or MP3 file through FluidSynth.

    Args:
        midi: The piece.
        out: The sound, WAV or MP3 by its ending.
    """
    from meloformer.api.sound import check_sound

    check_sound(out)
    mf.open(midi, follow_beats=False).render(out)


def tokens(source: Input, /, out: Path | None = None, force: bool = False) -> None:
    """Write a MIDI file as HID tokens, or such a text as a MIDI file.

    Args:
        source: A MIDI file, or a text whose name ends in .txt.
        out: By default the text is printed.
        force: Let what is written replace the source itself.
    """
    from meloformer.api.song import read_bytes
    from meloformer.score import write_midi
    from meloformer.tokens import decode

    if out is not None:
        check_outputs([out], [source], force=force)
    if source.suffix == ".txt":
        if out is None:
            raise DataError("A MIDI file can't be printed.", hint="Name it with --out.")
        text = read_bytes(source).decode("utf-8", errors="replace")
        write_output(out, write_midi(decode(mf.from_text(text))))
        return
    text = mf.to_text(mf.encode(mf.open(source, follow_beats=False)))
    if out is None:
        print(text, end="")
    else:
        write_output(out, text.encode())


def save_takes(
    takes: "Sequence[Take]",
    outs: Sequence[Path],
    alones: Sequence[Path],
    audios: Sequence[Path],
    *,
    has_recipe: bool,
    as_json: bool,
) -> None:
    """Write takes to their files, and print which chords each has."""
    report, lines = [], []
    for number, take in enumerate(takes):
        path = take.save(outs[number], recipe=has_recipe)
        if alones:
            take.save(alones[number], alone=True)
        if audios:
            take.render(audios[number])
        for remark in take.remarks:
            _note(remark)
        report.append({"midi": str(path), "seed": take.seed, "chords": take.chords})
        lines.append(f"{path}  {' '.join(take.chords)}")
    show(report, lines, as_json)


def say_bar(bar: "FinishedBar") -> None:
    """Tell which bar is finished."""
    _note(f"candidate {bar.candidate + 1}: bar {bar.bar} of {bar.num_bars}")


def _note(text: str) -> None:
    print(text, file=sys.stderr)


def numbered(path: Path | None, count: int) -> list[Path]:
    """Return the files of so many takes, OUT-1.mid and so on if they are several."""
    from meloformer.engine.request import MAX_CANDIDATES

    if path is None or count == 1:
        return [] if path is None else [path]
    return [path.with_stem(f"{path.stem}-{k}") for k in range(1, min(count, MAX_CANDIDATES) + 1)]
