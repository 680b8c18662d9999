import dataclasses

import numpy as np
import pytest

from meloformer.app.compose.downloads import downloads
from meloformer.app.compose.parts import picker_rows, rewrite_rows, shows_rewrite
from meloformer.app.compose.settings import KEPT, REWRITE, Settings
from meloformer.engine.piece import Piece
from meloformer.engine.request import MAX_REWRITE_BARS, Presence
from meloformer.errors import MeloFormerError
from meloformer.midi.read import read_file
from meloformer.score import read_midi, write_midi

BASS = 33 * 8
ONLY_BASS = {
    "rewrites": True,
    "rows": [{"number": 0, "presence": KEPT}, {"number": BASS, "presence": "always"}],
}
AGAIN = Settings(task=REWRITE, parts=ONLY_BASS, bars_again="2-3", num_candidates=2, seed="7")


def run(actions, name, settings=AGAIN):
    actions.begin(name, settings)
    return list(actions.compose(name, settings))


def test_bars_written_again_come_in_the_place_of_others(actions, session):
    messages = run(actions, session.name)
    begin = next(message for message in messages if message["kind"] == "begin")
    assert (begin["seam"], begin["planned"]) == (3.0, 2)
    assert begin["gap"] == {"end": 9.0, "parts": [BASS]}
    shown = actions.settle(session.name)
    assert shown["status"] == "2 bars written (seed 7)"
    assert shown["gap"] == begin["gap"]
    assert shown["most_again"] == MAX_REWRITE_BARS
    before = read_midi(session.piece.data)
    for take in session.takes:
        after = read_midi(take.data)
        right, bass = after.tracks
        assert right == before.tracks[0]
        old = before.tracks[1].notes
        outside = bass.notes[(bass.notes[:, 0] < 1440) | (bass.notes[:, 0] >= 4320)]
        assert np.array_equal(outside, old[(old[:, 0] < 1440) | (old[:, 0] >= 4320)])
        assert len(bass.notes) == len(outside) + take.candidate.score.num_notes


def test_what_is_kept_is_as_long_as_before_and_can_be_undone(actions, session):
    piece = session.piece
    run(actions, session.name)
    files = downloads(session)
    assert files.whole.name == "tune-rewritten-1.mid"
    made = actions.make(session.name, "picture", as_heard=False)["made"]
    assert made["file"].read_bytes().startswith(b"\x89PNG")
    taken = session.takes[0].data
    shown = actions.keep(session.name)
    assert session.piece.data == taken
    assert session.piece.grid.num_bars == piece.grid.num_bars
    assert shown["gap"] is None
    actions.undo(session.name)
    assert session.piece is piece


def test_a_part_that_does_not_play_there_is_kept_unless_it_is_asked_for(actions, session, tune):
    notes = session.piece.score.tracks[1].notes
    only_first = dataclasses.replace(session.piece.score.tracks[1], notes=notes[:1])
    score = session.piece.score.with_tracks((session.piece.score.tracks[0], only_first))
    session.piece = Piece("tune", read_file(write_midi(score)))
    rows = rewrite_rows(session, (1, 3), None)["rows"]
    assert [(row["number"], row["presence"], row["usual"]) for row in rows] == [
        (0, "always", "always"),
        (BASS, KEPT, "always"),
    ]
    assert picker_rows(session)["rows"][1]["presence"] == Presence.FREE


def test_kept_parts_and_new_instruments_outlast_other_bars(actions, session):
    picked = rewrite_rows(session, (0, 2), None)
    picked["rows"][0]["presence"] = KEPT
    picked["rows"].append({"number": 320, "name": "Violin", "presence": "always", "own": False})
    rows = rewrite_rows(session, (1, 3), picked)["rows"]
    assert [row["presence"] for row in rows] == [KEPT, "always", "always"]
    assert rows[2]["name"] == "Violin"
    for whatever in ("x", {"rows": None}, {"rows": [1]}):
        assert len(rewrite_rows(session, (1, 3), whatever)["rows"]) == 2


def test_choices_of_each_task_outlast_the_other(actions, session):
    picked = picker_rows(session)
    picked["rows"][0]["presence"] = "silent"
    picked["rows"].append({"number": 320, "name": "Violin", "presence": "free", "own": False})
    marked = rewrite_rows(session, (1, 3), picked)
    assert [row["presence"] for row in marked["rows"]] == ["always", "always", "free"]
    marked["rows"][1]["presence"] = KEPT
    back = picker_rows(session, marked)
    assert [row["presence"] for row in back["rows"]] == ["silent", "always", "free"]
    again = rewrite_rows(session, (0, 2), back)
    assert [row["presence"] for row in again["rows"]] == ["always", KEPT, "free"]
    for whatever in (None, "x", {"rows": {}}, {"rows": [1, {"number": []}], "other": 3}):
        assert [row["presence"] for row in picker_rows(session, whatever)["rows"]] == ["always"] * 2


def test_a_picker_knows_which_bars_it_is_for(actions, session):
    picked = rewrite_rows(session, (1, 3), None)
    assert shows_rewrite(picked, (1, 3))
    assert shows_rewrite(rewrite_rows(session, None, None), None)
    for other in (picker_rows(session), rewrite_rows(session, (1, 2), None), None, [], {}):
        assert not shows_rewrite(other, (1, 3))


def test_bars_that_are_not_there_are_refused(actions, session):
    assert actions.mark(session.name, " ") is None
    assert actions.mark(session.name, "2-3") == (1, 3)
    for text in ("4-5", "0-1", "3-2", "x", "1-20"):
        with pytest.raises(MeloFormerError):
            actions.mark(session.name, text)


def test_a_model_that_has_not_learned_it_offers_no_bars_to_mark(actions, session):
    app_state = actions.app_state
    app_state.card = dataclasses.replace(app_state.card, infill=False)
    assert actions.show(session.name)["most_again"] == 0
    actions.begin(session.name, AGAIN)
    with pytest.raises(MeloFormerError, match="has not learned"):
        list(actions.compose(session.name, AGAIN))
    assert not session.is_composing
    assert not session.takes
    shown = actions.settle(session.name)  # the seam is where Continue would go on again
    assert (shown["seam"], shown["gap"]) == (12.0, None)
