"""Seconds of sound that a second of work renders, for sixteen bars of the band.

`python -m benchmarks.render`: the best of several runs, as other programs only slow one down.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

from benchmarks.report import report
from meloformer.audio import (
    SOUNDFONT_FOLDER,
    Synth,
    find_soundfont,
    write_compressed,
    write_wav,
)
from meloformer.score import Score, bar_grid, note_array, read_midi
from meloformer.score.score import START

EXAMPLE = Path(__file__).parents[1] / "assets" / "examples" / "band.mid"
NUM_BARS = 16
RUNS = 5


def main() -> None:
    soundfont = find_soundfont(SOUNDFONT_FOLDER)
    started = perf_counter()
    synth = Synth(soundfont)
    report("soundfont_load", perf_counter() - started, "s")
    score = repeated(read_midi(EXAMPLE.read_bytes()), NUM_BARS)
    waveform = synth.render(score)
    name = f"render_{NUM_BARS}_bars_{soundfont.stem}"
    render_s = _best(lambda: synth.render(score))
    report(name, waveform.duration_s / render_s, "s of sound per s")
    started = process_time()
    synth.render(score)
    cpu_s = process_time() - started
    report(f"{name}_one_core", waveform.duration_s / cpu_s, "s of sound per CPU s")
    with tempfile.TemporaryDirectory() as folder:
        wav_s = _best(lambda: write_wav(Path(folder, "a.wav"), waveform))
        mp3_s = _best(lambda: write_compressed(Path(folder, "a.mp3"), waveform))
    report("write_wav", waveform.duration_s / wav_s, "s of sound per s")
    report("write_compressed", waveform.duration_s / mp3_s, "s of sound per s")


def repeated(score: Score, num_bars: int) -> Score:
    """Repeat the piece up to a number of bars."""
    grid = bar_grid(score)
    length = int(grid.starts[-1])
    rounds, rest = divmod(num_bars, grid.num_bars)
    end = rounds * length + int(grid.starts[rest])
    tracks = []
    for track in score.tracks:
        copies = [track.notes + np.array([start, 0, 0, 0]) for start in range(0, end, length)]
        notes = np.concatenate(copies)
        kept = note_array(notes[notes[:, START] < end])
        tracks.append(type(track)(track.name, track.program, track.is_drum, kept))
    return Score(score.ticks_per_quarter, tuple(tracks), score.tempos, score.time_signatures, end)


def _best(work: Callable[[], object]) -> float:
    """Return the seconds of the quickest of several runs."""
    seconds = []
    for _ in range(RUNS):
        started = perf_counter()
        work()
        seconds.append(perf_counter() - started)
    return min(seconds)


if __name__ == "__main__":
    main()
