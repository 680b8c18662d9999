"""The round trip MIDI, tokens, MIDI: the share of notes that keep onset, pitch and duration.

    python -m experiments.round_trip FOLDER

Asked of files that are on the grid: every note keeps its onset, pitch and part, and 99 % keep their
duration. What counts:

- An onset is on the grid if it is at most one tick of the file's own clock, and never more than
  1/96 of a quarter, from a twelfth of a quarter after its bar line. Some programs begin every note
  one tick late, and a clock of 128 ticks has no exact triplets: neither is something a musician
  wrote or could hear (1/96 of a quarter is 5 ms at 120 a minute). Anything farther off was played,
  or is a 32nd, a quintuplet or a grace note, which the grid cannot say.
- A file is on the grid if at least 99 % of its onsets are. Its other notes are counted apart; to
  be kept, they must be at the tick of the grid that is nearest.
- A note keeps onset, pitch and part if the last file has a note of that pitch in that part at
  that very tick of the grid, counted from the beginning of the piece. Notes of one part with one
  onset and pitch are one note, as long as the longest.
- A note keeps its duration if it is as many ticks of the grid long as it was, rounded to whole
  ticks and to one at least.
"""

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import ROOT, report
from meloformer.errors import MidiError
from meloformer.score import Score, bar_grid, read_midi, write_midi
from meloformer.score.grid import DURATION_TICKS, TICKS_PER_QUARTER
from meloformer.score.part import parts_of
from meloformer.tokens import decode, encode

ON_GRID_SHARE = 0.99

OUTCOMES = (
    "duration/same",
    "duration/over_16_quarters",
    "duration/between_two_steps",
    "duration/cut_by_the_next_note_of_its_key",
    "duration/longer",
)

Key: TypeAlias = tuple[int, int, int]
"""Part, onset in grid ticks from the beginning, pitch."""


def note_lengths(score: Score) -> tuple[dict[Key, int], dict[Key, bool]]:
    """Return the length in grid ticks of every note, and whether its onset is on the grid."""
    grid = bar_grid(score)
    numbers = [part.number if part else 0 for part in parts_of(score)]
    part = np.repeat(numbers, [len(track.notes) for track in score.tracks])
    rows = np.concatenate([track.notes for track in score.tracks]).astype(np.int64)
    start, duration, pitch, _ = rows.T
    bar = np.searchsorted(grid.starts[:-1], start, side="right") - 1
    onset, is_on_grid = rounded(start - grid.starts[bar], score.ticks_per_quarter)
    length = np.maximum(rounded(duration, score.ticks_per_quarter)[0], 1)
    lengths: dict[Key, int] = {}
    on_grid: dict[Key, bool] = {}
    columns = (part, grid.lines[bar] + onset, pitch, length, is_on_grid)
    for number, tick, key, ticks, is_on in zip(*(c.tolist() for c in columns), strict=True):
        note = (number, tick, key)
        lengths[note] = max(lengths.get(note, 0), ticks)
        on_grid[note] = on_grid.get(note, False) or is_on
    return lengths, on_grid


def rounded(
    ticks: NDArray[np.int64], ticks_per_quarter: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the nearest grid ticks, a half going up, and whether the ticks are on the grid."""
    exact = ticks * TICKS_PER_QUARTER / ticks_per_quarter
    nearest = np.floor(exact + 0.5)
    tolerance = min(1 / ticks_per_quarter, 1 / 96) * TICKS_PER_QUARTER
    return nearest.astype(np.int64), np.abs(exact - nearest) <= tolerance + 1e-9


def outcome(before: int, after: int) -> str:
    """Return the outcome for the duration of a note, in grid ticks: one of `OUTCOMES`."""
    if before == after:
        return OUTCOMES[0]
    if before > DURATION_TICKS[-1]:
        return OUTCOMES[1]
    if before not in DURATION_TICKS:
        return OUTCOMES[2]
    return OUTCOMES[3] if after < before else OUTCOMES[4]


def count(score: Score) -> Counter[str]:
    """Measure what one piece keeps; nothing but the file itself if it is off the grid."""
    before, on_grid = note_lengths(score)
    counts = Counter(files=1)
    if sum(on_grid.values()) < ON_GRID_SHARE * len(on_grid):
        return counts
    after, _ = note_lengths(read_midi(write_midi(decode(encode(score).ids))))
    counts.update(on_grid_files=1, added=len(after.keys() - before.keys()))
    for key, length in before.items():
        place = "on_grid" if on_grid[key] else "off_grid"
        counts[f"{place}/notes"] += 1
        if key in after:
            counts[f"{place}/kept"] += 1
            counts[outcome(length, after[key])] += 1
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "assets" / "examples")
    counts: Counter[str] = Counter()
    for path in sorted(parser.parse_args().folder.rglob("*.mid")):
        try:
            counts += count(read_midi(path.read_bytes()))
        except MidiError as error:
            print(f"{path}: {error}", file=sys.stderr)
    report("round_trip/files", counts["files"], "files")
    report("round_trip/on_grid_files", counts["on_grid_files"], "files")
    for place in ("on_grid", "off_grid"):
        notes, kept = counts[f"{place}/notes"], counts[f"{place}/kept"]
        report(f"round_trip/{place}/notes", notes, "notes of files on the grid")
        report(f"round_trip/{place}/lost", notes - kept, "notes")
        report(f"round_trip/{place}/kept", 100 * kept / max(notes, 1), "%")
    report("round_trip/added", counts["added"], "notes")
    num_kept = counts["on_grid/kept"] + counts["off_grid/kept"]
    for name in OUTCOMES:
        report(f"round_trip/{name}", counts[name], "notes")
    report("round_trip/duration_kept", 100 * counts[OUTCOMES[0]] / max(num_kept, 1), "%")


if __name__ == "__main__":
    main()
