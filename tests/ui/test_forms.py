from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import gradio as gr
import pytest

from meloformer.app.training.settings import TrainingSettings
from ui.blocks import build
from ui.compose import page as compose_page
from ui.compose.tab import ComposeHandlers
from ui.forms import Form
from ui.training import page as training_page

pytestmark = pytest.mark.usefixtures("one_event_loop")


def read_after_sending(loop, blocks, form, changes, order):
    """What a handler reads when a browser sends the values of a form in some order.

    Args:
        loop: Where Gradio runs.
        blocks: Where the form is, with an event to come.
        form: The form.
        changes: Values by name that are not those of the page.
        order: Names of all fields.
    """
    read = []
    with blocks:
        blocks.load(lambda values: read.append(form.read(values)), form.inputs())
    (event,) = [fn for fn in blocks.fns.values() if fn.targets[0][1] == "load"]
    assert set(event.inputs) == set(form.components.values())
    event.inputs = [form.components[name] for name in order]
    values = {name: component.value for name, component in form.components.items()} | changes
    sent = blocks.call_function(event, [values[name] for name in order])
    with ThreadPoolExecutor(1) as thread:  # in this one a browser's loop may run
        thread.submit(loop.run_until_complete, sent).result()
    return read[0]


def orders(form, one, other):
    """As the form has them, backwards, and with two fields in each other's place."""
    names = list(form.components)
    swap = {one: other, other: one}
    return names, names[::-1], [swap.get(name, name) for name in names]


@pytest.mark.parametrize("number", range(3))
def test_top_p_and_min_p_are_not_taken_for_each_other(app_state, examples, one_event_loop, number):
    with gr.Blocks() as blocks:
        form = compose_page.lay_out(examples).form
    order = orders(form, "top_p", "min_p")[number]
    changes = {"by_hand": True, "top_p": 0.9, "min_p": 0.02, "seed": "7", "num_bars": 3}
    settings = read_after_sending(one_event_loop, blocks, form, changes, order)
    request = settings.request(None)
    assert (request.sampling.top_p, request.sampling.min_p) == (0.9, 0.02)
    assert (request.seed, request.num_bars, request.num_candidates) == (7, 3, 2)


@pytest.mark.parametrize("number", range(3))
def test_the_two_learning_rates_are_not_taken_for_each_other(one_event_loop, number):
    with gr.Blocks() as blocks:
        form = training_page.lay_out().form
    order = orders(form, "muon_lr", "adam_lr")[number]
    changes = {"dataset": "Jigs", "muon_lr": 0.02, "adam_lr": 0.001, "rows": 4}
    settings = read_after_sending(one_event_loop, blocks, form, changes, order)
    assert settings == TrainingSettings(
        dataset="Jigs",
        muon_lr=0.02,
        adam_lr=0.001,
        rows=4,
        **dict.fromkeys(("minutes", "context_tokens", "seed", "devices"), 0),
        **dict.fromkeys(("base", "size", "precision"), ""),
    )


def test_continue_sends_the_whole_form_by_name(app_state, tmp_path, examples):
    blocks = build(app_state, uploads=tmp_path, examples=examples)
    bound = [(fn, getattr(fn.fn, "__self__", None)) for fn in blocks.fns.values()]
    sent = [
        (fn, on.page)
        for fn, on in bound
        if isinstance(on, ComposeHandlers) and fn.fn.__name__ in ("begin", "compose")
    ]
    assert len(sent) == 4  # also of a piece from nothing
    for fn, page in sent:
        assert fn.inputs_as_dict
        assert set(fn.inputs) == {page.session, *page.form.components.values()}


@dataclass
class Two:
    """A form of two."""

    one: int
    other: int


def test_a_form_lacks_no_field_and_invents_none():
    one, other, third = (gr.Number(0) for _ in range(3))
    assert Form(Two, {"other": other, "one": one}).read({one: 1, other: 2}) == Two(1, 2)
    with pytest.raises(TypeError, match="other"):
        Form(Two, {"one": one})
    with pytest.raises(TypeError, match="third"):
        Form(Two, {"one": one, "other": other, "third": third})
