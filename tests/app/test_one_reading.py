"""A visit reads the upload once, and each result once if it is heard or kept."""

from collections import Counter

import pytest

from meloformer.app.compose.downloads import downloads
from meloformer.app.compose.parts import picker_rows, rewrite_rows
from meloformer.app.compose.settings import CONTINUE, REWRITE, Settings
from meloformer.engine.piece import Piece
from meloformer.score import write_midi
from tests.call_counts import counted
from tests.midi.free_recording import played_freely

READ_ONCE = Counter({"read_container": 1, "read_events": 1, "read_notes": 1})
USED_ONCE = Counter({"bar_grid": 1, "parts_of": 1, "encode": 1})
BARS_OF_NEW_NOTES = {CONTINUE: Counter(), REWRITE: Counter({"bar_grid": 2})}
"""New notes in the place of others have bars of their own."""
UPLOAD = READ_ONCE + USED_ONCE + Counter({"follow_beats": 1})


@pytest.fixture
def band(actions, examples):
    """A session with the largest example, and what opening it has cost."""
    session = actions.enter("")
    file = actions.uploads / "band.mid"
    file.write_bytes((examples / "band.mid").read_bytes())
    with counted() as counts:
        actions.open_upload(session.name, str(file))
        picker_rows(session)
    return session, counts


def compose(actions, session, task):
    settings = Settings(task=task, num_bars=2, bars_again="3-4", num_candidates=2, seed="7")
    actions.prepare(session.name)
    actions.begin(session.name, settings)
    list(actions.compose(session.name, settings))
    actions.settle(session.name)
    downloads(session)


@pytest.mark.parametrize("task", [CONTINUE, REWRITE])
def test_a_visit_reads_the_upload_once_and_each_take_that_is_heard_once(actions, band, task):
    session, opening = band
    assert opening == UPLOAD
    with counted() as composing:
        rewrite_rows(session, (2, 4), None)
        compose(actions, session, task)
    assert composing == BARS_OF_NEW_NOTES[task]
    with counted() as playing:
        list(actions.play(session.name))
        list(actions.play(session.name))
    assert playing == READ_ONCE + READ_ONCE
    with counted() as keeping:
        actions.keep(session.name)
        picker_rows(session)
        list(actions.play(session.name))
        actions.undo(session.name)
    assert keeping == USED_ONCE


def test_a_take_that_is_kept_unheard_is_read_once_and_the_other_never(actions, band):
    session, _ = band
    compose(actions, session, CONTINUE)
    with counted() as keeping:
        actions.keep(session.name)
        compose(actions, session, CONTINUE)
    assert keeping == READ_ONCE + USED_ONCE


def test_the_clock_the_sound_and_the_kept_piece_come_from_one_reading(actions, session, app_state):
    compose(actions, session, CONTINUE)
    list(actions.play(session.name))
    files = [take.file for take in session.takes]
    assert app_state.synth.played == [session.piece.file, *files]
    actions.keep(session.name)
    assert session.piece.file is files[0]


def test_a_recording_whose_beats_are_followed_is_read_once_more_on_its_grid():
    data = write_midi(played_freely())
    with counted() as counts:
        piece = Piece.read("free", data)
        assert piece.encoding.num_bars == piece.grid.num_bars
    assert piece.beats_followed
    assert counts == UPLOAD + READ_ONCE
