"""Beat tracking of performances without a click: detection, and accuracy of the beats.

    python -m experiments.beats CORPUS/freedoom CORPUS/mutopia --files 10

First, false alarms: all files of the folders are asked whether they are free. Then some pieces of
each folder, all of one metre, are played as a musician without a click might: up to a fifth faster
or slower than written, on a tempo that wanders smoothly by 3, 8 or 15 % at most, each note 15 ms
off (standard deviation), after a moment of silence. The file says 120 quarters a minute.

Reported: the share told as free and the share for which a grid was found; the F-measure of the
grid's beats (70 ms; the beat is a dotted quarter in 6/8 and its like), also where the beats may be
twice as many, half as many, or off by half; and the share of notes whose distance to the note
before, in twelfths of a beat, is as written, beside what quantising by the true beats gives.
Where no grid was found, the measures are 0.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import report
from meloformer.errors import MidiError
from meloformer.score import Score, Tempo, TimeSignature, Track, note_array, read_midi
from meloformer.score.beat_grid import is_free, on_beat_grid

DRIFTS = (0.03, 0.08, 0.15)
JITTER_S = 0.015
TOLERANCE_S = 0.07
TICKS_PER_QUARTER, QPM = 480, 120.0
TICKS_PER_SECOND = TICKS_PER_QUARTER * QPM / 60


class Performance(NamedTuple):
    """A piece as it was played."""

    score: Score
    beats: NDArray[np.float64]
    """True beats under the music, in seconds. (B,)"""
    written: list[NDArray[np.float64]]
    """Onsets of each track in beats, by pitch, then by time."""


class Marks(NamedTuple):
    """Measures of one performance."""

    told: float
    found: float
    f_measure: float
    f_measure_any_level: float
    distances_kept: float
    distances_kept_by_true_beats: float
    milliseconds: float


def beat_ticks(score: Score) -> int:
    metre = score.time_signatures[0]
    is_compound = metre.denominator == 8 and metre.numerator % 3 == 0
    return score.ticks_per_quarter * 3 // 2 if is_compound else score.ticks_per_quarter


def perform(score: Score, drift: float, rng: np.random.Generator) -> Performance:
    """Play a score without a click."""
    unit = beat_ticks(score)
    end_tick = max(int((t.notes[:, 0] + t.notes[:, 1]).max(initial=0)) for t in score.tracks)
    ticks = np.arange(0, end_tick + unit + 1, unit)
    kernel = np.exp(-0.5 * (np.arange(-12, 13) / 4) ** 2)
    walk = np.pad(np.cumsum(rng.normal(size=len(ticks) - 1)), 12, mode="edge")
    curve = np.convolve(walk, kernel / kernel.sum(), mode="valid")
    curve -= curve.mean()
    curve *= drift / np.abs(curve).max()
    durations_s = np.diff(score.seconds_at(ticks)) * np.exp(curve + rng.uniform(-0.2, 0.2))
    beats = np.concatenate(([0.0], np.cumsum(durations_s))) + rng.uniform(0.2, 1.0)
    tracks, written = [], []
    for track in score.tracks:
        start, duration, pitch, velocity = track.notes.T.astype(np.int64)
        played_s = np.interp(start, ticks, beats) + rng.normal(size=len(start)) * JITTER_S
        first = np.round(np.maximum(played_s, 0) * TICKS_PER_SECOND)
        end = np.round(np.interp(start + duration, ticks, beats) * TICKS_PER_SECOND)
        rows = np.stack([first, np.maximum(end - first, 1), pitch, velocity], axis=1)
        tracks.append(Track(track.name, track.program, track.is_drum, note_array(rows.astype(int))))
        written.append(start[np.lexsort((start, pitch))] / unit)
    score = Score(
        TICKS_PER_QUARTER,
        tuple(tracks),
        (Tempo(0, QPM),),
        (TimeSignature(0, 4, 4),),
        max(int((t.notes[:, 0] + t.notes[:, 1]).max(initial=0)) for t in tracks),
    )
    onsets_s = np.concatenate([t.notes[:, 0] for t in tracks]) / TICKS_PER_SECOND
    under = (beats > onsets_s.min() - 0.1) & (beats < onsets_s.max() + 0.1)
    return Performance(score, beats[under], written)


def f_measure(found: NDArray[np.float64], true: NDArray[np.float64]) -> float:
    """Return the harmonic mean of precision and recall of beats; a beat counts once."""
    found = found[(found > true[0] - TOLERANCE_S) & (found < true[-1] + TOLERANCE_S)]
    if len(found) == 0:
        return 0.0
    nearest = np.abs(found[:, None] - true).argmin(axis=1)
    hits = np.unique(nearest[np.abs(found - true[nearest]) <= TOLERANCE_S])
    return 2 * len(hits) / (len(found) + len(true))


def f_measure_any_level(found: NDArray[np.float64], true: NDArray[np.float64]) -> float:
    between = (true[1:] + true[:-1]) / 2
    doubled = np.sort(np.concatenate((true, between)))
    levels = (true, between, doubled, true[::2], true[1::2])
    return max(f_measure(found, level) for level in levels if len(level))


def distances_kept(
    twelfths: Sequence[NDArray[np.floating]], written: Sequence[NDArray[np.float64]]
) -> float:
    """Return the share of notes as far from the note before as it is written."""
    kept, count = 0, 0
    for placed, beats in zip(twelfths, written, strict=True):
        order = np.argsort(beats, kind="stable")
        distances = np.diff(np.round(placed[order]))
        kept += int(np.sum(distances == np.diff(np.round(12 * beats[order]))))
        count += len(distances)
    return kept / max(count, 1)


def by_pitch(score: Score) -> list[NDArray[np.int32]]:
    """Return onsets of each track in ticks, by pitch, then by time: one order on every grid."""
    return [t.notes[np.lexsort((t.notes[:, 0], t.notes[:, 2])), 0] for t in score.tracks]


def marks_of(performance: Performance) -> Marks:
    score, beats, written = performance
    by_true = [
        12 * np.interp(ticks / TICKS_PER_SECOND, beats, np.arange(len(beats)))
        for ticks in by_pitch(score)
    ]
    ceiling = distances_kept(by_true, written)
    told = float(is_free(score))
    started = time.process_time()
    try:
        grid = on_beat_grid(score)
    except MidiError:
        return Marks(told, 0, 0, 0, 0, ceiling, 1000 * (time.process_time() - started))
    took_ms = 1000 * (time.process_time() - started)
    quarters = np.arange(0, grid.end_tick, grid.ticks_per_quarter)
    found = grid.seconds_at(quarters)
    placed = [ticks * (12 / grid.ticks_per_quarter) for ticks in by_pitch(grid)]
    return Marks(
        told,
        1,
        f_measure(found, beats),
        f_measure_any_level(found, beats),
        distances_kept(placed, written),
        ceiling,
        took_ms,
    )


def read_folder(folder: Path) -> dict[str, Score]:
    scores = {}
    for path in sorted(folder.rglob("*.mid")):
        try:
            scores[str(path)] = read_midi(path.read_bytes())
        except MidiError as error:
            print(f"{path}: {error}", file=sys.stderr)
    return scores


def is_playable(score: Score) -> bool:
    return (
        len(score.time_signatures) == 1
        and 100 <= score.num_notes <= 8000
        and 30 < score.duration_s < 400
        and not is_free(score)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--files", type=int, default=10, help="pieces to play of each folder")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    alarms, num_scores, is_free_s = 0, 0, 0.0
    pieces: list[Score] = []
    for folder in arguments.folders:
        scores = read_folder(folder)
        started = time.process_time()
        free = [name for name, score in scores.items() if is_free(score)]
        is_free_s += time.process_time() - started
        print(*free, sep="\n", end="\n" if free else "", file=sys.stderr)
        alarms += len(free)
        num_scores += len(scores)
        playable = [score for score in scores.values() if is_playable(score)]
        chosen = rng.permutation(len(playable))[: arguments.files]
        pieces += [playable[index] for index in chosen]
    report("beats/files", num_scores, "files")
    report("beats/files_told_as_free", alarms, "files")
    report("beats/is_free", 1e6 * is_free_s / max(num_scores, 1), "us")
    report("beats/performances", len(pieces), "pieces")
    for drift in DRIFTS:
        all_marks = [marks_of(perform(piece, drift, rng)) for piece in pieces]
        for name, values in zip(Marks._fields, zip(*all_marks, strict=True), strict=True):
            unit = "ms" if name == "milliseconds" else "share"
            report(f"beats/drift_{drift}/{name}", float(np.mean(values)), unit)


if __name__ == "__main__":
    main()
