import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meloformer.engine.recipe import MAX_TEXT_BYTES, Recipe, RecipeTask
from meloformer.engine.request import PartRequest, SamplingConfig
from meloformer.errors import ConfigError
from meloformer.score.part import Part
from tests.engine.recipes import RECIPE, recipes

_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@given(recipes())
def test_a_recipe_comes_back_from_its_text(recipe):
    text = recipe.to_text()
    assert text.isascii()
    assert "\n" not in text
    assert Recipe.from_text(text.encode()) == recipe


def test_the_longest_recipe_fits():
    parts = tuple(PartRequest(Part.from_number(n)) for n in range(1025))
    whole = replace(RECIPE, num_bars=64, num_finished=64, parts=parts, chords=(8,) * 64)
    whole = replace(whole, model="\U0001d11e" * 100)
    assert len(whole.to_text()) <= MAX_TEXT_BYTES
    assert Recipe.from_text(whole.to_text().encode()) == whole


@given(st.sampled_from(sorted(RECIPE.to_json())), _anything)
def test_any_value_is_a_recipe_or_a_sentence(key, value):
    assert is_recipe_or_sentence(json.dumps(RECIPE.to_json() | {key: value}).encode())


def is_recipe_or_sentence(text):
    try:
        return isinstance(Recipe.from_text(text), Recipe)
    except ConfigError as error:
        return error.problem.endswith(".")


@given(st.binary(max_size=100))
def test_any_bytes_are_a_recipe_or_a_sentence(text):
    with pytest.raises(ConfigError):
        Recipe.from_text(text)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"version": 2}, "of version 2, and this MeloFormer reads version 1"),
        ({"version": 10**25}, "of version 10000000000000000000,"),
        ({"version": "1"}, "`version`"),
        ({"more": 1}, "A key"),
        ({"seed": True}, "`seed`"),
        ({"seed": 7.0}, "`seed`"),
        ({"seed": -1}, "The seed"),
        ({"bars": 65}, "The number of bars"),
        ({"finished": 9}, "finished bars"),
        ({"first_bar": -1}, "The first bar"),
        ({"task": "play"}, "The task"),
        ({"task": "rewrite"}, "The end"),
        ({"task": "rewrite", "at_end": False, "bars": 17}, "The number of bars"),
        ({"chords": ["H"]}, "The chords"),
        ({"chords": ["C"] * 9}, "The chords"),
        ({"chords": [0]}, "The chords"),
        ({"parts": [[0, 1, "always"], [0, 1, "free"]]}, "The parts"),
        ({"parts": [[128, 2, "always"]]}, "A part"),
        ({"parts": [[0, 9, "always"]]}, "A part"),
        ({"parts": [[True, 1, "always"]]}, "A part"),
        ({"parts": [[0, 1, ["always"]]]}, "A part"),
        ({"parts": {}}, "`parts`"),
        ({"sampling": {"adventure": 2}}, "How adventurous"),
        ({"sampling": {"adventure": float("nan")}}, "How adventurous"),
        ({"sampling": {"temperature": 1.0}}, "The sampling"),
        ({"sampling": {}}, "The sampling"),
        ({"model": "x" * 101}, "The name"),
        ({"model": "a\nb"}, "The name"),
        ({"handles": []}, "`handles`"),
        ({"handles": {"speed": 2}}, "The handles"),
        ({"handles": {"scale": [12, "major"]}}, "no such scale"),
        ({"handles": {"grid": "fifths"}}, "The handles"),
        ({"handles": {"form": ["AABA", "", "much"]}}, "The handles"),
        ({"handles": {"form": ["A!", "", 0.5]}}, "no form"),
        ({"handles": {"form": ["A" * 1000, "", 0.5]}}, "longer than the bars"),
        ({"handles": {"ending": 1}}, "The handles"),
        ({"handles": {"grid": ["swing"]}}, "The handles"),
        ({"handles": {"density": [[0, 1, "much"]]}}, "The handles"),
        ({"handles": {"density": [[0, 1, float("nan")]]}}, "A density"),
        ({"handles": {"range": [[128, 2, 1, 5]]}}, "The handles"),
        ({"handles": {"range": [[0, 1, 60, 59]]}}, "turned round"),
        ({"handles": {"keep": "rhythm"}}, "What is kept"),
        ({"parent": "F" * 64}, "A hash"),
        ({"model_hash": "0" * 63}, "A hash"),
    ],
)
def test_what_is_not_as_it_is_written_here_is_refused(changes, words):
    with pytest.raises(ConfigError, match=words):
        Recipe.from_text(json.dumps(RECIPE.to_json() | changes).encode())


@pytest.mark.parametrize(
    "text",
    [b"", b"[" * 30_000, b'{"a":' * 5_000, b"1" * 5_000, b"\xff", b"{}", b"[]", b"null"],
)
def test_texts_made_to_hurt_are_refused(text):
    with pytest.raises(ConfigError):
        Recipe.from_text(text)


def test_what_is_too_long_is_not_parsed():
    text = RECIPE.to_text().encode()
    assert Recipe.from_text(text + b" " * (MAX_TEXT_BYTES - len(text))) == RECIPE
    with pytest.raises(ConfigError, match="The length"):
        Recipe.from_text(text + b" " * (MAX_TEXT_BYTES - len(text) + 1))


def test_filters_of_filters_are_refused():
    own = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0}
    for inner in ({"adventure": 0.5}, own | {"onsets": own}):
        sampling = {"sampling": own | {"chords": inner}}
        with pytest.raises(ConfigError, match="The sampling"):
            Recipe.from_text(json.dumps(RECIPE.to_json() | sampling).encode())


@pytest.mark.parametrize("step", range(0, 1001, 50))
def test_the_dial_is_found_again(step):
    assert SamplingConfig.from_adventure(step / 1000).adventure == step / 1000


def test_what_no_dial_gives_has_no_place_on_it():
    middle = SamplingConfig.from_adventure(0.5)
    for other in (
        SamplingConfig(),
        replace(middle, top_k=5),
        SamplingConfig(temperature=0.05),
        SamplingConfig(temperature=5.0),
    ):
        assert other.adventure is None


def test_the_last_new_bar_is_the_last_that_was_finished():
    stopped = replace(RECIPE, num_finished=3)
    assert (RECIPE.last_bar, stopped.last_bar) == (12, 7)
    assert replace(stopped, task=RecipeTask.REWRITE, at_end=False).last_bar == 7
