"""Bars that are again, new, or in the manner of others, whatever the model thinks."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meloformer.engine.constraints import Choice
from meloformer.engine.constraints.likeness import drawn
from meloformer.engine.handles import Handles
from meloformer.engine.handles.form import MAX_SECTIONS, BarLink, FormPlan, Section, parse_form
from meloformer.engine.handles.form_planning import pull_of
from meloformer.engine.request import ContinueRequest, RewriteRequest
from meloformer.engine.tasks import task_of
from meloformer.errors import ConfigError
from meloformer.score.chords import parse_chords
from meloformer.tokens import Cursor, Kind, encode, vocabulary
from meloformer.tokens.bar_contents import bar_contents
from meloformer.tokens.note_lines import part_lines
from tests.engine.handles.drawing import written
from tests.engine.handles.music import trio

SEEDS = st.integers(0, 2**32)
few = settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow], deadline=None)


def continued(sections="", like="", likeness=1.0, num_bars=4, **more):
    handles = Handles(form=parse_form(sections, like, likeness))
    return ContinueRequest(num_bars=num_bars, handles=handles, **more)


def rows(bar):
    """Onset, pitch, duration and velocity of all notes of a bar, by part."""
    return {
        part: list(zip(*(c.tolist() for c in columns(line)), strict=True))
        for part, line in bar.items()
    }


def columns(line):
    return line.onset, line.pitch, line.duration_step, line.velocity_bin


def shared(one, other):
    """Return the notes that two bars share by all notes of both."""
    notes = [
        {(part, *note[:3]) for part, line in rows(b).items() for note in line} for b in (one, other)
    ]
    return len(notes[0] & notes[1]) / max(len(notes[0] | notes[1]), 1)


@few
@given(SEEDS)
def test_a_section_that_comes_again_is_the_same_note_by_note(card, seed):
    bars, chords = written(continued("ABA", num_bars=6), seed, card)
    assert list(map(rows, bars[4:])) == list(map(rows, bars[:2]))
    assert chords[4:] == chords[:2]


@few
@given(SEEDS)
def test_bars_are_the_same_as_bars_of_the_piece(card, seed):
    bars, chords = written(continued(like="7=1, 9-10=5-6"), seed, card)
    piece = part_lines(encode(trio()).ids, 0, 6)
    assert [rows(bars[k]) for k in (0, 2, 3)] == [rows(piece[k]) for k in (0, 4, 5)]
    own = [content.chord for content in bar_contents(encode(trio()).ids, 0, 6)]
    assert [chords[k] for k in (0, 2, 3)] == [own[k] for k in (0, 4, 5)]


@few
@given(SEEDS)
def test_a_bar_that_is_written_again_like_itself_stays(card, seed):
    card = replace(card, infill=True)
    handles = Handles(form=parse_form("", "3-4=3-4", 1.0))
    request = RewriteRequest(first_bar=2, last_bar=4, handles=handles)
    bars, _ = written(request, seed, card)
    assert list(map(rows, bars)) == list(map(rows, part_lines(encode(trio()).ids, 2, 4)))


@few
@given(SEEDS)
def test_chords_that_are_asked_for_stay_and_leave_their_notes(card, seed):
    chords = parse_chords("F F F F")
    bars, made = written(continued("AA", chords=chords), seed, card)
    assert tuple(made) == chords
    assert list(map(rows, bars[2:])) == list(map(rows, bars[:2]))


def test_bars_grow_more_alike_from_new_to_again(card):
    piece = part_lines(encode(trio()).ids, 0, 1)[0]

    def mean_shared(likeness):
        found = []
        for seed in range(6):
            bars, _ = written(continued(like="7-10=1", likeness=likeness), seed, card)
            found.extend(shared(piece, bar) for bar in bars)
        return float(np.mean(found))

    away, near, again = map(mean_shared, (0.0, 0.9, 1.0))
    assert away < near < again == 1.0


def test_what_is_to_be_new_is_drawn_away_from_chord_onsets_and_pitches():
    vocab, cursor = vocabulary(), Cursor()
    ids = encode(trio()).ids
    choice = Choice(np.zeros(vocab.size, np.float32), np.ones(vocab.size, dtype=bool))
    bar = bar_contents(ids, 0, 1)[0]
    for token in ids.tolist()[: list(ids).index(vocab.id(Kind.SUM))]:
        if vocab.kind[token] in (Kind.PITCH, Kind.DRUM, Kind.ONSET):
            bias = drawn(cursor, choice, bar, pull_of(0.0))
            assert bias[token] < 0
            assert bias.max() == 0
            assert drawn(cursor, choice, bar, pull_of(1.0)).argmax() == token
        cursor.advance(token)


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_likeness_is_never_a_weaker_pull(one, other):
    low, high = sorted((one, other))
    assert all(weak <= strong for weak, strong in zip(pull_of(low), pull_of(high), strict=True))


@given(
    st.lists(st.sampled_from("ABCDZ"), min_size=1, max_size=MAX_SECTIONS),
    st.integers(0, 99),
    st.lists(st.tuples(*[st.integers(0, 9999)] * 2, st.integers(0, 9)), max_size=8),
    st.floats(0, 1),
)
def test_a_form_is_read_as_it_is_written(letters, length, links, likeness):
    form = FormPlan(
        sections=tuple(Section(letter, length) for letter in letters),
        links=tuple(BarLink(new, new + more, old, old + more // 2) for new, old, more in links),
        likeness=likeness,
    )
    assert parse_form(form.sections_text, form.links_text, likeness) == form


def test_forms_are_read_as_musicians_type_them():
    assert parse_form(" ", " , ") is None
    form = parse_form("a8 | A8, b 4", "9=1, 13–16 = 1-4")
    assert form.sections_text == "A8 A8 B4"
    assert form.links_text == "9=1, 13-16=1-4"
    assert form.lengths(20) == [8, 8, 4]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"sections": "AAB"}, "4 bars can't be shared equally among the 3 sections of AAB"),
        ({"sections": "A4 B4"}, "The form A4 B4 has 8 bars, and 4 are asked for"),
        ({"sections": "A4 B"}, "Either all sections"),
        ({"sections": "verse 1!"}, "`verse 1!` is no form"),
        ({"sections": "A0"}, "`A0` is no form"),
        ({"sections": "A" * 65}, "longer than the bars"),
        ({"like": "7:1"}, "does not say which bar"),
        ({"like": "8-7=1"}, "8-7=1 are turned round"),
        ({"like": "7=1-2"}, "more bars are to be repeated"),
        ({"like": "1=1"}, "Bar 1 is none of the new bars, which are 7 to 10"),
        ({"like": "7-11=1"}, "Bar 11 is none of the new bars"),
        ({"like": "7=0"}, "There is no bar 0 to be like"),
        ({"like": "7=99999"}, "There is no bar 99999 to be like"),
        ({"like": "7=7"}, "Bar 7 can't be like itself"),
        ({"like": "7=9"}, "Bar 7 can't be like bar 9, which comes later"),
        ({"like": "7=1", "likeness": 1.5}, "must be between 0 and 1, not 1.5"),
        ({"like": "7=1", "likeness": float("nan")}, "must be between 0 and 1"),
    ],
)
def test_what_cannot_be_gets_a_sentence(asked, sentence):
    with pytest.raises(ConfigError, match=sentence):
        task_of(encode(trio()), continued(**asked)).plan()
