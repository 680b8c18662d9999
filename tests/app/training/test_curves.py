import numpy as np
import pytest

from meloformer.app.training.curves import (
    MAX_POINTS,
    MAX_ROWS,
    curves_message,
    smooth,
    table_of,
    thin,
)


def steps(count, first=1):
    return [
        {"step": 10 * i, "seconds": 2.0 * i, "loss": 3.0 - i / count, "rate": 1, "tokens_per_s": 9}
        for i in range(first, count + 1)
    ]


def test_a_run_without_metrics_has_empty_curves():
    message = curves_message([], [], 600.0, {"loss": "soon"})
    assert message["end"] == 600
    assert message["loss"] == message["rows"] == message["held"]["bits"] == []
    assert message["waiting"] == {"loss": "soon"}
    assert "nothing measured yet" in message["words"]["loss"]


def test_curves_of_a_short_run_are_drawn_as_they_are():
    evaluations = [{"step": 0, "seconds": 0, "bits_per_note": 9.0, "bits_pitch": 4.0}]
    evaluations.append({"step": 50, "seconds": 10, "bits_per_note": 8.25})
    message = curves_message(steps(5), evaluations, 0.0, {})
    assert message["steps"] == [10, 20, 30, 40, 50]
    assert message["rate"] == [100.0] * 5
    assert message["end"] == 10
    assert message["held"] == {
        "steps": [0, 50],
        "seconds": [0, 10],
        "bits": [9.0, 8.25],
        "before": 9.0,
    }
    assert "9.00 at first, 8.25 after 0.2 minutes; lowest 8.25" in message["words"]["held"]
    assert message["rows"][0] == ["0", "0.0", "", "9.000", ""]
    assert message["rows"][-1] == ["50", "0.2", "2.000", "8.250", "9"]


def test_long_runs_are_thinned_and_keep_their_last_point():
    message = curves_message(steps(5000), [], 0.0, {})
    assert len(message["loss"]) == MAX_POINTS
    assert message["steps"][-1] == 50_000
    assert message["loss"][-1] == 2.0
    assert len(message["rows"]) == MAX_ROWS


def test_thinning_keeps_the_mean():
    rows = np.arange(2401, dtype=np.float64)[:, None]
    thinned = thin(rows)
    assert thinned[0, 0] == pytest.approx(np.arange(10).mean(), abs=1)
    assert (np.diff(thinned[:, 0]) > 0).all()


def test_smoothing_follows_a_line_without_lag():
    line = np.linspace(5.0, 1.0, 480)
    assert smooth(line)[20:-20] == pytest.approx(line[20:-20])
    assert smooth(line[:10]) is not None


def test_steps_that_are_repeated_after_a_kill_count_once():
    lines = [*steps(8), *steps(8, first=5)]
    assert table_of(lines, ("step",))[:, 0].tolist() == [10 * i for i in range(1, 9)]


@pytest.mark.parametrize("loss", [None, "1", float("nan"), float("inf"), True, [1]])
def test_lines_without_numbers_are_left_out(loss):
    lines = [{"step": 1, "loss": 2.0}, {"step": 2, "loss": loss}, {"step": 3}]
    assert table_of(lines, ("step", "loss")).tolist() == [[1.0, 2.0]]
