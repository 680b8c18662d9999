"""Which models can be composed with: what the app was started with, what was shipped, the runs."""

from typing import Any

import gradio as gr

from meloformer.app.session import Session
from meloformer.app.state import AppState
from meloformer.registry import LAST_SUFFIX, RUN_PREFIX


def model_choice(app_state: AppState, session: Session) -> Any:
    """The list of models; hidden while there is only one."""
    choices = _choices(app_state)
    chosen = session.loaded.name if session.loaded else ""
    if chosen not in [value for _, value in choices]:  # its files are gone, but it is in memory
        choices.append((model_label(app_state, chosen), chosen))
    return gr.update(choices=choices, value=chosen, visible=len(choices) > 1)


def model_label(app_state: AppState, name: str) -> str:
    """What a model is called on the page."""
    if not name:
        return app_state.card.name
    if not name.startswith(RUN_PREFIX):
        return name
    run = name.removeprefix(RUN_PREFIX)
    if run.endswith(LAST_SUFFIX):
        return f"{run.removesuffix(LAST_SUFFIX)}, as last saved"
    return f"{run}, trained here"


def base_choice(app_state: AppState) -> Any:
    """The list of models that can be fine-tuned."""
    return gr.update(choices=_choices(app_state))


def _choices(app_state: AppState) -> list[tuple[str, str]]:
    return [
        (app_state.card.name, ""),
        *(
            (model_label(app_state, entry.name), entry.name)
            for entry in app_state.model_cache.entries()
            if entry.name != app_state.card.name
        ),
    ]
