import pytest

from meloformer.app.compose.settings import REWRITE, Settings
from meloformer.app.library.bars import TakeHead, bar_to_json, bars_from_json
from meloformer.app.library.requests import request_from_json, request_to_json
from meloformer.engine.handles import Handles, Keep
from meloformer.engine.request import ContinueRequest, PartRequest, Presence, RewriteRequest
from meloformer.errors import LibraryError
from meloformer.score.part import Part
from meloformer.score.scales import Scale

PARTS = {"rows": [{"number": 0, "presence": "always"}, {"number": 33 * 8, "presence": "free"}]}
SETTINGS = [
    Settings(parts=PARTS, num_bars=6, num_candidates=2, seed="7"),
    Settings(task=REWRITE, parts=PARTS, bars_again="2-3", num_candidates=2, seed="7"),
]


@pytest.mark.parametrize("settings", SETTINGS, ids=["continued", "rewritten"])
def test_bars_are_read_as_they_were_finished(actions, session, settings):
    actions.begin(session.name, settings)
    list(actions.compose(session.name, settings))
    for take in session.takes:
        candidate = take.candidate
        head = TakeHead(candidate.index, candidate.seed, candidate.num_bars)
        again = bars_from_json(head, [bar_to_json(bar) for bar in take.bars])
        assert len(again) == len(take.bars)
        for bar, other in zip(take.bars, again, strict=True):
            for field in ("candidate", "bar", "num_bars", "chord", "first_tick", "score", "parts"):
                assert getattr(other, field) == getattr(bar, field)
            for field in ("index", "seed", "score", "parts", "chords", "num_bars"):
                assert getattr(other.so_far, field) == getattr(bar.so_far, field)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"parts": [[0, [1, 2]]]}'])
def test_a_damaged_bar_is_a_sentence(text):
    with pytest.raises(LibraryError, match="damaged"):
        bars_from_json(TakeHead(0, 1, 8), [text])


REQUESTS = [
    ContinueRequest(),
    ContinueRequest(
        num_bars=3, from_bar=2, parts=(PartRequest(Part(40, 2), Presence.ALWAYS),), chords=(3, 9)
    ),
    RewriteRequest(first_bar=2, last_bar=4, num_candidates=3, seed=99, copy_guard=False),
    RewriteRequest(
        first_bar=2, last_bar=4, handles=Handles(scale=Scale(2, "dorian"), keep=Keep.RHYTHM)
    ),
]


@pytest.mark.parametrize("request_", REQUESTS)
def test_a_request_is_read_as_it_was_asked(request_):
    assert request_from_json(request_to_json(request_)) == request_


@pytest.mark.parametrize("text", ["", "7", "{}", '{"kind": "other"}', '{"kind": "continue"}'])
def test_a_request_that_is_none_is_a_sentence(text):
    with pytest.raises(LibraryError):
        request_from_json(text)
