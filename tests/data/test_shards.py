import json
from pathlib import Path

import numpy as np
import pytest

from meloformer.data.shards import open_shards
from meloformer.score.grid import bar_grid
from meloformer.tokens import decode


@pytest.mark.parametrize("side", ["train", "held_out"])
def test_the_manifest_counts_the_bars_and_seconds_of_each_set(
    shards_folder: Path, side: str
) -> None:
    shards = open_shards(shards_folder / side)
    assert sum(one.documents for one in shards.sets) == shards.num_documents > 0
    for one, first in zip(shards.sets, shards.first_document, strict=False):
        documents = range(first, first + one.documents)
        scores = [decode(np.asarray(shards.document(index))) for index in documents]
        grids = [bar_grid(score).starts for score in scores]
        assert one.bars == sum(len(starts) - 1 for starts in grids)
        ends = [
            score.seconds_at(starts[-1:])[0] for score, starts in zip(scores, grids, strict=True)
        ]
        assert one.seconds == pytest.approx(sum(ends))


def test_shards_of_before_are_read_without_bars_and_seconds(
    shards_folder: Path, tmp_path: Path
) -> None:
    for path in (shards_folder / "train").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    for one in manifest["sets"]:
        del one["bars"], one["seconds"]
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    assert [(one.bars, one.seconds) for one in open_shards(tmp_path).sets] == [(0, 0.0)] * 2
