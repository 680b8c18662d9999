"""The fields for changes of tempo and metre in the new bars."""

from dataclasses import dataclass

import gradio as gr


@dataclass(frozen=True, slots=True)
class ChangeFields:
    """The two fields."""

    tempos: gr.Textbox
    metres: gr.Textbox


def lay_out_changes() -> ChangeFields:
    """Put the fields on the page."""
    with gr.Row(elem_id="changes"):
        tempos = gr.Textbox(
            "",
            label="New tempo",
            info="From a bar on: bar=tempo.",
            placeholder="9=120",
            max_lines=1,
            max_length=200,
            min_width=100,
            elem_id="tempo-changes",
        )
        metres = gr.Textbox(
            "",
            label="New metre",
            info="From a bar on: bar=metre.",
            placeholder="13=3/4",
            max_lines=1,
            max_length=200,
            min_width=100,
            elem_id="metre-changes",
        )
    return ChangeFields(tempos, metres)
