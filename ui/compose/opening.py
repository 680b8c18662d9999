"""Starting from nothing in the compose tab: the fields, and what a press on the button does."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from meloformer.app.compose.opening import (
    METRES,
    OF_ENSEMBLE,
    OF_FORM,
    OpeningSettings,
    ensemble_choices,
    instrument_list,
    key_choices,
    settings_of,
)
from meloformer.engine.changes import MAX_TEMPO, MIN_TEMPO
from meloformer.engine.ensembles import ENSEMBLES, find_ensemble
from meloformer.engine.request import MAX_BARS, MAX_CANDIDATES
from ui.forms import Form, Values
from ui.guard import guard

if TYPE_CHECKING:
    from ui.compose.page import ComposePage
    from ui.compose.tab import ComposeHandlers

Changes = dict[Any, Any]
"""A component, and what changes about it. Gradio looks types up when the app runs."""
BARS = 16
"""Of an opening, unless another number is asked for."""


@dataclass(frozen=True, slots=True)
class OpeningFields:
    """The fields of an opening."""

    section: gr.Accordion
    ensemble: gr.Dropdown
    form: Form[OpeningSettings]
    write: gr.Button


def lay_out_opening() -> OpeningFields:
    """Put the fields on the page; no event is connected yet."""
    usual = ENSEMBLES[0]
    first = settings_of(usual)
    with gr.Accordion("Start from nothing", open=False, elem_id="opening") as section:
        ensemble = gr.Dropdown(
            ensemble_choices(), value=str(usual.name), label="Ensemble", elem_id="ensemble"
        )
        instruments = gr.Dropdown(
            instrument_list(),
            value=[part.number for part in usual.parts],
            multiselect=True,
            label="Instruments",
            elem_id="instruments",
        )
        with gr.Row():
            key = gr.Dropdown(key_choices(), value=first.key, label="Key", min_width=110, scale=2)
            metre = gr.Dropdown(list(METRES), value=first.metre, label="Metre", min_width=70)
            tempo = gr.Number(
                usual.tempo, label="Tempo", minimum=MIN_TEMPO, maximum=MAX_TEMPO, min_width=70
            )
        chords = gr.Textbox(
            "", label="Chords, or any", placeholder="any", max_lines=1, max_length=600
        )
        with gr.Row():
            bars = gr.Number(
                BARS, label="Length in bars", minimum=1, maximum=MAX_BARS, precision=0, min_width=90
            )
            versions = gr.Number(
                2,
                label="How many versions",
                minimum=1,
                maximum=MAX_CANDIDATES,
                precision=0,
                min_width=90,
            )
        write = gr.Button("Write the opening", variant="primary", interactive=False)
    fields = {"instruments": instruments, "key": key, "metre": metre, "tempo": tempo}
    fields |= {"chords": chords, "num_bars": bars, "num_candidates": versions}
    return OpeningFields(section, ensemble, Form(OpeningSettings, fields), write)


@dataclass(frozen=True, slots=True)
class OpeningHandlers:
    """The handlers of an opening: actions, with their results spread over the page."""

    on: "ComposeHandlers"

    def choose(self, name: str | None) -> Changes:
        """Fill in what an ensemble usually plays."""
        components = self.on.page.opening.form.components
        ensemble = find_ensemble(name or "")
        if ensemble is None:
            return {components["key"]: gr.skip()}
        values = asdict(settings_of(ensemble))
        return {components[field]: values[field] for field in OF_ENSEMBLE}

    @guard
    def open(self, values: Values) -> Changes:
        """Show a piece that is still to be written, with its parts in the form."""
        page, actions = self.on.page, self.on.actions
        name = actions.session_for_another(values[page.session])
        settings = page.opening.form.read(values)
        message = actions.open_blank(name, settings)
        updates = self.on.page_updates(name, {**message, "kept": {}}, new_piece=True)
        for field, value in settings.of_form().items():
            component = page.form.components[field]
            updates[component] = {**updates.get(component, {}), **gr.update(value=value)}
        return {page.upload: None, page.opening.section: gr.update(open=False), **updates}


def connect_opening(page: "ComposePage", on: "ComposeHandlers", quick: dict[str, Any]) -> Any:
    """Connect the fields.

    Args:
        page: The page.
        on: The handlers of the tab.
        quick: How handlers run that only look things up.

    Returns:
        The event after which the opening is to be written.
    """
    own, fields = OpeningHandlers(on), page.opening
    fields.ensemble.input(
        own.choose, fields.ensemble, [fields.form.components[name] for name in OF_ENSEMBLE], **quick
    )
    form = page.form.components
    shown = [page.upload, fields.section, *{*page.all, *(form[name] for name in OF_FORM)}]
    return fields.write.click(own.open, fields.form.inputs(page.session), shown, **quick).success
