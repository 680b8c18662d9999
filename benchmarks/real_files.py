"""Runs MIDI files of any origin through the whole way, and names those that break a law.

    python -m benchmarks.real_files FOLDER [--limit 100] [--model]

Every file is read, turned into tokens, continued by a bar after its last and after a middle one and
joined. By default the new bar is the last that the piece has, which is fast and has every part that
plays there; with `--model` the shipped model writes it. The laws:

- every message before the seam is kept, but of notes that begin a hair before it;
- the seam is a bar line of the file, and the whole is longer by exactly one bar;
- each new note has the program of its part;
- no note hangs at the end;
- mido, pretty_midi, symusic and music21 open the result, as far as they open the file itself.

A line is printed for each law that a file breaks, then one with the counts.
"""

import argparse
import io
import tempfile
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import mido
import music21
import numpy as np
import pretty_midi
import symusic

from meloformer.engine.candidate import Candidate, finished_bar
from meloformer.engine.piece import Piece
from meloformer.engine.request import ContinueRequest
from meloformer.engine.tasks import task_of
from meloformer.errors import MeloFormerError
from meloformer.midi.container import read_container
from meloformer.midi.early_notes import without_early_notes
from meloformer.midi.events import DRUM_CHANNEL
from meloformer.midi.note_table import ALL_NOTES_OFF
from meloformer.midi.read import read_file
from meloformer.midi.sysex import is_reset
from meloformer.score.part import DRUM_PROGRAM
from meloformer.tokens import crop

Writer = Callable[[Piece, ContinueRequest], Candidate]


def last_bar_again(piece: Piece, request: ContinueRequest) -> Candidate:
    """Return the last bar before the seam as the new one."""
    seam = request.from_bar or piece.encoding.num_bars
    first, last = piece.encoding.stream_bars[seam - 1 : seam + 1].tolist()
    written = crop(piece.encoding.ids, first, last)
    bar = finished_bar(written, 0, 0, np.array([0, last - first]))
    if bar is None:
        raise RuntimeError(f"Bar {seam} is not whole.")
    return bar.so_far


def model_writes() -> Writer:
    """Return what lets the shipped model write a bar."""
    from meloformer import checkpoint, registry
    from meloformer.engine import compose, finish

    model, card = checkpoint.load(registry.default_checkpoint())

    def write(piece: Piece, request: ContinueRequest) -> Candidate:
        return finish(compose(model, card, piece.encoding, request))[0]

    return write


def broken_laws(piece: Piece, seam_bar: int, write: Writer) -> Iterator[str]:
    """Continue a piece after a bar, and say what is wrong with the result."""
    request = ContinueRequest(num_bars=1, from_bar=seam_bar)
    candidate = write(piece, request)
    task = task_of(piece.encoding, request)
    whole = task.joined(piece.file, candidate)
    seam = int(piece.grid.whole_starts[seam_bar])
    kept = without_early_notes(piece.file, seam)
    if not _is_kept(kept.data, whole, seam):
        yield "messages before the seam have changed"
    end_tick = task.end_tick(piece.file, candidate)
    pickup = piece.file.pickup_ticks
    lines = read_file(whole, end_tick=end_tick, pickup_ticks=pickup).grid.whole_starts
    if seam not in lines:
        yield f"the seam at tick {seam} is no bar line"
    if len(lines) - 1 != seam_bar + 1:
        yield f"{len(lines) - 1} bars instead of {seam_bar + 1}"
    yield from _wrong_programs(whole, seam, candidate)
    for channel, key in _hanging(whole):
        yield f"key {key} hangs in channel {channel + 1}"
    for name, why in _closed_doors(whole).items():
        # A clock word that symusic refuses, say, stays as it was uploaded.
        if name not in _closed_doors(piece.file.container.to_bytes()):
            yield f"{name} does not open it: {why}"


def _tracks(data: bytes) -> list[list[tuple[int, mido.Message]]]:
    # A file as it was uploaded may be wrapped or damaged: both are read from what was made of it.
    plain = read_container(data).to_bytes()
    tracks = []
    for own in mido.MidiFile(file=io.BytesIO(plain), clip=True).tracks:
        ticks = np.cumsum([message.time for message in own]).tolist()
        tracks.append([(t, m.copy(time=0)) for t, m in zip(ticks, own, strict=True)])
    return tracks


def _is_kept(data: bytes, whole: bytes, seam: int) -> bool:
    before, after = (
        [[one for one in own if one[0] < seam and one[1].type != "end_of_track"] for own in tracks]
        for tracks in (_tracks(data), _tracks(whole))
    )
    return after[: len(before)] == before


def _heard(data: bytes) -> list[tuple[int, int, mido.Message]]:
    """Return all messages with their ticks and ports, in the order in which they are heard."""
    heard = []
    for own in _tracks(data):
        port = 0
        for tick, message in own:
            port = message.port if message.type == "midi_port" else port
            heard.append((tick, port, message))
    return sorted(heard, key=lambda one: one[0])


def _wrong_programs(whole: bytes, seam: int, candidate: Candidate) -> Iterator[str]:
    """Compare the programs in force at the new notes with those of the new parts."""
    expected: Counter[int] = Counter()
    for part, track in zip(candidate.parts, candidate.score.tracks, strict=True):
        expected[part.program] += len(track.notes)
    programs: defaultdict[tuple[int, int], int] = defaultdict(int)
    found: Counter[int] = Counter()
    for tick, port, message in _heard(whole):
        if message.type == "sysex" and is_reset(bytes(message.data)):
            programs.clear()
        elif message.type == "program_change":
            programs[port, message.channel] = message.program
        elif message.type == "note_on" and message.velocity and tick >= seam:
            is_drum = message.channel == DRUM_CHANNEL
            found[DRUM_PROGRAM if is_drum else programs[port, message.channel]] += 1
    # Drums may be in any channel that the file has set to them.
    elsewhere = sum((found - expected).values())
    missing = expected - found
    if missing[DRUM_PROGRAM] <= elsewhere:
        del missing[DRUM_PROGRAM]
    if missing:
        yield f"new notes without their program: {dict(missing)}"


def _hanging(whole: bytes) -> list[tuple[int, int]]:
    down: Counter[tuple[int, int, int]] = Counter()
    for _, port, message in _heard(whole):
        if message.type in ("note_on", "note_off"):
            key = port, message.channel, message.note
            is_on = message.type == "note_on" and message.velocity > 0
            down[key] = 1 if is_on else 0
        elif message.type == "control_change" and message.control in ALL_NOTES_OFF:
            for key in [key for key in down if key[:2] == (port, message.channel)]:
                down[key] = 0
    return sorted({key[1:] for key in +down})


def _closed_doors(whole: bytes) -> dict[str, str]:
    """Open a file with other libraries, and return those that refuse it, each with its reason."""
    openers: dict[str, Callable[[Path], object]] = {
        "mido": mido.MidiFile,
        "pretty_midi": lambda path: pretty_midi.PrettyMIDI(str(path)),
        "symusic": symusic.Score,
        "music21": lambda path: music21.converter.parse(path, format="midi", forceSource=True),
    }
    refused = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "whole.mid"
        path.write_bytes(whole)
        for name, opens in openers.items():
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    opens(path)
            except Exception as error:  # noqa: BLE001 -- whatever they raise is the finding
                refused[name] = f"{type(error).__name__}: {error}"
    return refused


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int, help="files, evenly spaced, instead of all")
    parser.add_argument("--model", action="store_true", help="let the shipped model write")
    arguments = parser.parse_args()
    paths = sorted(p for p in arguments.folder.rglob("*") if p.suffix.lower() in (".mid", ".midi"))
    if arguments.limit and arguments.limit < len(paths):
        spaced = np.linspace(0, len(paths) - 1, arguments.limit).astype(int)
        paths = [paths[index] for index in spaced]
    write = model_writes() if arguments.model else last_bar_again
    counts: Counter[str] = Counter()
    for path in paths:
        name = path.relative_to(arguments.folder)
        try:
            piece = Piece.read(path.stem, path.read_bytes())
            num_bars = piece.encoding.num_bars
        except MeloFormerError as error:
            counts["refused"] += 1
            print(f"{name}: refused: {error.problem}")
            continue
        counts["read"] += 1
        for seam_bar in sorted({num_bars, max(1, num_bars // 2)}):
            counts["joined"] += 1
            for broken in broken_laws(piece, seam_bar, write):
                counts["broken"] += 1
                print(f"{name}, after bar {seam_bar}: {broken}")
    print(", ".join(f"{counts[key]} {key}" for key in ("read", "refused", "joined", "broken")))


if __name__ == "__main__":
    main()
