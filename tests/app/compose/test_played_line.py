import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meloformer.app.compose.played_line import (
    MAX_LINE_CHARACTERS,
    MAX_LINE_NOTES,
    METRES,
    line_as_midi,
)
from meloformer.errors import MidiError
from meloformer.midi.pedals_and_bends import pedals_and_bends
from meloformer.midi.read import read_file
from meloformer.midi.retime import GridChoice
from meloformer.score.part import DRUM_PROGRAM

LINE = {
    "name": "Played in",
    "program": 73,
    "metre": "6/8",
    "qpm": 120,
    "bars": 4,
    "notes": [[0.5, 1, 60, 80], [1.5, 0.333333, 64, 101], [3, 1, 60, 1]],
    "pedal": [[0.5, 1], [2.75, 0]],
}


def as_midi(**changes):
    return line_as_midi(json.dumps({**LINE, **changes}))


def test_a_line_is_read_back_as_it_was_played():
    name, data = as_midi()
    file = read_file(data)
    assert name == "Played in"
    (track,) = file.score.tracks
    assert track.program == 73
    assert track.notes.tolist() == [
        [240, 480, 60, 80],
        [720, 160, 64, 101],
        [1440, 480, 60, 1],
    ]
    assert [round(tempo.qpm) for tempo in file.score.tempos] == [120]
    assert [(m.numerator, m.denominator) for m in file.score.time_signatures] == [(6, 8)]
    assert file.grid.num_whole_bars == 4
    assert [(one.tick, one.value) for one in pedals_and_bends(file)] == [(240, 1), (1320, 0)]


def test_drums_are_drums():
    (track,) = read_file(as_midi(program=DRUM_PROGRAM)[1]).score.tracks
    assert track.is_drum


def test_a_line_is_named_in_few_printable_characters():
    assert as_midi(name="a\n  b\x00" + "c" * 500)[0] == "a b" + "c" * 57
    assert as_midi(name=["no", "name"])[0] == "music"


def test_a_played_line_is_continued_as_an_upload_is(actions, session):
    name, data = as_midi()
    before = session.work.piece
    message = actions.open_music(session.name, name, data, GridChoice.AS_WRITTEN)
    assert message["kind"] == "piece"
    assert message["name"] == "Played in"
    assert len(message["bars"]) == 5
    assert session.work.piece != before
    assert session.upload == (name, data)
    again = actions.app_state.sessions.open(session.owner)
    actions.app_state.sessions.filing.open_filed(again, session.work.piece)
    assert again.piece.score == session.piece.score


@given(st.data())
def test_any_line_within_its_limits_has_its_bars_and_notes(data):
    metre = data.draw(st.sampled_from(METRES))
    bars = data.draw(st.integers(1, 20))
    numerator, denominator = map(int, metre.split("/"))
    end = bars * numerator * 4 / denominator
    start = st.floats(0, end - 0.01).map(lambda x: round(x, 6))
    note = st.tuples(start, st.floats(0.01, 30), st.integers(0, 127), st.integers(1, 127))
    notes = [list(one) for one in data.draw(st.lists(note, min_size=1, max_size=30))]
    read = read_file(as_midi(metre=metre, bars=bars, notes=notes, pedal=[])[1], pickup_ticks=0)
    (track,) = read.score.tracks
    assert 1 <= len(track.notes) <= len(notes)
    assert track.notes[:, 0].max() < end * 480
    assert (track.notes[:, 0] + track.notes[:, 1]).max() <= end * 480


NOTE = [0, 1, 60, 80]
WRONG = {
    "no text": {"notes": [NOTE]},
    "no JSON": "notes",
    "no object": "[1, 2]",
    "too deep": "[" * 100_000,
    "too long": " " * MAX_LINE_CHARACTERS + json.dumps(LINE),
    **{
        what: json.dumps({**LINE, **changes})
        for what, changes in {
            "no notes": {"notes": []},
            "notes that are none": {"notes": "C D E"},
            "too many notes": {"notes": [NOTE] * (MAX_LINE_NOTES + 1)},
            "too many moves of the pedal": {"pedal": [[0, 1]] * (MAX_LINE_NOTES + 1)},
            "too few numbers": {"notes": [[0, 1, 60]]},
            "words": {"notes": [["0", 1, 60, 80]]},
            "truth": {"notes": [[True, 1, 60, 80]]},
            "infinity": {"notes": [[float("inf"), 1, 60, 80]]},
            "not a number": {"notes": [[0, float("nan"), 60, 80]]},
            "a number without end": {"notes": [[10**400, 1, 60, 80]]},
            "before the line": {"notes": [[-1, 1, 60, 80]]},
            "behind the line": {"notes": [[12, 1, 60, 80]]},
            "no length": {"notes": [[0, 0, 60, 80]]},
            "a pitch too high": {"notes": [[0, 1, 128, 80]]},
            "a pitch between": {"notes": [[0, 1, 60.5, 80]]},
            "no velocity": {"notes": [[0, 1, 60, 0]]},
            "a pedal half down": {"pedal": [[0, 0.5]]},
            "a pedal behind the line": {"pedal": [[12.5, 1]]},
            "no metre": {"metre": "9/4"},
            "a metre that is a list": {"metre": ["4/4"]},
            "no tempo": {"qpm": None},
            "too slow": {"qpm": 1},
            "too many bars": {"bars": 65},
            "half a bar": {"bars": 1.5},
            "no instrument": {"program": 129},
        }.items()
    },
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_line_is_refused_with_a_sentence(what):
    with pytest.raises(MidiError) as refused:
        line_as_midi(WRONG[what])
    assert str(refused.value).endswith(".")


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists))
def test_whatever_is_sent_as_notes_is_read_or_refused(value):
    for changes in ({"notes": value}, {"notes": [value]}, {"pedal": value}, {"metre": value}):
        try:
            as_midi(**changes)
        except MidiError:
            continue
