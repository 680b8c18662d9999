import re

import numpy as np

from meloformer.evaluation.study.charts import histogram_charts, similarity_chart
from meloformer.evaluation.study.results import StudyResults


def points_of(picture: str) -> dict[str, list[tuple[float, float]]]:
    """Points of the line of each colour that is thicker than the grid."""
    lines = re.findall(r'<path d="([^"]*)" style="([^"]*)"', picture)
    found: dict[str, list[tuple[float, float]]] = {"--one": [], "--two": [], "--dim": []}
    for path, style in lines:
        colour = re.search(r"stroke: var\((--one|--two|--dim)\)", style)
        if colour and "stroke-width: 1.8" in style:
            pairs = re.findall(r"[ML] (\S+) (\S+)", path)
            found[colour[1]] = [(float(x), float(y)) for x, y in pairs]
    return found


def test_a_curve_is_drawn_as_far_as_it_is_known() -> None:
    curves = np.full((3, 40), np.nan)
    curves[:, :3] = [[0.5, 0.25, 0.5], [0.4, 0.2, 0.4], [0.4, 0.3, 0.4]]
    chart = similarity_chart(curves).picture
    assert "1: 0.50 against 0.40, 2: 0.25 against 0.20, 3: 0.50 against 0.40" in chart
    assert "4:" not in chart
    assert re.search(r"var\(--one\).*var\(--two\).*var\(--dim\)", chart, re.DOTALL)


def test_curves_that_are_not_known_are_axes_without_lines() -> None:
    picture = similarity_chart(np.full((3, 40), np.nan)).picture
    assert 'aria-label="bars apart: "' in picture
    assert points_of(picture) == {"--one": [], "--two": [], "--dim": []}
    assert re.findall(r">([0-9]+)</text>", picture) == ["1", "2", "3", "4"]


def test_a_line_goes_through_every_known_distance() -> None:
    curves = np.full((3, 40), np.nan)
    curves[:, :3] = [[0.5, 0.25, 0.5], [0.4, 0.2, 0.4], [0.4, 0.3, 0.4]]
    points = points_of(similarity_chart(curves).picture)
    heights = {name: [y for _, y in line] for name, line in points.items()}
    scale = heights["--one"][1] - heights["--one"][0]  # SVG counts downwards
    assert scale > 0
    for name, curve in zip(("--one", "--two", "--dim"), curves[:, :3], strict=True):
        drawn = (heights["--one"][0] - np.array(heights[name])) / scale
        np.testing.assert_allclose(drawn, (curve - 0.5) / 0.25, atol=1e-3)


def test_each_histogram_says_how_much_it_has_in_common_with_the_truth(
    clairvoyant: StudyResults,
) -> None:
    charts = histogram_charts(clairvoyant)
    assert [chart.title for chart in charts] == [
        "Pitch classes",
        "Intervals in a part",
        "Lengths of notes",
        "Onsets in the bar",
    ]
    for chart in charts:
        assert "The overlap with the truth is 1.00 on average" in chart.caption
        assert "overlap of the means 1.00" in chart.picture
    assert "semitones up" in charts[1].picture
