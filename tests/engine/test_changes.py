"""Tempo and metre changes: in words, as JSON, and inside a continuation of a real file."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meloformer.checkpoint import Card
from meloformer.engine.changes import (
    MetreChange,
    TempoChange,
    metres_from_json,
    metres_text,
    metres_to_json,
    parse_metres,
    parse_tempos,
    tempos_from_json,
    tempos_text,
    tempos_to_json,
)
from meloformer.engine.composition import compose, finish
from meloformer.engine.export import joined_piece, recipe_of
from meloformer.engine.piece import Piece
from meloformer.engine.recipe import Recipe
from meloformer.engine.request import ContinueRequest
from meloformer.engine.tasks import task_of
from meloformer.errors import ConfigError
from meloformer.midi.read import read_file
from meloformer.model import MeloFormer

EXAMPLES = Path(__file__).parents[2] / "assets" / "examples"
METRES = ((4, 4), (3, 4), (6, 8), (7, 8), (2, 2), (5, 16), (1, 4))
NUM_BARS = 4


def bars_of(values):
    """At some of the new bars, in order."""
    return st.dictionaries(st.integers(0, NUM_BARS - 1), values, max_size=3).map(
        lambda found: tuple(sorted(found.items()))
    )


tempo_changes = bars_of(st.floats(20, 300)).map(
    lambda rows: tuple(TempoChange(bar, qpm) for bar, qpm in rows)
)
metre_changes = bars_of(st.sampled_from(METRES)).map(
    lambda rows: tuple(MetreChange(bar, *metre) for bar, metre in rows)
)


@pytest.fixture(scope="module", params=["band", "jig"])
def piece(request) -> Piece:
    return Piece.read(request.param, (EXAMPLES / f"{request.param}.mid").read_bytes())


@settings(max_examples=15)
@given(tempos=tempo_changes, metres=metre_changes, keep=st.integers(1, 4) | st.none())
def test_new_bars_have_the_tempo_and_metre_asked_for(
    model: MeloFormer, card: Card, piece: Piece, tempos, metres, keep
) -> None:
    request = ContinueRequest(num_bars=NUM_BARS, from_bar=keep, tempos=tempos, metres=metres)
    (candidate,) = finish(compose(model, card, piece.encoding, request))
    task = task_of(piece.encoding, request)
    recipe = recipe_of(piece, request, candidate, model="m", model_hash="0" * 64)
    assert Recipe.from_text(recipe.to_text().encode()) == recipe
    data = joined_piece(piece, request, candidate, recipe).data
    file = read_file(
        data,
        end_tick=task.end_tick(piece.file, candidate),
        pickup_ticks=piece.file.pickup_ticks,
    )
    first = task.first_bar
    metre, usual = task.begins_with(piece.file)
    asked = {one.bar: (one.numerator, one.denominator) for one in metres}
    speeds = {one.bar: one.qpm for one in tempos}
    assert file.grid.num_whole_bars == first + NUM_BARS
    for bar in range(NUM_BARS):
        metre, usual = asked.get(bar, metre), speeds.get(bar, usual)
        assert tuple(file.grid.whole_metres[first + bar].tolist()) == metre
        start = file.grid.whole_starts[first + bar]
        length = file.grid.whole_starts[first + bar + 1] - start
        assert length == metre[0] * 4 * file.score.ticks_per_quarter // metre[1]
        in_force = [one.qpm for one in file.score.tempos if one.tick <= start][-1]
        assert in_force == pytest.approx(usual, rel=1e-5)  # files have whole microseconds
    # All before the seam is as it was.
    before, after = piece.file.events, file.events
    seam = int(piece.grid.whole_starts[first])
    old = [before.message_bytes(row) for row in range(len(before.tick)) if before.tick[row] < seam]
    new = [after.message_bytes(row) for row in range(len(after.tick)) if after.tick[row] < seam]
    assert [one for one in new if b"recipe" not in one] == old


def test_words_and_json_say_the_same() -> None:
    tempos = parse_tempos("9=120, 13 = 92.5", 9)
    assert tempos == (TempoChange(0, 120), TempoChange(4, 92.5))
    assert tempos_text(tempos, 9) == "9=120, 13=92.5"
    assert tempos_from_json(tempos_to_json(tempos)) == tempos
    metres = parse_metres("10=3/4,12=7/8", 9)
    assert metres == (MetreChange(1, 3, 4), MetreChange(3, 7, 8))
    assert metres_text(metres, 9) == "10=3/4, 12=7/8"
    assert metres_from_json(metres_to_json(metres)) == metres
    assert parse_tempos(" ", 9) == parse_metres("", 9) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("9", "no bar with what changes"),
        ("9=fast", "no tempo"),
        ("9=5", "between 20 and 300"),
        ("9=nan", "no tempo"),
        ("8=120", "Bar 8 is there already"),
        ("9=120,", "no bar with what changes"),
    ],
)
def test_a_change_of_tempo_that_cannot_be_is_told(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        parse_tempos(text, 9)


@pytest.mark.parametrize("text", ["9=3", "9=3/5", "9=0/4", "9=99/4", "9=1/16", "9=3/4/4"])
def test_a_metre_that_cannot_be_is_told(text: str) -> None:
    with pytest.raises(ConfigError, match="metre"):
        parse_metres(text, 9)


def test_changes_beyond_the_new_bars_or_twice_in_one_are_told() -> None:
    with pytest.raises(ConfigError, match="not written"):
        ContinueRequest(num_bars=2, tempos=(TempoChange(2, 100),))
    with pytest.raises(ConfigError, match="two tempos"):
        ContinueRequest(num_bars=2, metres=(MetreChange(1, 3, 4), MetreChange(1, 4, 4)))


@pytest.mark.parametrize(
    "content", [[], [[0]], [[0, "1"]], [[0, True]], [[-1, 100]], "x", [[0, 1e9]]]
)
def test_json_from_elsewhere_is_checked(content: object) -> None:
    with pytest.raises(ConfigError):
        tempos_from_json(content)
