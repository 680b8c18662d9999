import re
from pathlib import Path

import numpy as np

from meloformer.data.shards import open_shards
from meloformer.evaluation.study.charts import histogram_charts, similarity_chart
from tests.evaluation.study.small_studies import clairvoyant_study


def test_a_curve_is_drawn_as_far_as_it_is_known() -> None:
    curves = np.full((3, 40), np.nan)
    curves[:, :3] = [[0.5, 0.25, 0.5], [0.4, 0.2, 0.4], [0.4, 0.3, 0.4]]
    chart = similarity_chart(curves)
    assert "1: 0.50 against 0.40, 2: 0.25 against 0.20, 3: 0.50 against 0.40" in chart
    assert "4:" not in chart
    assert re.search(r"var\(--one\).*var\(--two\).*var\(--dim\)", chart, re.DOTALL)


def test_curves_that_are_not_known_are_an_empty_chart() -> None:
    assert similarity_chart(np.full((3, 40), np.nan)).startswith("<svg")


def test_each_histogram_says_how_much_it_has_in_common_with_the_truth(shards_folder: Path) -> None:
    charts = histogram_charts(clairvoyant_study(open_shards(shards_folder / "train")))
    assert charts.count("<figure") == charts.count("</figure>") == 4
    assert charts.count("The overlap with the truth is 1.00 on average") == 4
    assert charts.count("overlap of the means 1.00") == 4
    assert "semitones up" in charts
