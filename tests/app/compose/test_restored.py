import dataclasses
import json

import pytest

from meloformer.app.compose.restored import kept_bar, restored
from meloformer.app.compose.settings import CONTINUE, KEPT, REWRITE, Settings
from meloformer.engine.recipe import RecipeTask
from meloformer.engine.recipe_event import PREFIX, with_recipe
from meloformer.engine.request import PartRequest, Presence, SamplingConfig
from meloformer.midi.text_events import with_text
from meloformer.score.part import Part
from tests.engine.recipes import RECIPE

BASS = Part(33)
ASKED = Settings(
    parts={"rows": [{"number": 0, "presence": "silent"}, {"number": 264, "presence": "always"}]},
    num_bars=3,
    chords="Am Bb",
    adventure=0.7,
    num_candidates=1,
    seed="77",
)


@pytest.fixture
def open_with(actions, tune):
    """Open the tune with a recipe in a session of its own."""

    def open_with(recipe, data=None):
        session = actions.enter("")
        file = actions.uploads / "brought.mid"
        file.write_bytes(with_recipe(tune, recipe) if data is None else data)
        return session, actions.open_upload(session.name, str(file))

    return open_with


def presences(rows):
    return [(row["number"], row["presence"]) for row in rows["rows"]]


def test_a_download_brings_its_settings_back(actions, session, open_with):
    actions.set_seam(session.name, 2)
    actions.begin(session.name, ASKED)
    list(actions.compose(session.name, ASKED))
    brought, message = open_with(None, session.takes[0].data)
    sentence = "The settings of this file are back: 3 bars after bar 2, seed 77."
    assert message["status"] == sentence
    assert (brought.from_bar, message["seam"]) == (2, 6.0)
    found = restored(actions.app_state, brought)
    assert found.sentence == sentence
    assert (found.task, found.bars) == (CONTINUE, None)
    again = dataclasses.replace(ASKED, parts=found.parts, **found.values)
    assert again.request(2) == ASKED.request(2)


def test_bars_to_be_written_again_are_marked_and_what_was_kept_is_kept(actions, open_with):
    again = dataclasses.replace(
        RECIPE,
        task=RecipeTask.REWRITE,
        at_end=False,
        first_bar=2,
        num_bars=2,
        num_finished=1,
        parts=(PartRequest(BASS), PartRequest(Part(40), Presence.ALWAYS)),
        model_hash=actions.app_state.model_hash(actions.enter("")),
    )
    session, message = open_with(again)
    found = restored(actions.app_state, session)
    assert message["status"] == (
        "The settings of this file are back: bars 2–3 written again, seed 7."
    )
    assert (found.task, found.bars) == (REWRITE, (1, 3))
    assert presences(found.parts) == [(0, KEPT), (BASS.number, "free"), (320, "always")]
    assert "num_bars" not in found.values


def test_settings_that_cannot_be_used_here_are_told(actions, open_with):
    again = dataclasses.replace(
        RECIPE, task=RecipeTask.REWRITE, at_end=False, first_bar=9, num_bars=2, num_finished=2
    )
    session, message = open_with(again)
    assert message["status"].endswith("bars to be written again, which it has no more.")
    assert restored(actions.app_state, session).values == {}
    state = actions.app_state
    state.card = dataclasses.replace(state.card, infill=False)
    _, message = open_with(dataclasses.replace(again, first_bar=2))
    assert message["status"].endswith("which this model has not learned.")


def test_another_model_is_told_and_numbers_set_by_hand_come_back(actions, open_with):
    by_hand = SamplingConfig(temperature=1.3, top_k=20, top_p=0.9, min_p=0.01)
    session, message = open_with(dataclasses.replace(RECIPE, sampling=by_hand, model="other"))
    assert message["status"].endswith("seed 7, with other, another model than now.")
    values = restored(actions.app_state, session).values
    assert Settings(**values).request(None).sampling == by_hand


def test_parts_that_the_recipe_does_not_name_are_silent_and_without_any_all_is_as_usual(
    actions, open_with
):
    only = dataclasses.replace(RECIPE, parts=(PartRequest(BASS, Presence.ALWAYS),))
    session, _ = open_with(only)
    parts = restored(actions.app_state, session).parts
    assert presences(parts) == [(0, "silent"), (BASS.number, "always")]
    session, _ = open_with(dataclasses.replace(RECIPE, parts=()))
    assert restored(actions.app_state, session).parts is None


def test_a_seam_that_the_file_does_not_have_is_left_where_it_is(open_with):
    for first_bar, bar in ((5, 4), (3, 2), (1, None), (90, None)):
        recipe = dataclasses.replace(RECIPE, at_end=False, first_bar=first_bar)
        session, _ = open_with(recipe)
        assert kept_bar(session) == bar


def test_a_recipe_that_is_not_understood_gets_a_sentence_and_the_music_opens(open_with, tune):
    newer = json.dumps(RECIPE.to_json() | {"version": 3}).encode()
    session, message = open_with(None, with_text(tune, PREFIX + newer))
    assert "version 3" in message["status"]
    assert session.piece.num_bars == 4


def test_a_file_from_elsewhere_brings_nothing(actions, session):
    assert restored(actions.app_state, session).sentence == ""
    assert actions.show(session.name)["status"] == ""
