import dataclasses
import hashlib
import json

from meloformer.engine.composition import compose, finish
from meloformer.engine.export import joined_piece, recipe_of, whole_piece
from meloformer.engine.piece import Piece
from meloformer.engine.recipe import RecipeTask
from meloformer.engine.recipe_event import (
    PREFIX,
    RecipeReading,
    music_hash,
    read_recipe,
    with_recipe,
    without_recipe,
)
from meloformer.engine.request import ContinueRequest, PartRequest, Presence, RewriteRequest
from meloformer.midi.read import read_file
from meloformer.midi.text_events import with_text
from meloformer.model.weights_hash import weights_hash
from meloformer.score import Part, write_midi
from tests.engine.recipes import RECIPE


def continued(model, card, piece, request):
    """The last finished bars of the first candidate, and their recipe."""
    (made,) = finish(compose(model, card, piece.encoding, request))
    mark = {"model": card.name, "model_hash": weights_hash(model)}
    return made, recipe_of(piece, request, made, **mark)


def test_a_recipe_travels_in_the_file_and_all_else_stays(model, card, score):
    piece = Piece.read("tune", write_midi(score))
    parts = (PartRequest(Part(0), Presence.ALWAYS), PartRequest(Part(33), Presence.SILENT))
    request = ContinueRequest(num_bars=2, parts=parts, chords=(0, 5, 9), seed=11)
    made, recipe = continued(model, card, piece, request)
    whole = joined_piece(piece, request, made, recipe).data
    bare = whole_piece(piece, request, made)
    assert without_recipe(whole) == bare
    assert len(whole) - len(bare) == len(PREFIX) + len(recipe.to_text()) + 5
    found = Piece.read("longer", whole)
    assert found.recipe == RecipeReading(recipe)
    assert found.score == read_file(bare).score
    assert (recipe.first_bar, recipe.num_bars, recipe.num_finished) == (7, 2, 2)
    assert recipe.at_end
    assert recipe.parts == parts
    assert recipe.chords == (0, 5)
    assert recipe.seed == 11
    assert recipe.parent == hashlib.sha256(piece.data).hexdigest()


def test_the_new_recipe_takes_the_place_of_the_old(model, card, score):
    piece = Piece.read("tune", write_midi(score))
    request = ContinueRequest(num_bars=1)
    made, first = continued(model, card, piece, request)
    longer = Piece.read("longer", joined_piece(piece, request, made, first).data)
    made, second = continued(model, card, longer, request)
    again = joined_piece(longer, request, made, second).data
    assert again.count(PREFIX) == 1
    assert read_recipe(read_file(again)).recipe == second
    assert second.parent == longer.music_hash == music_hash(without_recipe(longer.data))
    assert PREFIX not in whole_piece(longer, request, made)
    bare = Piece.read("longer", without_recipe(longer.data))
    assert whole_piece(longer, request, made) == whole_piece(bare, request, made)


def test_where_the_new_bars_are_is_counted_as_musicians_do(model, card, score):
    piece = Piece.read("tune", write_midi(score))
    cut = ContinueRequest(num_bars=1, from_bar=4)
    _, recipe = continued(model, card, piece, cut)
    assert (recipe.first_bar, recipe.at_end) == (5, False)
    again = RewriteRequest(first_bar=1, last_bar=3)
    _, recipe = continued(model, dataclasses.replace(card, infill=True), piece, again)
    assert (recipe.task, recipe.first_bar, recipe.last_bar) == (RecipeTask.REWRITE, 2, 3)
    assert not recipe.at_end


def test_a_recording_whose_beats_are_followed_is_known_by_the_file_that_was_opened(score):
    data = write_midi(score)
    moved = dataclasses.replace(Piece.read("tune", data), opened=b"MThd as it came")
    assert moved.music_hash == hashlib.sha256(b"MThd as it came").hexdigest()


def test_a_recipe_that_is_not_understood_is_ignored_with_a_sentence(score):
    data = write_midi(score)
    for text, words in (
        (json.dumps(RECIPE.to_json() | {"version": 9}), "it is of version 9"),
        (json.dumps(RECIPE.to_json() | {"seed": "7"}), "`seed`"),
        ("x" * 100_000, "the length"),
    ):
        piece = Piece.read("tune", with_text(data, PREFIX + text.encode()))
        assert piece.recipe.recipe is None
        assert words.removeprefix("it ") in piece.recipe.problem
        assert piece.score == read_file(data).score
        assert with_recipe(piece.data, RECIPE).count(PREFIX) == 1


def test_files_from_elsewhere_have_none(score):
    data = write_midi(score)
    assert Piece.read("tune", data).recipe == RecipeReading()
    assert without_recipe(data) is data
