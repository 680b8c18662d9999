from zipfile import ZipFile

import pytest

from meloformer.app.compose.archives import EVERYTHING, MIDI_STEMS, MUSICXML, WAV_STEMS
from meloformer.app.compose.downloads import make_file
from meloformer.app.compose.settings import Settings
from meloformer.app.compose.sheet import make_sheet, sheet_message
from meloformer.errors import AudioError

EVERY_BAR = {"rows": [{"number": 0, "presence": "always"}]}


@pytest.fixture
def take(actions, session):
    settings = Settings(parts=EVERY_BAR, num_bars=1, num_candidates=1, seed="3")
    actions.begin(session.name, settings)
    list(actions.compose(session.name, settings))
    return session.takes[0]


def test_a_score_is_made_when_it_is_asked_for_and_only_once(app_state, session):
    assert sheet_message(session)["file"] is None
    made = make_sheet(app_state, session)
    assert made["file"].name.endswith(".musicxml")
    assert made["bars"] == session.require_piece().num_bars
    assert make_sheet(app_state, session) == made == sheet_message(session)


def test_where_there_is_no_piece_there_is_no_score(app_state):
    assert sheet_message(app_state.sessions.open()) == {"key": ""}


def test_a_piece_that_is_too_long_says_so_in_the_score_view(app_state, session, monkeypatch):
    monkeypatch.setattr("meloformer.score.notation.document.MAX_NOTES", 1)
    assert "a score is written of up to" in make_sheet(app_state, session)["problem"]


def test_stems_are_one_file_for_each_part(app_state, session):
    parts = len(session.require_piece().parts)
    for kind in (MIDI_STEMS, WAV_STEMS):
        with ZipFile(make_file(app_state, session, kind, as_heard=False)) as archive:
            assert len(archive.namelist()) == parts


def test_only_the_last_archive_stays(app_state, session):
    first = make_file(app_state, session, MIDI_STEMS, as_heard=False)
    score = make_file(app_state, session, MUSICXML, as_heard=False)
    last = make_file(app_state, session, EVERYTHING, as_heard=False)
    assert not first.exists()
    assert score.exists()
    assert last.exists()


@pytest.mark.usefixtures("take")
def test_a_version_has_an_archive_of_its_own(app_state, session):
    with ZipFile(make_file(app_state, session, MIDI_STEMS, as_heard=False)) as archive:
        assert archive.namelist()[0].startswith(session.take_name(0))


def test_without_a_synthesizer_stems_as_sound_say_what_is_missing(app_state, session):
    app_state.synth, app_state.sound_problem = None, "FluidSynth is missing."
    with pytest.raises(AudioError, match="FluidSynth is missing"):
        make_file(app_state, session, WAV_STEMS, as_heard=False)
    assert make_file(app_state, session, EVERYTHING, as_heard=False).exists()
