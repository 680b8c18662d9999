"""Repetition: how alike the bars are that a song goes on with, by how alike those before were.

    python -m experiments.repetition shards --songs 60

Each training song that is long enough is cut once at random, after 8 bars and after 32. A Markdown
row for each distance between bars: the mean similarity before the cut and behind it, the line that
tells the one from the other, and the line from the mean of all distances that the bars before are
enough for. `engine/constraints/own_similarity.py` has the lines, rounded. The last row of each
table is how often the bars behind the cut are 0.7 to 1.4 times as full as those before.

Axes: D distances.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meloformer.data.shards import Shards, open_shards
from meloformer.engine.constraints.own_similarity import (
    DISTANCES,
    notes_of,
    own_similarity,
    similarities,
)
from meloformer.evaluation.study.measured import MAX_DENSITY, MIN_DENSITY
from meloformer.tokens import Kind, vocabulary
from meloformer.tokens.bar_contents import bar_contents

PROMPTS = (8, 32)
"""Bars before the cut."""
CONTINUED = 32
"""Bars behind it."""


class _Cut(NamedTuple):
    before: NDArray[np.float64]
    """Mean similarity at each distance; not a number where there are too few bars. (D,)."""
    behind: NDArray[np.float64]
    as_full: float
    """Notes a bar behind, by those before."""


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shards", type=Path)
    parser.add_argument("--songs", type=int, default=60, help="of each document set")
    parser.add_argument("--seed", type=int, default=5)
    asked = parser.parse_args()
    shards = open_shards(asked.shards / "train")
    for prompt_bars in PROMPTS:
        rng = np.random.default_rng(asked.seed)
        cuts = tuple(_cuts(shards, asked.songs, prompt_bars, rng))
        sys.stdout.write(_table(cuts, prompt_bars))


def _cuts(shards: Shards, songs: int, prompt_bars: int, rng: np.random.Generator) -> Iterator[_Cut]:
    first_document = 0
    for one in shards.sets:
        documents = first_document + rng.permutation(one.documents)
        first_document += one.documents
        found = 0
        for document in documents.tolist():
            if found == songs:
                break
            cut = _cut(np.asarray(shards.document(document)), prompt_bars, rng)
            if cut is not None:
                found += 1
                yield cut


def _cut(ids: NDArray[np.uint16], prompt_bars: int, rng: np.random.Generator) -> _Cut | None:
    all_bars = prompt_bars + CONTINUED
    last_first = int((vocabulary().kind[ids] == Kind.SUM).sum()) - all_bars
    if last_first < 0:
        return None
    first = int(rng.integers(last_first + 1))
    bars = bar_contents(ids, first, first + all_bars)
    notes = [notes_of(bar) for bar in bars]
    counts = [sum(map(len, bar.notes.values())) for bar in bars]
    num_before, num_behind = sum(counts[:prompt_bars]), sum(counts[prompt_bars:])
    own = own_similarity(bars[:prompt_bars])
    if not num_before or not num_behind or not own:
        return None
    behind = [similarities(notes, distance, prompt_bars) for distance in DISTANCES]
    return _Cut(
        np.array([own.get(distance, np.nan) for distance in DISTANCES]),
        np.array([np.mean(pairs) if pairs else np.nan for pairs in behind]),
        num_behind / CONTINUED * prompt_bars / num_before,
    )


def _table(cuts: tuple[_Cut, ...], prompt_bars: int) -> str:
    before = np.array([cut.before for cut in cuts])
    behind = np.array([cut.behind for cut in cuts])
    mean = np.nanmean(before, axis=1)
    lines = [
        "",
        f"{len(cuts)} songs, {CONTINUED} bars behind {prompt_bars}",
        "",
        "| distance | before | behind | by the same distance | by the mean of those known |",
        "|---|---|---|---|---|",
    ]
    for place, distance in enumerate(DISTANCES):
        own, true = before[:, place], behind[:, place]
        own_mean = "" if np.isnan(own).all() else f"{np.nanmean(own):.3f}"
        cells = [f"{distance}", own_mean, f"{np.nanmean(true):.3f}", _line(own, true)]
        lines.append(f"| {' | '.join([*cells, _line(mean, true)])} |")
    ratios = np.array([cut.as_full for cut in cuts])
    share = np.mean((ratios >= MIN_DENSITY) & (ratios <= MAX_DENSITY))
    lines.append(f"\n{MIN_DENSITY} to {MAX_DENSITY} times as full: {share:.0%}\n")
    return "\n".join(lines)


def _line(x: NDArray[np.float64], y: NDArray[np.float64]) -> str:
    """Return the line from one to the other and how well it tells it, as text."""
    known = ~np.isnan(x) & ~np.isnan(y)
    if not known.any():
        return ""
    slope, base = np.polyfit(x[known], y[known], 1)
    correlation = np.corrcoef(x[known], y[known])[0, 1]
    return f"{base:.3f} + {slope:.2f} (r = {correlation:.2f})"


if __name__ == "__main__":
    main()
