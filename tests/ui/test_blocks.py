import gradio as gr
import pytest

from meloformer.engine.request import ContinueRequest
from ui.blocks import STILL_PLAYS, build
from ui.components import ModuleComponent
from ui.compose.chords import chords_update
from ui.compose.tab import compose_tab

pytestmark = pytest.mark.usefixtures("one_event_loop")


def test_the_page_builds_and_offers_nothing_to_programs(app_state, tmp_path, examples):
    blocks = build(app_state, uploads=tmp_path, examples=examples)
    assert all(fn.api_visibility == "private" for fn in blocks.fns.values())


OPENS = {"attach", "bring", "use", "open", "go"}
"""Events that open something else; a second one while the first is under way is a double click."""


def test_what_carries_data_is_neither_dropped_nor_sent_as_it_was_before(
    app_state, tmp_path, examples
):
    blocks = build(app_state, uploads=tmp_path, examples=examples)
    modes = {
        (event, function.trigger_mode)
        for function in blocks.fns.values()
        for number, event in function.targets
        if isinstance(blocks.blocks.get(number), ModuleComponent) and event != "change"
    }
    assert len(modes) > 12
    assert {event for event, mode in modes if mode != "multiple"} <= OPENS


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


def test_a_page_that_was_shown_while_a_run_went_on_hears_that_it_has_ended(
    actions, session, examples
):
    with gr.Blocks():
        on = compose_tab(actions, examples)
    assert len(list(on.follow(session.name))) == 1
    actions.app_state.begin(session)
    assert actions.app_state.start(session, ContinueRequest(num_bars=1)).wait(120)
    *_, last = on.follow(session.name)
    assert last[on.page.go]["interactive"]
    assert "1 bar written" in last[on.page.roll]["status"]
