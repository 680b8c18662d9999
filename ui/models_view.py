"""Which models can be composed with: what the app was started with, what was shipped, the runs."""

from typing import Any

import gradio as gr

from meloformer.engine.desk import Desk
from meloformer.engine.studio import Studio
from meloformer.registry import LAST_SUFFIX, RUN_PREFIX


def model_choice(studio: Studio, desk: Desk) -> Any:
    """The list of models; hidden while there is only one."""
    choices = _choices(studio)
    chosen = desk.loaded.name if desk.loaded else ""
    if chosen not in [value for _, value in choices]:  # its files are gone, but it is in memory
        choices.append((model_label(studio, chosen), chosen))
    return gr.update(choices=choices, value=chosen, visible=len(choices) > 1)


def model_label(studio: Studio, name: str) -> str:
    """What a model is called on the page."""
    if not name:
        return studio.card.name
    if not name.startswith(RUN_PREFIX):
        return name
    run = name.removeprefix(RUN_PREFIX)
    if run.endswith(LAST_SUFFIX):
        return f"{run.removesuffix(LAST_SUFFIX)}, as last saved"
    return f"{run}, trained here"


def base_choice(studio: Studio) -> Any:
    """The list of models that can be fine-tuned."""
    return gr.update(choices=_choices(studio))


def _choices(studio: Studio) -> list[tuple[str, str]]:
    return [
        (studio.card.name, ""),
        *(
            (model_label(studio, entry.name), entry.name)
            for entry in studio.shelf.entries()
            if entry.name != studio.card.name
        ),
    ]
