import gradio as gr
import pytest

from meloformer.engine.request import ContinueRequest
from ui.blocks import build
from ui.compose.tab import chords_update, compose_tab

pytestmark = pytest.mark.usefixtures("one_event_loop")


def test_the_page_builds_and_offers_nothing_to_programs(app_state, tmp_path, examples):
    blocks = build(app_state, uploads=tmp_path, examples=examples)
    assert all(fn.api_visibility == "private" for fn in blocks.fns.values())


def test_missing_sound_is_said_on_the_page(app_state, tmp_path, examples):
    app_state.sound_problem = "FluidSynth is missing.\n\nhint: apt install libfluidsynth3"
    blocks = build(app_state, uploads=tmp_path, examples=examples)
    shown = " ".join(str(getattr(block, "value", "")) for block in blocks.blocks.values())
    assert "apt install libfluidsynth3" in shown


def test_wrong_chords_are_marked_and_escaped():
    assert "class='wrong'" in chords_update("<b>")["value"]
    assert "<b>" not in chords_update("<b>")["value"]
    assert chords_update("")["visible"] is False


def test_a_page_that_was_shown_while_a_run_went_on_hears_that_it_has_ended(
    actions, session, examples
):
    with gr.Blocks():
        on = compose_tab(actions, examples)
    assert len(list(on.follow(session.name))) == 1
    actions.app_state.begin(session)
    assert actions.app_state.start(session, ContinueRequest(num_bars=1)).wait(20)
    *_, last = on.follow(session.name)
    assert last[on.page.go]["interactive"]
    assert "1 bar written" in last[on.page.roll]["status"]
