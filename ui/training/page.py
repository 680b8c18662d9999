"""The layout of the training page."""

from dataclasses import dataclass

import gradio as gr
from gradio.components import Component

from meloformer.app.training.settings import EXPLAINED, LENGTHS, METHODS, Method, TrainingSettings
from meloformer.model.config import SIZES
from meloformer.phrases import filled, phrase
from meloformer.runs.config import PRECISIONS
from ui.forms import Form
from ui.training.widgets import MusicDrop, RunsView

LOOK_EVERY_S = 2
START = phrase("Start training")
START_ANYWAY = phrase("Start all the same")
"""Where the plan warns of what would come of it."""
NO_COMMAND = phrase("It comes with the music.")
"""An empty box would have a label that screen readers may not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPage:
    """The components that actions change."""

    chosen: gr.State
    """Name of the run on the page."""
    dataset: gr.State
    """Name of the chosen music."""
    timer: gr.Timer
    music: MusicDrop
    method: gr.Radio
    explained: gr.HTML
    name: gr.Textbox
    base: Component
    size: Component
    plan: gr.HTML
    command: gr.Code
    go: gr.Button
    runs: RunsView
    form: Form[TrainingSettings]


def lay_out() -> TrainingPage:
    """Put the components on the page; no event is connected yet."""
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
                    details = _lay_out_details()
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
                    START,
                    variant="primary",
                    size="lg",
                    interactive=False,
                    elem_id="start",
                )
        with gr.Column(elem_id="training-main", scale=1, min_width=300):
            runs = RunsView(elem_id="runs")
    form = Form(
        TrainingSettings,
        {"dataset": dataset, "method": method, "length": length, "name": name, **details},
    )
    return TrainingPage(
        chosen=chosen,
        dataset=dataset,
        timer=timer,
        music=music,
        method=method,
        explained=explained,
        name=name,
        base=details["base"],
        size=details["size"],
        plan=plan,
        command=command,
        go=go,
        runs=runs,
        form=form,
    )


def _lay_out_details() -> dict[str, Component]:
    """Lay out the settings that have a default, by their names in `TrainingSettings`."""
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
    return {
        "minutes": minutes,
        "base": base,
        "size": size,
        "context_tokens": context,
        "rows": rows,
        "muon_lr": muon,
        "adam_lr": adam,
        "seed": seed,
        "precision": precision,
        "devices": devices,
    }


def explanation(method: str) -> str:
    """Return the line under the choice of a method."""
    return filled("<span class='quiet'>{words}</span>", words=EXPLAINED[Method(method)])
