"""Trainings log their begin and end, under a number that does not tell their name."""

import logging
from dataclasses import replace

from meloformer.app.training import run_lines
from meloformer.runs.state import Status, read_state, write_state
from tests.app.training.training_runs import make_run


def test_a_training_logs_its_begin_and_its_end_and_no_name(tmp_path, caplog, monkeypatch):
    run = make_run(tmp_path, "Annas Waltzes", step=10, seconds=5.0)

    def start(started, *, ended):
        assert started == run
        state = read_state(run.folder)
        write_state(run.folder, replace(state, status=Status.FINISHED, step=30, seconds=9.0))
        ended()

    monkeypatch.setattr(run_lines, "start", start)
    with caplog.at_level(logging.INFO):
        run_lines.start_logged(run)
    (end, begin) = caplog.records
    assert begin.getMessage() == f"Training {end.run} began."
    assert end.getMessage() == f"Training {end.run} ended: finished, 20 steps, 4.0 s."
    assert (end.outcome, end.seconds) == ("finished", 4.0)
    assert "Anna" not in caplog.text
