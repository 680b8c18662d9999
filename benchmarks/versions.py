"""Seconds until three versions of a piece can be downloaded as WAV, and until the MP3 of one.

`python -m benchmarks.versions`: eleven parts, 16 bars and five minutes of them, each continued by
eight bars in three ways. One of them is rendered whole and written as WAV and MP3, then all three
from the sound of the piece. All are measured in one run.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

from benchmarks.render import EXAMPLE, repeated
from benchmarks.report import report
from meloformer.app.renderer import Renderer
from meloformer.audio import SOUNDFONT_FOLDER, Synth, find_soundfont, write_compressed, write_wav
from meloformer.midi.file import MidiFile
from meloformer.midi.join import join
from meloformer.midi.read import read_file
from meloformer.midi.write import write_midi
from meloformer.score import Score, bar_grid, note_array, read_midi
from meloformer.score.score import PITCH, START

NEW_BARS = 8
SIZES = {"16_bars": 16, "5_minutes": 145}
PROGRAMS = (4, 25, 61, 73, 89)
"""Of the parts that are added to the example's."""


def main() -> None:
    synth = Synth(find_soundfont(SOUNDFONT_FOLDER))
    band = with_more_parts(read_midi(EXAMPLE.read_bytes()))
    for name, num_bars in SIZES.items():
        piece = read_file(write_midi(repeated(band, num_bars)))
        versions = [_continued(piece, semitones) for semitones in (0, 2, -3)]
        with tempfile.TemporaryDirectory() as folder:
            _measure(name, synth, piece, versions, Path(folder))


def _measure(
    name: str, synth: Synth, piece: MidiFile, versions: list[MidiFile], folder: Path
) -> None:
    synth.render(versions[0])  # the SoundFont's samples are loaded when they are first played
    renderer = Renderer(synth)
    made = []
    with _timed(f"versions_{name}_whole_wav"):
        waveform = synth.render(versions[0])
        write_wav(folder / "whole.wav", waveform)
    with _timed(f"versions_{name}_whole_mp3"):
        write_compressed(folder / "whole.mp3", waveform)
    with _timed(f"versions_{name}_piece_wav"):
        base = renderer.whole(piece, folder / "base.wav")
    report(f"versions_{name}_length", base.duration_s, "s of sound")
    with _timed(f"versions_{name}_all_{len(versions)}_wav"):
        for number, version in enumerate(versions):
            made.append(renderer.version(version, piece, base, folder / f"{number}.wav"))
    with _timed(f"versions_{name}_mp3_when_asked"):
        renderer.compress(made[0], folder / "last.mp3")


@contextmanager
def _timed(name: str) -> Iterator[None]:
    """Report the time that passes, and that of all processors, on which others count less."""
    started, cpu_started = perf_counter(), process_time()
    yield
    report(name, perf_counter() - started, "s")
    report(f"{name}_cpu", process_time() - cpu_started, "s")


def with_more_parts(score: Score) -> Score:
    """Double some pitched parts by other instruments an octave up."""
    pitched = [track for track in score.tracks if not track.is_drum]
    added = []
    for program, track in zip(PROGRAMS, pitched, strict=True):
        notes = track.notes.copy()
        notes[:, PITCH] = np.minimum(notes[:, PITCH] + 12, 127)
        added.append(replace(track, program=program, notes=note_array(notes)))
    return score.with_tracks((*score.tracks, *added))


def _continued(piece: MidiFile, semitones: int) -> MidiFile:
    end = int(bar_grid(piece.score).starts[NEW_BARS])
    tracks = []
    for track in piece.score.tracks:
        notes = track.notes[track.notes[:, START] < end].copy()
        notes[:, PITCH] += 0 if track.is_drum else semitones
        tracks.append(replace(track, notes=note_array(notes)))
    new = replace(piece.score.with_tracks(tuple(tracks)), end_tick=end)
    seam = int(piece.grid.starts[-1])
    return read_file(join(piece, new, seam_tick=seam, track_of=list(range(len(tracks)))))


if __name__ == "__main__":
    main()
