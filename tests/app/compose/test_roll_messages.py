import json
from dataclasses import replace

from meloformer.app.compose.parts import families, picker_rows
from meloformer.app.compose.roll_messages import clock, picture, take_clock
from meloformer.engine.piece import Piece
from meloformer.engine.request import ContinueRequest, RewriteRequest
from meloformer.midi.read import read_file
from meloformer.score import Score, Tempo, TimeSignature, Track, note_array, write_midi
from meloformer.score.piano_roll import NoteBox, note_boxes
from tests.app.compose.test_actions import run


def test_notes_are_placed_in_quarters():
    notes = note_array([(480, 240, 60, 90), (0, 120, 64, 50)])
    score = Score(
        480, (Track("", 5, False, notes),), (Tempo(0, 60.0),), (TimeSignature(0, 4, 4),), 960
    )
    assert note_boxes(score) == [NoteBox(40, 0.0, 0.25, 64, 50), NoteBox(40, 1.0, 0.5, 60, 90)]


def test_the_clock_follows_the_tempo():
    tempos = (Tempo(0, 60.0), Tempo(480, 120.0))
    score = Score(480, (), tempos, (TimeSignature(0, 4, 4),), 1440)
    assert clock(score) == [[0.0, 0.0], [1.0, 1.0], [4.0, 2.5]]


def test_new_bars_keep_the_usual_tempo_and_bars_written_again_that_of_the_piece(session):
    slower = replace(session.require_piece().score, tempos=(Tempo(0, 96.0), Tempo(1440 * 3, 48.0)))
    file = read_file(write_midi(slower))
    session.place(Piece("slower", file))
    session.request = ContinueRequest()
    slow_bar = [[0.0, 0.0], [9.0, 5.625], [12.0, 9.375]]
    assert take_clock(session) == [*slow_bar, [13.0, 10.0]]
    session.request = RewriteRequest(first_bar=1, last_bar=2)
    assert take_clock(session) == clock(file.score) == [[0.0, 0.0], [9.0, 5.625], [13.0, 10.625]]


def test_messages_are_json(session):
    json.dumps(picture(session), allow_nan=False)
    json.dumps(picker_rows(session), allow_nan=False)
    json.dumps(families())


def test_each_bar_is_told_with_its_chord(session):
    message = picture(session)
    assert len(message["chords"]) == len(message["bars"]) - 1
    assert message["chords"] == session.piece.chords


def test_every_instrument_can_be_added():
    programs = [one["program"] for family in families() for one in family["choices"]]
    assert sorted(programs) == list(range(129))


def test_a_long_piece_is_placed_quickly(tune):
    piece = Piece.read("tune", tune)
    assert piece.bar_quarters(4) == 12.0
    assert piece.bar_quarters(1) == 3.0


def test_the_bars_of_a_take_are_sent_under_its_place_among_the_takes(actions, session):
    run(actions, session.name)
    del session.takes[0]  # as of a candidate that was stopped before its first bar
    shown = picture(session)["takes"]
    assert [{bar["take"] for bar in take} for take in shown] == [{0}]
