"""A corpus made on the spot: bands and tunes, each file with music of its own."""

from pathlib import Path

import numpy as np

from meloformer.corpus.config import PrepareConfig
from meloformer.corpus.prepare import prepare
from meloformer.score import Score, Tempo, TimeSignature, Track, note_array, write_midi

QUARTER = 480


def small_score(seed: int, num_bars: int = 8, num_tracks: int = 3) -> Score:
    """Quarters and eighths in 4/4 and, from the fourth bar on, 3/4."""
    rng = np.random.default_rng(seed)
    change = 4 * 4 * QUARTER
    end_tick = change + (num_bars - 4) * 3 * QUARTER if num_bars > 4 else num_bars * 4 * QUARTER
    starts = np.arange(0, end_tick, QUARTER // 2)
    tracks = []
    for index, (program, is_drum) in enumerate([(0, False), (33, False), (0, True)][:num_tracks]):
        played = starts[rng.random(len(starts)) < 0.6]
        pitches = rng.integers(40, 70, len(played))
        velocities = rng.integers(40, 110, len(played))
        rows = np.stack([played, np.full(len(played), QUARTER // 2), pitches, velocities], axis=1)
        tracks.append(Track(f"part {index}", program, is_drum, note_array(rows)))
    return Score(
        QUARTER,
        tuple(tracks),
        (Tempo(0, 100.0 + seed),),
        (TimeSignature(0, 4, 4), TimeSignature(change, 3, 4)),
        end_tick,
    )


def write_corpus(folder: Path, files_per_set: int = 6) -> Path:
    """Two document sets, `band` with three parts and `tune` with one."""
    for number, (name, num_tracks) in enumerate((("band", 3), ("tune", 1))):
        (folder / name).mkdir(parents=True)
        for index in range(files_per_set):
            score = small_score(100 * number + index, 12 + index, num_tracks)
            (folder / name / f"{index}.mid").write_bytes(write_midi(score))
    return folder


def write_shards(folder: Path, files_per_set: int = 6) -> Path:
    """Shards of the small corpus."""
    out = folder / "shards"
    prepare(
        PrepareConfig(inputs=(write_corpus(folder / "corpus", files_per_set),), out=out, workers=1)
    )
    return out
