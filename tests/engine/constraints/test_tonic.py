import numpy as np
import pytest

from meloformer.engine.constraints import BeginsOnTonic, Choice, ComesHome, CurrentBar
from meloformer.engine.constraints.tonic import chords_on
from meloformer.score.chords import CHORD_NAMES
from meloformer.score.scales import parse_scale
from meloformer.tokens import Kind, vocabulary
from tests.engine.constraints.drawing import allowed, cursor_after

HEAD = "BOS C TS_4/4 BPM_3 SUM"


def drawn_to(scale: str, number: int, text: str = HEAD) -> dict[str, float]:
    size = vocabulary().size
    choice = Choice(np.zeros(size, np.float32), np.ones(size, dtype=bool))
    bias = ComesHome(parse_scale(scale)).bias(cursor_after(text), CurrentBar(number), choice)
    chords = vocabulary().span(Kind.CHORD)
    assert not np.delete(bias, np.arange(chords.start, chords.stop)).any()
    return dict(zip(CHORD_NAMES, bias[chords].tolist(), strict=False))


@pytest.mark.parametrize(
    ("scale", "home", "relative", "dominant"),
    [("F", "F", "Dm", "C7"), ("Am", "Am", "C", "Em"), ("D dorian", "Dm", "F", "Am")],
)
def test_phrases_begin_at_home_and_end_on_the_dominant(scale, home, relative, dominant):
    for number in (4, 8):
        at_phrase = drawn_to(scale, number)
        assert at_phrase[home] > 0 > at_phrase[relative]
        assert at_phrase[dominant] == 0
        within = drawn_to(scale, number + 1)
        assert at_phrase[home] > within[home] > 0 > within[relative] > at_phrase[relative]
    assert drawn_to(scale, 7)[dominant] > 0


def test_a_root_that_stands_is_left_whatever_stands_on_it():
    once, same, other = (
        drawn_to("C", 3, f"{HEAD} {' '.join(f'{bar} SUM' for bar in bars)}")
        for bars in (("G",), ("G", "G"), ("Gsus2", "G7"))
    )
    on_g = {
        name for name in CHORD_NAMES if name.startswith("G") and not name.startswith(("G#", "Gb"))
    }
    assert same["G"] < 0 < once["G"]
    assert {name for name in once if once[name] != same[name]} == on_g
    assert other == same


def test_bars_without_chords_are_not_left():
    once, twice = (drawn_to("C", 3, f"{HEAD} {' '.join(['N SUM'] * count)}") for count in (1, 2))
    assert once == twice


def test_a_scale_without_chords_draws_to_nothing():
    scale = parse_scale("C whole tone")
    assert not chords_on(7, scale).any()
    assert allowed(BeginsOnTonic(parse_scale("F")), "BOS") <= {
        name for name in CHORD_NAMES if name.startswith("F")
    }
