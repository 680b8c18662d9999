"""How many notes a quarter parts play, by instrument: percentiles over the parts of shards.

    python -m experiments.note_rates SHARDS/held_out

Each part counts by the median over the bars in which it plays. The tenth percentile is what
`meloformer/score/sparseness.py` has.
"""

import json
import sys
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import numpy as np

from meloformer.data.shards import open_shards
from meloformer.score.general_midi import FAMILIES
from meloformer.score.grid import TICKS_PER_QUARTER
from meloformer.score.part import DRUM_PROGRAM, Part
from meloformer.tokens import Kind, annotate, vocabulary

PERCENTILES = (5, 10, 25, 50, 75, 90)
MOST_DOCUMENTS = 150
"""Of each set."""


def main() -> None:
    """Print one JSON line a family."""
    shards = open_shards(Path(sys.argv[1]))
    rng = np.random.default_rng(0)
    rates: dict[str, list[float]] = defaultdict(list)
    first = shards.first_document.tolist()
    for begin, end in pairwise(first):
        for document in rng.permutation(np.arange(begin, end))[:MOST_DOCUMENTS].tolist():
            ids = shards.document(document)
            notes, kind = annotate(ids), vocabulary().kind[ids]
            bar_ticks = notes.onset[kind == Kind.SUM]
            begins = kind == Kind.ONSET
            for number in np.unique(notes.part[begins]).tolist():
                bars, counts = np.unique(
                    notes.bar[begins & (notes.part == number)], return_counts=True
                )
                rate = np.median(counts / bar_ticks[bars]) * TICKS_PER_QUARTER
                part = Part.from_number(number)
                is_drum = part.program == DRUM_PROGRAM
                rates["Drums" if is_drum else FAMILIES[part.program // 8][0]].append(float(rate))
    for family, found in sorted(rates.items()):
        values = np.percentile(found, PERCENTILES).round(2).tolist()
        print(json.dumps({"family": family, "parts": len(found), "percentiles": values}))


if __name__ == "__main__":
    main()
