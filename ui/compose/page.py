"""The layout of the compose page."""

from dataclasses import dataclass
from pathlib import Path

import gradio as gr

from meloformer.app.compose.settings import CONTINUE, REWRITE, Settings
from meloformer.engine.request import MAX_BARS, MAX_CANDIDATES
from meloformer.midi.container import MIDI_SUFFIXES
from meloformer.midi.retime import GridChoice
from ui.compose.changes import lay_out_changes
from ui.compose.form import lay_out_form
from ui.compose.opening import OpeningFields, lay_out_opening
from ui.compose.play_in import PlayIn
from ui.compose.shape import ShapeSection, lay_out_shape
from ui.compose.widgets import (
    Links,
    PartsPicker,
    RecentPieces,
    Roll,
    ScoreView,
    Shortcuts,
    TakeList,
)
from ui.forms import Form

GRIDS = [
    ("Found", GridChoice.AUTO.value),
    ("As written", GridChoice.AS_WRITTEN.value),
    ("As played", GridChoice.FOLLOW.value),
]
"""What the choices of whose bars count are called on the page."""
EXAMPLES = {
    "solo-melody": "Melody",
    "piano": "Piano",
    "choir": "Choir",
    "jazz-lead": "Jazz lead",
    "band": "Band",
    "jig": "Jig in 6/8",
}
"""File names in `assets/examples`, and what they are called on the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposePage:
    """The components that actions change."""

    session: gr.State
    roll: Roll
    upload: gr.File
    examples: list[tuple[str, gr.Button]]
    play_in: PlayIn
    opening: OpeningFields
    model: gr.Dropdown
    task: gr.Radio
    bars: gr.Slider
    bars_again: gr.Textbox
    parts: PartsPicker
    chords: gr.Textbox
    chords_note: gr.HTML
    shape: ShapeSection
    after_bar: gr.Slider
    grid: gr.Radio
    recipes: gr.Checkbox
    go: gr.Button
    cancel: gr.Button
    keep: gr.Button
    undo: gr.Button
    redo: gr.Button
    links: Links
    sheet: ScoreView
    takes: TakeList
    recent: RecentPieces
    form: Form[Settings]

    @property
    def waking(self) -> list[gr.Button]:
        """Buttons that wake when the visitor has a session: a click before that would be lost."""
        return [*(button for _, button in self.examples), self.opening.write]

    @property
    def all(self) -> list[gr.components.Component]:
        """Components that change when a piece or a task does."""
        return [
            *(self.session, self.roll, self.model, self.task, self.bars, self.bars_again),
            *(self.parts, self.shape.stays, self.after_bar, self.grid, self.recipes),
            *(self.go, self.cancel, self.keep, self.undo, self.redo, self.links),
            *(self.takes, self.recent, *self.changes),
        ]

    @property
    def changes(self) -> list[gr.Textbox]:
        """Fields that name bars to come, which other music has under other numbers."""
        return [self.form.components[name] for name in ("tempo_changes", "metre_changes")]


def lay_out(examples: Path) -> ComposePage:
    """Put the components on the page; no event is connected yet."""
    session = gr.State("")
    with gr.Row(elem_id="compose", equal_height=False):
        with gr.Column(elem_id="side", scale=0, min_width=300):
            with gr.Column(elem_id="open", elem_classes="card"):
                upload = gr.File(
                    label="Your MIDI file",
                    file_types=list(MIDI_SUFFIXES),
                    height=104,
                    show_label=False,
                    elem_id="upload",
                )
                gr.HTML("<span class='quiet'>or try an example</span>")
                with gr.Row(elem_id="examples"):
                    # They wake when the visitor has a session: a click before that would be lost.
                    example_buttons = [
                        (stem, gr.Button(label, size="sm", min_width=60, interactive=False))
                        for stem, label in EXAMPLES.items()
                        if (examples / f"{stem}.mid").is_file()
                    ]
                play_in = PlayIn(elem_id="play-in")
                opening = lay_out_opening()
                recent = RecentPieces(elem_id="recent")
            with gr.Column(elem_id="settings", elem_classes="card"):
                # Shown only where there is a choice.
                model = gr.Dropdown([], label="Model", visible=False, elem_id="model")
                task = gr.Radio(
                    [CONTINUE, REWRITE],
                    value=CONTINUE,
                    show_label=False,
                    label="What to do",
                    elem_id="task",
                )
                bars_again = gr.Textbox(
                    "",
                    label="Bars to write again",
                    info="Drag over the bar numbers above the notes, or type them.",
                    placeholder="9-12",
                    max_lines=1,
                    max_length=20,
                    visible=False,
                    elem_id="bars-again",
                )
                parts = PartsPicker()
                bars = gr.Slider(1, MAX_BARS, 8, step=1, label="Bars to add")
                chords = gr.Textbox(
                    "",
                    label="Chords (optional)",
                    placeholder="Am F C G",
                    max_lines=1,
                    max_length=600,
                )
                chords_note = gr.HTML("", elem_id="chords-note", visible=False)
                form_section = lay_out_form()
                shape = lay_out_shape()
                adventure = gr.Slider(
                    0, 1, 0.5, step=0.05, label="How adventurous", elem_id="adventure"
                )
                candidates = gr.Slider(1, MAX_CANDIDATES, 2, step=1, label="Versions to compare")
                with gr.Accordion("More", open=False):
                    changes = lay_out_changes()
                    after_bar = gr.Slider(1, 2, 1, step=1, label="Continue after bar")
                    grid = gr.Radio(
                        GRIDS,
                        value=GridChoice.AUTO.value,
                        label="Bars",
                        info="Of the file, or as you played them.",
                        elem_id="grid",
                    )
                    seed = gr.Textbox(
                        "", label="Seed (empty: a new one each time)", max_lines=1, max_length=10
                    )
                    recipes = gr.Checkbox(
                        True,
                        label="Settings travel in the MIDI file",
                        info="Drop it here some day, and they are back.",
                        elem_id="recipes",
                    )
                    by_hand = gr.Checkbox(False, label="Set the numbers by hand")
                    temperature = gr.Slider(0.1, 2.0, 1.0, step=0.05, label="Temperature")
                    top_k = gr.Slider(0, 200, 0, step=1, label="Top-k (0: all)")
                    top_p = gr.Slider(0.05, 1.0, 1.0, step=0.01, label="Top-p")
                    min_p = gr.Slider(0.0, 0.5, 0.04, step=0.01, label="Min-p")
            with gr.Row(elem_id="go"):
                go = gr.Button("Continue", variant="primary", size="lg", interactive=False)
                cancel = gr.Button("Cancel", size="lg", visible=False, min_width=90, scale=0)
        with gr.Column(elem_id="main", scale=1, min_width=300):
            with gr.Column(elem_classes="card"):
                roll = Roll(elem_id="roll")
                sheet = ScoreView(elem_id="sheet")
            with gr.Row(elem_id="after"):
                with gr.Row(elem_id="keep"):
                    keep = gr.Button("Keep this one", interactive=False)
                    undo = gr.Button("Undo", interactive=False)
                    redo = gr.Button("Redo", interactive=False)
                    Shortcuts(elem_id="shortcuts")
                links = Links(elem_id="take-away")
            takes = TakeList(elem_id="takes")
    form = Form(
        Settings,
        {
            "task": task,
            "parts": parts,
            "num_bars": bars,
            "bars_again": bars_again,
            "chords": chords,
            **form_section.fields,
            "shape": shape.shape,
            "stays": shape.stays,
            "tempo_changes": changes.tempos,
            "metre_changes": changes.metres,
            "adventure": adventure,
            "num_candidates": candidates,
            "seed": seed,
            "by_hand": by_hand,
            "temperature": temperature,
            "top_k": top_k,
            "top_p": top_p,
            "min_p": min_p,
        },
    )
    return ComposePage(
        session=session,
        roll=roll,
        upload=upload,
        examples=example_buttons,
        play_in=play_in,
        opening=opening,
        model=model,
        task=task,
        bars=bars,
        bars_again=bars_again,
        parts=parts,
        chords=chords,
        chords_note=chords_note,
        shape=shape,
        after_bar=after_bar,
        grid=grid,
        recipes=recipes,
        go=go,
        cancel=cancel,
        keep=keep,
        undo=undo,
        redo=redo,
        links=links,
        sheet=sheet,
        takes=takes,
        recent=recent,
        form=form,
    )
