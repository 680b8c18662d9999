"""How far the right side of a gap is in the stream, and how many notes are written with it read.

    python -m experiments.gap_distances SHARDS --rows 200

Rows of 4,096 tokens as some plans make them. *Distance* is how many tokens lie between a gap and
FILL, which is what is read of its right side; *behind FILL* the share of all notes that are written
with both sides read.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import report
from experiments.gpu_train.plan import read_plan
from meloformer.data.columns import COLUMNS
from meloformer.data.config import LoaderConfig
from meloformer.data.rows import TrainingRows
from meloformer.data.shards import open_shards
from meloformer.tokens.annotate import bar_ends
from meloformer.tokens.vocabulary import Kind, vocabulary

PLANS = ("shares", "fill", "near_gaps", "late_parts")
_FOLDER = Path(__file__).parent / "plans"
_SETTINGS = ("fill", "gap_bars", "near_gaps", "open_part", "late_part")


def distance(ids: NDArray[np.integer]) -> int | None:
    """Return how many tokens lie between a gap and FILL.

    Args:
        ids: A stream with FILL. (T,).

    Returns:
        None if no bar follows the gap.
    """
    fill = int(np.argmax(ids == vocabulary().id(Kind.FILL)))
    last = int(np.flatnonzero(ids[:fill] == vocabulary().id(Kind.GAP))[-1])
    ends = bar_ends(ids[:fill])
    right = ends[ends > last]
    return fill - int(right[0]) if len(right) > 1 else None


def main() -> None:
    """Draw rows and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shards", type=Path, help="folder made by `prepare`")
    parser.add_argument("--rows", type=int, default=200)
    given = parser.parse_args()
    shards = open_shards(given.shards / "train")
    vocab = vocabulary()
    for name in PLANS:
        plan = read_plan(_FOLDER / f"{name}.toml")
        settings = {key: plan.train[key] for key in _SETTINGS if key in plan.train}
        config = LoaderConfig(context_tokens=4096, rows=1, shares=dict(plan.shares))
        made = TrainingRows(shards, replace(config, **settings))
        distances, notes, behind, bars, filled = [], 0, 0, [], 0
        for step in range(given.rows):
            by_name = dict(zip(COLUMNS, made.columns(step)[:, 0], strict=True))
            ids, doc = by_name["ids"], by_name["doc"]
            filled += int(np.count_nonzero(doc >= 0))
            for document in range(int(doc.max()) + 1):
                stream = ids[doc == document]
                is_note = vocab.kind[stream] == Kind.ONSET
                notes += int(np.count_nonzero(is_note))
                if vocab.id(Kind.FILL) not in stream:
                    continue
                fill = int(np.argmax(stream == vocab.id(Kind.FILL)))
                behind += int(np.count_nonzero(is_note[fill:]))
                bars.append(int(np.count_nonzero(stream == vocab.id(Kind.GAP))))
                found = distance(stream)
                distances += [] if found is None else [found]
        report(f"gaps/{name}/streams_with_gaps", len(bars) / given.rows, "a row")
        report(f"gaps/{name}/bars", float(np.mean(bars)), "bars in the mean")
        report(f"gaps/{name}/distance", float(np.median(distances)), "tokens, median")
        report(f"gaps/{name}/distance_90", float(np.quantile(distances, 0.9)), "tokens, 90 %")
        report(f"gaps/{name}/behind_fill", 100 * behind / notes, "% of the notes")
        report(f"gaps/{name}/row_filled", 100 * filled / (4096 * given.rows), "%")


if __name__ == "__main__":
    main()
