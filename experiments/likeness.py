"""Likeness: how similar bars come out to those that they are to be like, by the dial.

    python -m experiments.likeness assets/examples/piano.mid assets/examples/band.mid

Each piece is continued by four bars like its last four, with the same seeds at each place of the
dial. The table is printed as Markdown.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np

import meloformer as mf
from meloformer.api.song import Song
from meloformer.cpu_workarounds import avoid_broken_amx
from meloformer.engine.constraints.own_similarity import notes_of
from meloformer.evaluation.study.similarity import similarity
from meloformer.tokens.bar_contents import bar_contents

BARS = 4
DIAL = (0.0, 0.25, 0.5, 0.65, 0.8, 0.9, 1.0)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pieces", type=Path, nargs="+")
    avoid_broken_amx()
    model = mf.load()
    print(f"| piece | free | {' | '.join(f'{place:g}' for place in DIAL)} |")
    print(f"{'|---' * (len(DIAL) + 2)}|", flush=True)
    for path in parser.parse_args().pieces:
        song = mf.open(path)
        found = [mean_similarity(song, model, likeness) for likeness in (None, *DIAL)]
        print(f"| {song.name} | {' | '.join(f'{one:.2f}' for one in found)} |", flush=True)


def mean_similarity(song: Song, model: mf.Model, likeness: float | None) -> float:
    """Return how similar new bars are to those four before, on average over two versions."""
    last = song.piece.last_number
    words: dict[str, Any] = {"own_repetition": False, "candidates": 2, "seed": 1, "model": model}
    if likeness is not None:
        like = f"{last + 1}-{last + BARS}={last - BARS + 1}-{last}"
        words |= {"like": like, "likeness": likeness}
    found = []
    for take in mf.continue_(song, BARS, **words):
        seam = int(song.encoding.stream_bars[-1])
        notes = [*map(notes_of, bar_contents(take.song.encoding.ids, seam - BARS, seam + BARS))]
        found += [similarity(notes[bar], notes[bar + BARS]) for bar in range(BARS)]
    return float(np.nanmean(found))


if __name__ == "__main__":
    main()
