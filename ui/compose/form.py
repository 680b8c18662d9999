"""The section of the compose form that asks for a form and an ending."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from meloformer.engine.handles.form import USUAL_LIKENESS


@dataclass(frozen=True, slots=True)
class FormSection:
    """The components of the section, by the field of `Settings` that each fills."""

    sections: gr.Textbox
    like: gr.Textbox
    likeness: gr.Slider
    ending: gr.Checkbox
    own_repetition: gr.Checkbox

    @property
    def fields(self) -> dict[str, Any]:
        """The components by field."""
        return {
            "sections": self.sections,
            "like": self.like,
            "likeness": self.likeness,
            "ending": self.ending,
            "own_repetition": self.own_repetition,
        }


def lay_out_form() -> FormSection:
    """Put the section on the page, closed."""
    with gr.Accordion("Form", open=False, elem_id="form"):
        sections = gr.Textbox(
            "",
            label="Sections (optional)",
            info="A letter for each; the same letter comes again. A8 B4: with their bars.",
            placeholder="AABA",
            max_lines=1,
            max_length=200,
        )
        like = gr.Textbox(
            "",
            label="Bars like others (optional)",
            info="The new bar, =, the bar it is like, as on the ruler.",
            placeholder="9=1, 13-16=1-4",
            max_lines=1,
            max_length=200,
        )
        likeness = gr.Slider(
            0,
            1,
            USUAL_LIKENESS,
            step=0.05,
            label="How alike",
            info="0 new, 0.5 in its manner, 1 again.",
            elem_id="likeness",
        )
        ending = gr.Checkbox(
            False,
            label="Come to an end",
            info="A cadence, and a last chord that rings.",
            elem_id="ending",
        )
        own_repetition = gr.Checkbox(
            True,
            label="Repeat as much as the piece does",
            info="And be as busy. Where no sections or bars are asked for.",
            elem_id="own-repetition",
        )
    return FormSection(sections, like, likeness, ending, own_repetition)
