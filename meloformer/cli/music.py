"""The verbs of the command line that concern one piece: `continue`, `render` and `tokens`."""

import sys
from pathlib import Path
from typing import Annotated, Any

import tyro

from meloformer.cli.output import show
from meloformer.errors import ConfigError, DataError, MidiError

MAX_MIDI_BYTES = 5_000_000

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
    from_bar: int | None = None,
    replace: str = "",
    alone: Path | None = None,
    audio: Path | None = None,
    model: Path | None = None,
    json_: Annotated[bool, tyro.conf.arg(name="json")] = False,
) -> None:
    """Continue a MIDI file by bars, or write some of its bars again.

    Args:
        midi: The piece.
        out: Receives the whole piece; with several candidates, OUT-1.mid, OUT-2.mid and so on.
        bars: How many bars to add, 1 to 64.
        parts: Who plays: "all", names of parts or of General MIDI instruments, each with =always,
            =free or =silent. Without that, parts of the piece play as before, new ones always.
            With --replace, parts that are not named stay as they are.
        chords: Chord symbols, one a bar, such as "Am F C G"; repeated when they run out.
        candidates: How many different continuations, 1 to 4.
        seed: The same seed makes the same music.
        adventure: How adventurous, from 0 to 1.
        from_bar: Go on after this bar instead of the last.
        replace: Bars to write again instead, such as 9-12; all else stays as it is.
        alone: Also write the new notes alone.
        audio: Also render the whole piece; WAV, or MP3 by its ending.
        model: A checkpoint folder; by default the one that was shipped.
        json_: Print what was made as JSON.
    """
    from meloformer.checkpoint import load
    from meloformer.engine.compose import continue_score
    from meloformer.engine.export import continuation_alone, whole_piece
    from meloformer.engine.instrumentation import as_before, as_there, parse_parts
    from meloformer.engine.request import (
        ContinueRequest,
        RewriteRequest,
        SamplingConfig,
        parse_bars,
    )
    from meloformer.engine.rewrite import rewrite_bars
    from meloformer.midi.retime import follow_beats
    from meloformer.registry import default_checkpoint
    from meloformer.score import read_midi
    from meloformer.score.chords import parse_chords
    from meloformer.tokens import encode

    if replace and from_bar is not None:
        raise ConfigError("A piece is continued from a bar, or bars of it are replaced; not both.")
    original = _read_bytes(midi)
    score = read_midi(original)
    on_grid = follow_beats(original, score)
    if on_grid is not None:
        print(f"{midi.name} was recorded without a click: its beats are followed", file=sys.stderr)
        original, score = on_grid, read_midi(on_grid)
    network, card = load(model or default_checkpoint())
    encoding = encode(score)
    common: dict[str, Any] = {
        "chords": parse_chords(chords) if chords else (),
        "num_candidates": candidates,
        "seed": seed,
        "sampling": SamplingConfig.from_adventure(adventure),
    }
    request: ContinueRequest | RewriteRequest
    if replace:
        first, last = parse_bars(replace)
        who = parse_parts(parts, as_there(encoding, first, last))
        request = RewriteRequest(first_bar=first, last_bar=last, parts=who, **common)
        steps = rewrite_bars(network, card, encoding, request)
    else:
        who = parse_parts(parts, as_before(encoding, from_bar or encoding.num_bars))
        request = ContinueRequest(num_bars=bars, from_bar=from_bar, parts=who, **common)
        steps = continue_score(network, card, score, request)
    made = {}
    for step in steps:
        made[step.candidate] = step.so_far
        print(f"candidate {step.candidate + 1}: bar {step.bar} of {step.num_bars}", file=sys.stderr)
    report: list[dict[str, object]] = []
    lines = []
    for index, candidate in sorted(made.items()):
        whole = whole_piece(original, score, encoding, request, candidate)
        path = _numbered(out, index, candidates)
        path.write_bytes(whole)
        if alone is not None:
            _numbered(alone, index, candidates).write_bytes(continuation_alone(candidate))
        if audio is not None:
            _render(whole, _numbered(audio, index, candidates))
        report.append({"midi": str(path), "seed": candidate.seed, "chords": candidate.chords})
        lines.append(f"{path}  {' '.join(candidate.chords)}")
    show(report, lines, json_)


def render(midi: Input, /, out: Path) -> None:
    """Play a MIDI file into a WAV or MP3 file through FluidSynth.

    Args:
        midi: The piece.
        out: The sound, WAV or MP3 by its ending.
    """
    _render(_read_bytes(midi), out)


def tokens(source: Input, /, out: Path | None = None) -> None:
    """Write a MIDI file as HID tokens, or such a text as a MIDI file.

    Args:
        source: A MIDI file, or a text whose name ends in .txt.
        out: By default the text is printed.
    """
    from meloformer.score import read_midi, write_midi
    from meloformer.tokens import decode, encode, from_text, to_text

    if source.suffix == ".txt":
        if out is None:
            raise DataError("A MIDI file can't be printed.", hint="Name it with --out.")
        text = _read_bytes(source).decode("utf-8", errors="replace")
        out.write_bytes(write_midi(decode(from_text(text))))
        return
    text = to_text(encode(read_midi(_read_bytes(source))).ids)
    if out is None:
        print(text, end="")
    else:
        out.write_text(text, encoding="utf-8")


def _read_bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_MIDI_BYTES:
            raise MidiError(
                f"{path.name} has more than {MAX_MIDI_BYTES // 1_000_000} MB.",
                hint="A MIDI file of a song has some 100 kB; is this one?",
            )
        return path.read_bytes()
    except OSError as error:
        raise MidiError(f"{path} can't be read: {error.strerror}.") from error


def _render(midi: bytes, out: Path) -> None:
    from meloformer.audio.files import write_compressed, write_wav
    from meloformer.audio.soundfonts import SOUNDFONT_FOLDER, find_soundfont
    from meloformer.audio.synth import Synth

    waveform = Synth(find_soundfont(SOUNDFONT_FOLDER)).render(midi)
    write = write_wav if out.suffix.lower() == ".wav" else write_compressed
    write(out, waveform)


def _numbered(path: Path, index: int, count: int) -> Path:
    return path if count == 1 else path.with_stem(f"{path.stem}-{index + 1}")
