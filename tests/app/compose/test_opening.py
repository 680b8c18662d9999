import json

import pytest

from meloformer.app.compose.downloads import links_message
from meloformer.app.compose.edit_actions import EditActions
from meloformer.app.compose.opening import (
    OF_FORM,
    OpeningSettings,
    ensemble_choices,
    instrument_list,
    key_choices,
    settings_of,
)
from meloformer.app.compose.parts import picker_rows
from meloformer.app.compose.settings import Settings
from meloformer.engine.ensembles import ENSEMBLES
from meloformer.errors import ConfigError
from meloformer.score import bar_grid, read_midi
from meloformer.score.part import DRUM_PROGRAM, Part

TRIO = OpeningSettings(
    instruments=[Part(0).number, Part(33).number, Part(DRUM_PROGRAM).number],
    key="A minor",
    metre="3/4",
    tempo=96,
)


def settings_for(session, **more) -> Settings:
    return Settings(parts=picker_rows(session), **{"num_bars": 3, "seed": "7", **more})


def write(actions, session, **more) -> None:
    settings = settings_for(session, **more)
    actions.begin(session.name, settings)
    list(actions.compose(session.name, settings))


def test_a_blank_piece_is_shown_with_its_parts_and_no_bar(actions, session):
    shown = actions.open_blank(session.name, TRIO)
    assert shown["bars"] == [0]
    assert shown["notes"] == []
    assert (shown["beats"], shown["beat"]) == (3, 1.0)
    assert {"A minor", "♩ = 96", "3/4", "3 parts"} <= set(shown["facts"])
    assert session.piece.name == "Piano, Fingered bass, Drums in A minor"
    presences = [row["presence"] for row in picker_rows(session)["rows"]]
    assert presences == ["always"] * 3


def test_the_opening_is_written_kept_continued_and_undone(actions, session):
    actions.open_blank(session.name, TRIO)
    write(actions, session)
    assert session.request.handles.scale.name == "A minor"
    for take in session.takes:
        score = read_midi(take.data)
        assert bar_grid(score).num_bars == 3
        assert len(score.tracks) == 3
    assert list(actions.play(session.name))[-1]["kind"] == "sound"
    actions.keep(session.name)
    assert session.piece.num_bars == 3
    assert not session.piece.file.is_blank
    write(actions, session, tempo_changes="5=140", metre_changes="5=4/4")
    assert session.request.handles.scale is None
    actions.keep(session.name)
    assert session.piece.grid.whole_metres.tolist() == [[3, 4]] * 4 + [[4, 4]] * 2
    assert round(session.piece.score.tempos[-1].qpm) == 140
    for _ in range(4):
        actions.undo(session.name)
    assert session.piece.file.is_blank
    write(actions, session)
    assert len(session.takes[0].bars) == 3


def test_the_piece_is_read_from_the_library_again(actions, session):
    actions.open_blank(session.name, TRIO)
    write(actions, session)
    before = actions.show(session.name)
    filing, filed = actions.app_state.sessions.filing, session.work.piece
    session.empty()
    filing.open_filed(session, filed)
    assert session.piece.file.is_blank
    after = actions.show(session.name)
    assert json.dumps(after["takes"]) == json.dumps(before["takes"])
    assert [take.data for take in session.takes] == [take.data for take in session.takes]


def test_the_clock_of_takes_has_the_tempos_asked_for(actions, session):
    write(actions, session, tempo_changes="6=48")
    clock = actions.show(session.name)["take_clock"]
    quarters = [quarter for quarter, _ in clock]
    assert 15.0 in quarters  # bar 6 of a piece in 3/4
    (before, second), (after, later) = clock[quarters.index(15.0)], clock[-1]
    assert (later - second) / (after - before) == pytest.approx(60 / 48, rel=1e-3)


def test_minor_keys_have_the_raised_seventh_where_chords_need_it(actions, session):
    actions.open_blank(session.name, TRIO)
    asked = actions.request(session, settings_for(session, chords="Am E"))
    assert asked.handles.scale.name == "A minor with both sevenths"


def test_what_cannot_be_is_told(actions, session):
    for wrong in ([], None, "piano"):
        with pytest.raises(ConfigError, match="Nobody plays"):
            actions.open_blank(session.name, OpeningSettings(instruments=wrong))
    for wrong in ([-1], ["0"], [99_999]):
        with pytest.raises(ConfigError, match="list of instruments"):
            actions.open_blank(session.name, OpeningSettings(instruments=wrong))
    with pytest.raises(ConfigError, match="no tempo"):
        actions.open_blank(session.name, OpeningSettings(instruments=[0], tempo=None))
    with pytest.raises(ConfigError, match="already"):
        actions.request(session, settings_for(session, tempo_changes="4=100"))


def test_every_ensemble_can_be_chosen():
    keys, instruments = (dict(choices()) for choices in (key_choices, instrument_list))
    assert [name for _, name in ensemble_choices()] == [str(one.name) for one in ENSEMBLES]
    for ensemble in ENSEMBLES:
        fields = settings_of(ensemble)
        assert fields.key in keys.values()
        assert set(fields.instruments) <= set(instruments.values())
        opening = fields.read()
        assert opening.parts == ensemble.parts
        assert opening.title.startswith(ensemble.name)
        assert opening.piece().file.is_blank


def test_a_blank_piece_offers_no_files_and_its_takes_all(actions, session):
    actions.open_blank(session.name, TRIO)
    assert not any(row["name"] or row["kind"] for row in links_message(session)["links"])
    write(actions, session)
    made = actions.make(session.name, "picture", as_heard=False)
    assert made["made"]["file"].read_bytes().startswith(b"\x89PNG")
    list(actions.play(session.name))
    wav = next(row for row in links_message(session)["links"] if row["label"] == "WAV")
    assert wav["name"].endswith(".wav")


def test_a_note_drawn_before_anything_is_written_is_declined_in_a_sentence(actions, session):
    actions.open_blank(session.name, TRIO)
    note = [Part(0).number, 0, 1, 60, 80]
    shown = EditActions(actions).edit(session.name, [[None, note]])
    assert "has no notes" in shown["status"]
    write(actions, session)
    assert len(session.takes[0].bars) == 3


def test_what_an_opening_fills_into_the_form():
    filled = OpeningSettings(chords=" Any ", num_bars=12, num_candidates=3).of_form()
    assert set(filled) == set(OF_FORM)
    assert (filled["chords"], filled["num_bars"], filled["num_candidates"]) == ("", 12, 3)
    assert OpeningSettings(chords="Am F", num_bars=None).of_form()["chords"] == "Am F"
