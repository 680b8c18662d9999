"""The command line: one verb each, each a function that parses its arguments and calls one room.

Rooms are imported inside their verb, so that `meloformer --help` answers at once.
"""

import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import tyro

from meloformer.cli.evaluation import evaluate
from meloformer.cli.output import progress_bar, show
from meloformer.cli.training import fine_tune, runs, train
from meloformer.corpus.config import FilterConfig
from meloformer.errors import ConfigError, DataError, MeloFormerError, MidiError
from meloformer.midi.container import MAX_BYTES

_FILTER = FilterConfig()

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
    from meloformer.engine.composition import compose
    from meloformer.engine.export import continuation_alone, whole_piece
    from meloformer.engine.instrumentation import as_before, as_there, parse_parts
    from meloformer.engine.piece import Piece
    from meloformer.engine.request import (
        ContinueRequest,
        Request,
        RewriteRequest,
        SamplingConfig,
        parse_bars,
    )
    from meloformer.registry import default_checkpoint
    from meloformer.score.chords import parse_chords

    if replace and from_bar is not None:
        raise ConfigError("A piece is continued from a bar, or bars of it are replaced; not both.")
    piece = Piece.read(midi.stem, _read_bytes(midi))
    if piece.beats_followed:
        print(f"{midi.name} was recorded without a click: its beats are followed", file=sys.stderr)
    network, card = load(model or default_checkpoint())
    encoding = piece.encoding
    common: dict[str, Any] = {
        "chords": parse_chords(chords) if chords else (),
        "num_candidates": candidates,
        "seed": seed,
        "sampling": SamplingConfig.from_adventure(adventure),
    }
    request: Request
    if replace:
        first, last = parse_bars(replace)
        who = parse_parts(parts, as_there(encoding, first, last))
        request = RewriteRequest(first_bar=first, last_bar=last, parts=who, **common)
    else:
        who = parse_parts(parts, as_before(encoding, from_bar or encoding.num_bars))
        request = ContinueRequest(num_bars=bars, from_bar=from_bar, parts=who, **common)
    made = {}
    for step in compose(network, card, encoding, request):
        made[step.candidate] = step.so_far
        print(f"candidate {step.candidate + 1}: bar {step.bar} of {step.num_bars}", file=sys.stderr)
    report: list[dict[str, object]] = []
    lines = []
    for index, candidate in sorted(made.items()):
        whole = whole_piece(piece, request, candidate)
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


def prepare(
    inputs: Annotated[tuple[Path, ...], tyro.conf.Positional],
    /,
    out: Path,
    groups: Path | None = None,
    sources: Path | None = None,
    held_out: float = 0.04,
    near: float = 0.9,
    workers: int = 0,
    cluster: str = "",
    filter_: Annotated[FilterConfig, tyro.conf.arg(name="")] = _FILTER,
    json_: Annotated[bool, tyro.conf.arg(name="json")] = False,
) -> None:
    """Turn folders and archives of MIDI files into shards that train at once.

    A run that was stopped goes on where it was when the same command is given again.

    Args:
        inputs: Folders, ZIPs, tars or MIDI files; the first folder below names the document set.
        out: Receives the shards, files.tsv, manifest.json and report.html.
        groups: TSV of file and group; a group is never split between training and held out.
        sources: TSV of set, licence and source, for the manifest.
        held_out: Share of the groups that is never trained on.
        near: Share of the bars two pieces have in common to count as one.
        workers: Processes; 0 is one for each core.
        cluster: Address of a Ray cluster that does the work instead, or "local".
        filter_: Which pieces are worth training on.
        json_: Print what was made as JSON.
    """
    from meloformer.corpus.config import PrepareConfig
    from meloformer.corpus.prepare import prepare as prepare_shards

    config = PrepareConfig(
        inputs=inputs,
        out=out,
        groups=groups,
        sources=sources,
        held_out=held_out,
        near=near,
        filter=filter_,
        workers=workers,
        cluster=cluster,
    )
    with progress_bar(" files") as on_progress:
        report = prepare_shards(config, on_progress)
    lines = [f"refused {count:,}: {reason}" for reason, count in report.refusals.items()]
    for name, sets in (("train", report.train), ("held out", report.held_out)):
        documents, notes = sum(s.documents for s in sets), sum(s.notes for s in sets)
        lines.append(f"{name}: {documents:,} pieces, {notes:,} notes")
    lines.append(f"{out / 'report.html'} shows them")
    show(asdict(report), lines, json_)


def convert(source: Input, /, out: Path) -> None:
    """Turn prepared shards into a folder of the Hugging Face library datasets, or back.

    Args:
        source: What `prepare` wrote, or a folder with dataset_dict.json.
        out: A new folder.
    """
    from meloformer.corpus.hub import from_datasets, to_datasets

    is_datasets = (source / "dataset_dict.json").exists()
    (from_datasets if is_datasets else to_datasets)(source, out)


def models(json_: Annotated[bool, tyro.conf.arg(name="json")] = False) -> None:
    """List the models that can be used.

    Args:
        json_: Print JSON.
    """
    from meloformer.registry import list_models

    entries = list_models()
    rows = [{"name": e.name, "path": str(e.path), "metrics": e.card.metrics} for e in entries]
    show(rows, [f"{e.name}  {e.card.steps:,} steps  {e.path}" for e in entries], json_)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; a failure the user can act on is one sentence and exit code 1."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    verbs: dict[str, Callable[..., None]] = {
        "continue": continue_,
        "render": render,
        "tokens": tokens,
        "prepare": prepare,
        "convert": convert,
        "fine-tune": fine_tune,
        "train": train,
        "runs": runs,
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


def _read_bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise MidiError(
                f"{path.name} has more than {MAX_BYTES // 1_000_000} MB.",
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
