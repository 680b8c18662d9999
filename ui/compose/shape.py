"""Shape in the compose tab: what new notes are held by, and notes locked on the roll."""

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from meloformer.app.compose.parts import without_shapes
from meloformer.app.compose.settings import Settings
from meloformer.app.compose.shape import STAYS
from meloformer.app.compose.shape_actions import ShapeActions
from ui.components import ModuleComponent
from ui.forms import Values
from ui.guard import guard, sentence
from ui.languages import present_language, translate

if TYPE_CHECKING:
    from ui.compose.page import ComposePage
    from ui.compose.tab import ComposeHandlers

Changes = dict[Any, Any]
"""A component, and what changes about it. Gradio looks types up when the app runs."""


class ShapePicker(ModuleComponent):
    """What all new notes are held by. `meloformer.app.compose.shape` describes its value."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("compose/shape", events=(), value={}, **kwargs)


@dataclass(frozen=True, slots=True)
class ShapeSection:
    """The components of shape."""

    shape: ShapePicker
    stays: gr.Radio
    held: gr.HTML
    """What is held, in a line of words, or why nothing can be written so."""
    reset: gr.Button

    @property
    def line(self) -> list[Any]:
        """What changes with every choice."""
        return [self.held, self.reset]


def lay_out_shape() -> ShapeSection:
    """Put the section on the page, closed."""
    names = ("Nothing", "Rhythm", "Notes", "Melody", "Bass line", "Melody and bass")
    with gr.Accordion("Shape", open=False, elem_id="shape"):
        stays = gr.Radio(
            list(zip(names, STAYS, strict=True)),
            value="",
            label="What stays of these bars",
            visible=False,
            elem_id="stays",
        )
        shape = ShapePicker()
    with gr.Row(elem_id="held"):
        held = gr.HTML("", visible=False, elem_id="held-line")
        reset = gr.Button("Reset", size="sm", min_width=64, scale=0, visible=False)
    return ShapeSection(shape, stays, held, reset)


@dataclass(frozen=True, slots=True)
class ShapeHandlers:
    """The handlers of shape: actions, with their results spread over the page."""

    on: "ComposeHandlers"

    @property
    def actions(self) -> ShapeActions:
        """The actions."""
        return ShapeActions(self.on.library)

    def line(self, name: str, settings: Settings) -> Changes:
        """Return the line that says what is held."""
        section, held = self.on.page.shape, self.actions.held(name, settings)
        said = html.escape(translate(held.said, present_language()))
        text = f"<span class='fine'>{said}</span>"
        if held.problem is not None:
            text += f"<span class='wrong' role='status'>{sentence(held.problem)}</span>"
        is_held = bool(held.said)
        return {
            section.held: gr.update(value=text if is_held else "", visible=is_held),
            section.reset: gr.update(visible=is_held),
        }

    @guard
    def lock(self, values: Values, event: gr.EventData) -> Changes:
        """Lock notes; those of a version make it what is gone on from."""
        page, notes = self.on.page, getattr(event, "notes", None)
        name = values[page.session]
        changes: Changes = {}
        with self.on.told(name, "locks", event) as is_newest:
            if is_newest:
                message, is_other = self.actions.lock(name, notes, getattr(event, "take", None))
                changes = {page.roll: message}
                if is_other:
                    changes = self.on.page_updates(name, message, new_piece=True)
        return changes | self.line(name, page.form.read(values))

    @guard
    def reset(self, values: Values) -> Changes:
        """Hold new notes by nothing any more."""
        page, name = self.on.page, values[self.on.page.session]
        if name:
            self.actions.lock(name, [])
        return {
            page.shape.shape: {},
            page.shape.stays: "",
            page.parts: without_shapes(values[page.parts]),
            page.roll: {"kind": "locks", "locks": []},
            page.shape.held: gr.update(value="", visible=False),
            page.shape.reset: gr.update(visible=False),
        }


def connect_shape(page: "ComposePage", on: "ComposeHandlers", quick: dict[str, Any]) -> None:
    """Connect the events of shape.

    Args:
        page: The page.
        on: The handlers of the tab.
        quick: How handlers run that only look things up.
    """
    own, section = ShapeHandlers(on), page.shape
    sent = page.form.inputs(page.session)
    page.roll.lock(own.lock, sent, [*page.all, *section.line], trigger_mode="multiple", **quick)
    changed = [section.shape, section.stays, page.parts, page.roll, *section.line]
    section.reset.click(own.reset, sent, changed, **quick)
