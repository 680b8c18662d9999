import pytest

from ui.blocks import STILL_PLAYS, build
from ui.compose.tab import chords_update

pytestmark = pytest.mark.usefixtures("one_event_loop")


def test_the_page_builds_and_offers_nothing_to_programs(app_state, tmp_path, examples):
    blocks = build(app_state, uploads=tmp_path, examples=examples)
    assert all(fn.api_visibility == "private" for fn in blocks.fns.values())


def test_missing_sound_is_said_on_the_page(app_state, tmp_path, examples):
    app_state.sound_problem = "FluidSynth is missing.\n\nhint: apt install libfluidsynth3"
    blocks = build(app_state, uploads=tmp_path, examples=examples)
    shown = " ".join(str(getattr(block, "value", "")) for block in blocks.blocks.values())
    assert "apt install libfluidsynth3" in shown
    assert STILL_PLAYS in shown


def test_wrong_chords_are_marked_and_escaped():
    assert "class='wrong'" in chords_update("<b>")["value"]
    assert "<b>" not in chords_update("<b>")["value"]
    assert chords_update("")["visible"] is False
