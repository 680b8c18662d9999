import pytest

from meloformer.app.compose.settings import (
    CONTINUE,
    KEPT,
    REWRITE,
    Settings,
    bars_text,
    chords_sentence,
    go_text,
    part_requests,
)
from meloformer.engine.request import PartRequest, Presence
from meloformer.errors import ConfigError
from meloformer.score import Part


def test_the_form_becomes_a_request():
    rows = [{"number": 0, "presence": "silent"}, {"number": 1024, "presence": "always"}]
    request = Settings(
        parts={"rows": rows}, num_bars=16, chords="Am F", adventure=0.0, num_candidates=3, seed="5"
    ).request(4)
    assert request.parts == (
        PartRequest(Part(0), Presence.SILENT),
        PartRequest(Part(128), Presence.ALWAYS),
    )
    assert (request.num_bars, request.num_candidates, request.seed) == (16, 3, 5)
    assert len(request.chords) == 2
    assert request.from_bar == 4


def test_bars_are_written_again_but_for_the_parts_that_are_kept():
    rows = [{"number": 0, "presence": KEPT}, {"number": 264, "presence": "free"}]
    request = Settings(task=REWRITE, parts={"rows": rows}, bars_again="9-12").request(4)
    assert (request.first_bar, request.last_bar) == (8, 12)
    assert request.parts == (PartRequest(Part(33), Presence.FREE),)
    with pytest.raises(ConfigError, match="no range of bars"):
        Settings(task=REWRITE, parts={"rows": rows}).request(None)
    with pytest.raises(ConfigError, match="All parts are kept"):
        Settings(task=REWRITE, parts={"rows": rows[:1]}, bars_again="9-12").request(None)


def test_the_button_says_what_it_does():
    assert go_text(CONTINUE, None) == "Continue"
    assert go_text(REWRITE, None) == "Write again"
    assert go_text(REWRITE, (8, 12)) == "Write bars 9–12 again"
    assert go_text(REWRITE, (8, 9)) == "Write bar 9 again"
    assert [bars_text(bars) for bars in (None, (8, 12), (8, 9))] == ["", "9-12", "9"]


def test_the_numbers_count_only_when_set_by_hand():
    by_dial = Settings(temperature=2.0).request(None).sampling
    by_hand = Settings(temperature=2.0, by_hand=True).request(None).sampling
    assert by_dial.temperature != 2.0
    assert by_hand.temperature == 2.0


def test_an_empty_seed_is_a_new_one_each_time():
    assert Settings().request(None).seed != Settings().request(None).seed


@pytest.mark.parametrize("seed", ["x", "-1", "1.5", "9" * 10])
def test_a_seed_is_a_whole_number(seed):
    with pytest.raises(ConfigError):
        Settings(seed=seed).request(None)


@pytest.mark.parametrize(
    "picked",
    [
        "piano",
        {"rows": None},
        {"rows": [{"number": 0}]},
        {"rows": [{"number": -1, "presence": "free"}]},
        {"rows": [{"number": 10**9, "presence": "free"}]},
        {"rows": [{"number": 0, "presence": "loud"}]},
        {"rows": ["x"]},
    ],
)
def test_whatever_a_browser_sends_as_parts_is_checked(picked):
    with pytest.raises(ConfigError):
        part_requests(picked)


def test_chords_are_explained_while_they_are_typed():
    assert chords_sentence("") == ""
    assert "every bar" in chords_sentence("Am")
    assert chords_sentence("Am F C G").startswith("Am F C G")
    assert chords_sentence("C7b9#11") == "C7 in every bar. C7♭9♯11 is played as C7."
    with pytest.raises(ConfigError):
        chords_sentence("Xm7")
