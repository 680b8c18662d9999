"""The command line: one verb each, each a function that parses its arguments and calls one room.

Rooms are imported inside their verb, so that `meloformer --help` answers at once.
"""

import json
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import tyro

from meloformer.errors import DataError, MeloFormerError, MidiError
from meloformer.training.config import TrainConfig

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
    alone: Path | None = None,
    audio: Path | None = None,
    model: Path | None = None,
    json_: Annotated[bool, tyro.conf.arg(name="json")] = False,
) -> None:
    """Continue a MIDI file by bars.

    Args:
        midi: The piece.
        out: Receives the whole piece; with several candidates, OUT-1.mid, OUT-2.mid and so on.
        bars: How many bars to add, 1 to 64.
        parts: Who plays: "all", names of parts or of General MIDI instruments, each with =always,
            =free or =silent. Without that, parts of the piece play as before, new ones always.
        chords: Chord symbols, one a bar, such as "Am F C G"; repeated when they run out.
        candidates: How many different continuations, 1 to 4.
        seed: The same seed makes the same music.
        adventure: How adventurous, from 0 to 1.
        from_bar: Go on after this bar instead of the last.
        alone: Also write the continuation alone.
        audio: Also render the whole piece; WAV, or MP3 by its ending.
        model: A checkpoint folder; by default the one that was shipped.
        json_: Print what was made as JSON.
    """
    from meloformer.checkpoint import load
    from meloformer.engine.cast import as_before, parse_parts
    from meloformer.engine.compose import continue_score, prepare_prompt
    from meloformer.engine.export import continuation_alone, whole_piece
    from meloformer.engine.request import ContinueRequest, SamplingConfig
    from meloformer.registry import default_checkpoint
    from meloformer.score import read_midi
    from meloformer.score.chords import parse_chords

    original = _read_bytes(midi)
    score = read_midi(original)
    network, card = load(model or default_checkpoint())
    prompt = prepare_prompt(network, card, score, from_bar)
    request = ContinueRequest(
        num_bars=bars,
        parts=parse_parts(parts, as_before(prompt.encoding, prompt.from_bar)),
        chords=parse_chords(chords) if chords else (),
        num_candidates=candidates,
        seed=seed,
        sampling=SamplingConfig.from_adventure(adventure),
        from_bar=from_bar,
    )
    made = {}
    for step in continue_score(network, card, score, request, prompt=prompt):
        made[step.candidate] = step.so_far
        print(f"candidate {step.candidate + 1}: bar {step.bar} of {bars}", file=sys.stderr)
    report: list[dict[str, object]] = []
    lines = []
    for index, candidate in sorted(made.items()):
        whole = whole_piece(original, score, prompt, candidate)
        path = _numbered(out, index, candidates)
        path.write_bytes(whole)
        if alone is not None:
            _numbered(alone, index, candidates).write_bytes(continuation_alone(candidate))
        if audio is not None:
            _render(whole, _numbered(audio, index, candidates))
        report.append({"midi": str(path), "seed": candidate.seed, "chords": candidate.chords})
        lines.append(f"{path}  {' '.join(candidate.chords)}")
    _show(report, lines, json_)


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


def prepare(
    folder: Input,
    /,
    out: Path,
    groups: Path | None = None,
    held_out: float = 0.04,
    workers: int = 1,
) -> None:
    """Turn a folder of MIDI files into shards that train at once.

    Args:
        folder: Searched for MIDI files; the first folder below it names the document set.
        out: Receives the shards and the manifest.
        groups: TSV of file and group; a group is never split between training and held out.
        held_out: Share of the groups that is never trained on.
        workers: Processes.
    """
    from meloformer.data.config import PrepareConfig
    from meloformer.data.prepare import prepare as prepare_shards

    report = prepare_shards(
        PrepareConfig(folder=folder, out=out, groups=groups, held_out=held_out, workers=workers)
    )
    for reason, count in sorted(report.refusals.items()):
        print(f"refused {count:,}: {reason}", file=sys.stderr)
    for name, sets in (("train", report.train), ("held out", report.held_out)):
        documents, notes = sum(s.documents for s in sets), sum(s.notes for s in sets)
        print(f"{name}: {documents:,} pieces, {notes:,} notes")


def train(config: Annotated[TrainConfig, tyro.conf.arg(name="")]) -> None:
    """Train a model on shards made by `prepare`."""
    from meloformer.training.trainer import train as run

    print(run(config))


def evaluate(
    shards: Input,
    /,
    model: Path | None = None,
    json_: Annotated[bool, tyro.conf.arg(name="json")] = False,
) -> None:
    """Measure bits per note on held-out music, beside a 3-gram on the same tokens.

    Args:
        shards: A folder made by `prepare`.
        model: A checkpoint folder; by default the one that was shipped.
        json_: Print JSON.
    """
    from meloformer.evaluation.report import ReportConfig, measure
    from meloformer.registry import default_checkpoint

    checkpoint = model or default_checkpoint()
    result = measure(ReportConfig(checkpoint=checkpoint, shards=shards))
    ours, theirs = result.model, result.baseline
    low, high = ours.interval
    lines = [
        f"{ours.bits_per_note:.2f} bits per note ({low:.2f} to {high:.2f}); "
        f"a 3-gram needs {theirs.bits_per_note:.2f}, so {result.improvement:.0%} less",
        *(f"  {name}: {bits:.2f} a token" for name, bits in ours.bits_per_token.items()),
    ]
    _show(result.to_json(), lines, json_)


def models(json_: Annotated[bool, tyro.conf.arg(name="json")] = False) -> None:
    """List the models that can be used.

    Args:
        json_: Print JSON.
    """
    from meloformer.registry import list_models

    entries = list_models()
    rows = [{"name": e.name, "path": str(e.path), "metrics": e.card.metrics} for e in entries]
    _show(rows, [f"{e.name}  {e.card.steps:,} steps  {e.path}" for e in entries], json_)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; a failure the user can act on is one sentence and exit code 1."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    verbs: dict[str, Callable[..., None]] = {
        "continue": continue_,
        "render": render,
        "tokens": tokens,
        "prepare": prepare,
        "train": train,
        "evaluate": evaluate,
        "models": models,
    }
    try:
        tyro.extras.subcommand_cli_from_dict(
            verbs, prog="meloformer", description="Continue your music.", args=arguments
        )
    except MeloFormerError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _show(data: object, lines: Sequence[str], as_json: bool) -> None:
    print(json.dumps(data, ensure_ascii=False) if as_json else "\n".join(lines))


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
