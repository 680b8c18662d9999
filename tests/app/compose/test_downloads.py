import hashlib

import pytest

from meloformer.app.compose.downloads import downloads, links_message, make_file
from meloformer.app.compose.settings import Settings
from meloformer.audio.mixer import Mixer, PartLevel, mixer_of
from meloformer.engine.recipe_event import read_recipe, without_recipe
from meloformer.errors import AudioError, MeloFormerError
from meloformer.midi.read import read_file
from meloformer.score import bar_grid, read_midi

PNG = b"\x89PNG\r\n\x1a\n"
EVERY_BAR = {"rows": [{"number": 0, "presence": "always"}]}


@pytest.fixture
def take(actions, session):
    settings = Settings(parts=EVERY_BAR, num_bars=2, num_candidates=1, seed="3")
    actions.begin(session.name, settings)
    list(actions.compose(session.name, settings))
    list(actions.play(session.name))
    return session.takes[0]


@pytest.mark.usefixtures("take")
def test_a_take_is_there_in_every_form(actions, session):
    files = downloads(session)
    assert bar_grid(read_midi(files.whole.read_bytes())).num_bars == 6
    assert read_midi(files.new.read_bytes()).num_notes > 0
    assert files.wav.read_bytes()[:4] == b"RIFF"
    assert files.whole.name == "tune-continued-1.mid"
    assert files.compressed is None
    assert files.picture is None
    for kind in ("compressed", "picture"):
        actions.make(session.name, kind, as_heard=False)
    files = downloads(session)
    assert files.compressed.stat().st_size > 0
    assert files.picture.read_bytes().startswith(PNG)
    assert downloads(session) == files


def test_the_whole_piece_carries_its_recipe_unless_that_is_not_wanted(actions, session, tune):
    settings = Settings(parts=EVERY_BAR, num_bars=2, num_candidates=2, seed="3")
    actions.begin(session.name, settings)
    list(actions.compose(session.name, settings))
    actions.pick(session.name, 1)
    whole = downloads(session).whole.read_bytes()
    recipe = read_recipe(read_file(whole)).recipe
    assert (recipe.seed, recipe.first_bar, recipe.model) == (4, 5, "untrained")
    assert recipe.parent == hashlib.sha256(tune).hexdigest()
    actions.set_recipes(session.name, False)
    bare = downloads(session).whole.read_bytes()
    assert bare == without_recipe(whole) != whole
    actions.keep(session.name)
    assert downloads(session).whole.read_bytes() == bare
    actions.set_recipes(session.name, True)
    assert downloads(session).whole.read_bytes() == whole


@pytest.mark.usefixtures("take")
def test_what_is_made_is_made_once_and_comes_with_the_links(actions, session):
    first = actions.make(session.name, "compressed", as_heard=False)
    again = actions.make(session.name, "compressed", as_heard=False)
    assert first["made"] == again["made"]
    assert first["made"]["name"] == "tune-continued-1.mp3"
    row = next(row for row in first["links"] if row["label"] == "MP3")
    assert row["file"] == first["made"]["file"]


def test_before_the_first_take_the_piece_itself_is_offered(app_state, session, tune):
    files = downloads(session)
    assert files.whole.read_bytes() == tune
    assert files.new is None
    assert files.wav is None
    made = make_file(app_state, session, "picture", as_heard=False)
    assert made.read_bytes().startswith(PNG)
    assert downloads(session).picture == made


def test_an_empty_session_offers_nothing(actions, app_state):
    empty = actions.enter("")
    assert downloads(empty).whole is None
    assert links_message(empty) == links_message(None)
    with pytest.raises(MeloFormerError):
        make_file(app_state, empty, "picture", as_heard=False)


def test_mp3_can_be_asked_for_when_there_is_audio_and_the_picture_at_once(actions, session):
    def asked():
        return {row["label"] for row in links_message(session)["links"] if row["kind"]}

    silent = {"Picture", "MusicXML", "Stems (MIDI)", "Everything (ZIP)"}
    assert asked() == silent
    list(actions.play(session.name))
    assert asked() == silent | {"WAV", "MP3", "Stems (WAV)"}


@pytest.mark.usefixtures("take")
def test_audio_is_made_anew_as_it_is_heard_and_the_last_such_file_stays(
    actions, session, app_state
):
    assert not links_message(session)["mixed"]
    actions.mix(session.name, {"0": {"gain_db": -6}})
    assert links_message(session)["mixed"]
    first = make_file(app_state, session, "wav", as_heard=True)
    assert first.name == "tune-continued-1-as-heard.wav"
    second = make_file(app_state, session, "wav", as_heard=True)
    assert second.is_file()
    assert not first.exists()
    assert make_file(app_state, session, "wav", as_heard=False) == downloads(session).wav
    assert make_file(app_state, session, "compressed", as_heard=True).suffix == ".mp3"


@pytest.mark.usefixtures("take")
def test_a_mixer_that_changes_nothing_is_as_rendered(actions, session, app_state):
    actions.mix(session.name, {"0": {"muted": False, "gain_db": 0}})
    assert make_file(app_state, session, "wav", as_heard=True) == downloads(session).wav


def test_another_piece_is_heard_as_it_is(actions, session, tune):
    session.mixer = mixer_of({"0": {"muted": True}})
    assert session.mixer == Mixer({0: PartLevel(muted=True)})
    file = actions.uploads / "other.mid"
    file.write_bytes(tune)
    actions.open_upload(session.name, str(file))
    assert session.mixer.is_flat


@pytest.mark.parametrize("kind", ["whole", "", "../x", "as heard"])
def test_only_what_is_made_on_demand_can_be_asked_for(app_state, session, kind):
    with pytest.raises(MeloFormerError):
        make_file(app_state, session, kind, as_heard=False)


def test_without_a_synthesizer_audio_is_a_sentence(app_state, session):
    app_state.synth = None
    app_state.sound_problem = "FluidSynth is missing.\n\nhint: apt install it"
    with pytest.raises(AudioError, match=r"FluidSynth is missing"):
        make_file(app_state, session, "compressed", as_heard=False)
