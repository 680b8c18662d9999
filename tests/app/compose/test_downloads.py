import hashlib

from meloformer.app.compose.downloads import downloads
from meloformer.app.compose.settings import Settings
from meloformer.engine.recipe_event import read_recipe, without_recipe
from meloformer.midi.read import read_file
from meloformer.score import bar_grid, read_midi

PNG = b"\x89PNG\r\n\x1a\n"
EVERY_BAR = {"rows": [{"number": 0, "presence": "always"}]}


def test_a_take_is_there_in_every_form(actions, session, tune):
    settings = Settings(parts=EVERY_BAR, num_bars=2, num_candidates=1, seed="3")
    actions.begin(session.name, settings)
    list(actions.compose(session.name, settings))
    list(actions.play(session.name))
    files = downloads(session, with_picture=True)
    assert bar_grid(read_midi(files.whole.read_bytes())).num_bars == 6
    assert read_midi(files.new.read_bytes()).num_notes > 0
    assert files.wav.read_bytes()[:4] == b"RIFF"
    assert files.compressed.stat().st_size > 0
    assert files.picture.read_bytes().startswith(PNG)
    assert files.whole.name == "tune-continued-1.mid"
    assert downloads(session, with_picture=True) == files


def test_the_whole_piece_carries_its_recipe_unless_that_is_not_wanted(actions, session, tune):
    settings = Settings(parts=EVERY_BAR, num_bars=2, num_candidates=2, seed="3")
    actions.begin(session.name, settings)
    list(actions.compose(session.name, settings))
    actions.pick(session.name, 1)
    whole = downloads(session, with_picture=False).whole.read_bytes()
    recipe = read_recipe(read_file(whole)).recipe
    assert (recipe.seed, recipe.first_bar, recipe.model) == (4, 5, "untrained")
    assert recipe.parent == hashlib.sha256(tune).hexdigest()
    actions.set_recipes(session.name, False)
    bare = downloads(session, with_picture=False).whole.read_bytes()
    assert bare == without_recipe(whole) != whole
    actions.keep(session.name)
    assert downloads(session, with_picture=False).whole.read_bytes() == bare
    actions.set_recipes(session.name, True)
    assert downloads(session, with_picture=False).whole.read_bytes() == whole


def test_before_the_first_take_the_piece_itself_is_offered(session, tune):
    files = downloads(session, with_picture=True)
    assert files.whole.read_bytes() == tune
    assert files.new is None
    assert files.wav is None
    assert files.picture.read_bytes().startswith(PNG)


def test_an_empty_session_offers_nothing(actions):
    assert downloads(actions.enter(""), with_picture=True).whole is None
