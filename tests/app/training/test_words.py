import pytest

from meloformer.app.training.words import counted, duration, large, saying, size
from meloformer.runs.workspace import RunState, Status


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "0 s"),
        (45, "45 s"),
        (90, "90 s"),
        (119.7, "2 min"),
        (26 * 60, "26 min"),
        (3600, "1 h"),
        (7805, "2 h 10 min"),
        (50 * 3600, "2 days"),
    ],
)
def test_durations_are_as_exact_as_one_wants_to_know(seconds, words):
    assert duration(seconds) == words


def test_sizes_and_counts():
    assert [size(1), size(3.1e8), size(2.41e9)] == ["1 MB", "310 MB", "2.4 GB"]
    assert [large(940), large(12_300), large(3.4e6)] == ["940", "12,300", "3.4 million"]
    assert [counted(1, "piece"), counted(1200, "piece")] == ["1 piece", "1,200 pieces"]


@pytest.mark.parametrize("status", list(Status))
def test_every_state_has_a_title_and_a_sentence(status):
    said = saying(RunState(status=status), None)
    assert said.title
    assert said.sentence.endswith(".")
    assert said.short == said.short.lower()


def test_a_running_training_says_that_the_page_may_be_closed():
    said = saying(RunState(status=Status.RUNNING, fraction=0.43, seconds_left=1560), 500)
    assert said.sentence.startswith("About 26 min left. You can close this page")
    assert said.short == "43 %, 26 min left"
    unknown = saying(RunState(status=Status.RUNNING), None)
    assert "left" not in unknown.sentence


def test_what_can_be_resumed_says_from_where():
    interrupted = RunState(status=Status.INTERRUPTED, fraction=0.7)
    assert "resumed from step 1,500" in saying(interrupted, 1500).sentence
    assert "begin again" in saying(interrupted, None).sentence
