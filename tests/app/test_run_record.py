import logging

import pytest

from meloformer.app.compose_job import ComposeJob
from meloformer.app.metrics import Metrics
from meloformer.engine.request import ContinueRequest
from meloformer.errors import MeloFormerError
from meloformer.logs import request_id

REQUEST = ContinueRequest(num_bars=1, num_candidates=2, seed=3)


def lines(caplog):
    return [record for record in caplog.records if record.name == "meloformer.app.run_record"]


def test_a_run_logs_its_begin_and_its_end_and_no_name(app_state, session, caplog):
    session.owner = "anna"
    app_state.begin(session)
    with caplog.at_level(logging.INFO):
        list(app_state.compose(session, REQUEST))
    begin, end = lines(caplog)
    assert begin.getMessage() == f"Run {begin.run} began: 1 bars, 2 versions."
    assert (end.run, end.outcome, end.bars) == (begin.run, "finished", 2)
    assert end.seconds >= 0
    assert "tune" not in caplog.text
    assert "anna" not in caplog.text


def test_a_run_that_is_stopped_says_so(app_state, session, caplog):
    app_state.begin(session)
    with caplog.at_level(logging.INFO):
        bars = app_state.compose(session, REQUEST)
        next(bars)
        bars.close()
    assert (lines(caplog)[-1].outcome, lines(caplog)[-1].bars) == ("stopped", 1)


def test_the_lines_of_a_job_belong_to_the_request_that_has_begun_it(app_state, session):
    seen = []

    def bars():
        seen.append(request_id.get())
        yield from ()

    token = request_id.set("0123abcd")
    try:
        job = ComposeJob(REQUEST, bars(), app_state.turns.take())
    finally:
        request_id.reset(token)
    job.start()
    assert job.wait(60)
    assert seen == ["0123abcd"]


def test_the_metrics_have_runs_queue_rate_memory_and_errors(app_state, session):
    metrics = app_state.metrics
    app_state.begin(session)
    list(app_state.compose(session, REQUEST))
    text = metrics.text().decode()
    for line in (
        'meloformer_runs_total{outcome="finished"} 1.0',
        "meloformer_runs_going_on 0.0",
        "meloformer_waiting 0.0",
        "meloformer_bars_total 2.0",
        "meloformer_errors_total 0.0",
    ):
        assert line in text.splitlines()
    assert "meloformer_memory_bytes " in text
    assert "tune" not in text


def test_bars_a_second_are_those_of_the_last_minute():
    now = [100.0]
    metrics = Metrics(clock=lambda: now[0])
    nothing = dict.fromkeys(("waiting", "writing", "sessions", "kept_bytes"), lambda: 0)
    metrics.watch(**nothing)
    for _ in range(6):
        metrics.add_bar()
    assert "meloformer_bars_per_second 0.1\n" in metrics.text().decode()
    now[0] += 60.0
    assert "meloformer_bars_per_second 0.0\n" in metrics.text().decode()


def test_what_is_logged_as_an_error_is_counted():
    metrics, root = Metrics(), logging.getLogger()
    before = root.handlers.copy()
    metrics.count_errors()
    try:
        logging.getLogger("meloformer.tests").error("one")
        logging.getLogger("meloformer.tests").warning("none")
    finally:
        root.handlers[:] = before
    assert "meloformer_errors_total 1.0" in metrics.text().decode()


def test_a_run_that_fails_says_so(app_state, session, caplog, monkeypatch):
    def fail(*args, **kwargs):
        raise MeloFormerError("no")

    monkeypatch.setattr(type(app_state.sessions.filing), "add_bar", fail)
    app_state.begin(session)
    with caplog.at_level(logging.INFO), pytest.raises(MeloFormerError):
        list(app_state.compose(session, REQUEST))
    assert lines(caplog)[-1].outcome == "failed"
