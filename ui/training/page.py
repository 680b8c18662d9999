"""What stands where on the training page."""

from dataclasses import dataclass, fields
from typing import Any

import gradio as gr

from meloformer.app.training.settings import EXPLAINED, LENGTHS, METHODS, Method, TrainingSettings
from meloformer.model.config import SIZES
from meloformer.runs.config import PRECISIONS
from ui.training.widgets import MusicDrop, RunsView

LOOK_EVERY_S = 2
NO_COMMAND = "It comes with the music."
"""An empty box would have a label that screen readers may not say."""


@dataclass(frozen=True, slots=True)
class TrainingPage:
    """The components that actions change."""

    chosen: gr.State
    """Name of the run that is looked at."""
    dataset: gr.State
    """Name of the music that is chosen."""
    timer: gr.Timer
    music: MusicDrop
    method: gr.Radio
    explained: gr.HTML
    name: gr.Textbox
    base: gr.Dropdown
    size: gr.Dropdown
    plan: gr.HTML
    command: gr.Code
    go: gr.Button
    runs: RunsView
    settings: list[Any]
    """The fields of `TrainingSettings`, in order."""


def lay_out() -> TrainingPage:
    """Put everything on the page; nothing is connected yet."""
    chosen, dataset = gr.State(""), gr.State("")
    timer = gr.Timer(LOOK_EVERY_S, active=False)
    with gr.Row(elem_id="training", equal_height=False):
        with gr.Column(elem_id="training-side", scale=0, min_width=300):
            with gr.Column(elem_classes="card"):
                gr.HTML("<h2><i>1</i> Your music</h2>", elem_classes="step")
                music = MusicDrop(elem_id="music")
            with gr.Column(elem_classes="card"):
                gr.HTML("<h2><i>2</i> How to train</h2>", elem_classes="step")
                method = gr.Radio(
                    [(label, value.value) for value, label in METHODS.items()],
                    value=Method.LIGHT.value,
                    label="What becomes of it",
                )
                explained = gr.HTML(explanation(Method.LIGHT), elem_id="explained")
                length = gr.Radio(list(LENGTHS), value=next(iter(LENGTHS)), label="How long")
                name = gr.Textbox("", label="Name (optional)", max_lines=1, max_length=60)
                with gr.Accordion("Details", open=False):
                    base, size, details = _lay_out_details()
            with gr.Column(elem_classes="card"):
                gr.HTML("<h2><i>3</i> Start</h2>", elem_classes="step")
                plan = gr.HTML("<p class='quiet'>Bring some music first.</p>", elem_id="plan")
                with gr.Accordion("The same from a shell", open=False):
                    command = gr.Code(
                        NO_COMMAND,
                        language=None,
                        wrap_lines=True,
                        show_line_numbers=False,
                        label="Command",
                        lines=2,
                        interactive=False,
                        elem_id="command",
                    )
                go = gr.Button(
                    "Start training",
                    variant="primary",
                    size="lg",
                    interactive=False,
                    elem_id="start",
                )
        with gr.Column(elem_id="training-main", scale=1, min_width=300):
            runs = RunsView(elem_id="runs")
    settings: list[Any] = [dataset, method, length, name, *details]
    assert len(settings) == len(fields(TrainingSettings))
    return TrainingPage(
        *(chosen, dataset, timer, music, method, explained, name, base, size),
        *(plan, command, go, runs, settings),
    )


def _lay_out_details() -> tuple[gr.Dropdown, gr.Dropdown, list[Any]]:
    """Base and size, and everything from minutes on, in the order of `TrainingSettings`."""
    gr.HTML("<span class='quiet'>What is 0 is chosen for you.</span>")
    with gr.Row(elem_classes="pair"):
        minutes = gr.Number(0, label="Minutes", minimum=0)
        seed = gr.Number(0, label="Seed", precision=0, minimum=0)
    base = gr.Dropdown([("", "")], value="", label="Model to fine-tune")
    size = gr.Dropdown(
        [("chosen for you", ""), *((size, size) for size in SIZES)],
        value="",
        label="Size",
        visible=False,
    )
    with gr.Row(elem_classes="pair"):
        context = gr.Number(0, label="Context (tokens)", precision=0, minimum=0)
        rows = gr.Number(0, label="Rows at once", precision=0, minimum=0)
    gr.HTML("<span class='quiet'>Learning rates of the matrices, and of all else</span>")
    with gr.Row(elem_classes="pair"):
        muon = gr.Number(0, label="Muon", minimum=0, maximum=1, step=0.001)
        adam = gr.Number(0, label="AdamW", minimum=0, maximum=1, step=0.001)
    with gr.Row(elem_classes="pair"):
        precision = gr.Dropdown(
            [("chosen for you", ""), *((one, one) for one in PRECISIONS)],
            value="",
            label="Precision",
        )
        devices = gr.Number(0, label="Devices", precision=0, minimum=0)
    everything = [minutes, base, size, context, rows, muon, adam, seed, precision, devices]
    return base, size, everything


def explanation(method: str) -> str:
    """The line under the choice of a method."""
    return f"<span class='quiet'>{EXPLAINED[Method(method)]}</span>"
