"""The models that can be composed with: the app's own, what was shipped, those of runs, imports."""

from meloformer.app.session import Session
from meloformer.app.state import AppState
from meloformer.phrases import phrase
from meloformer.registry import IMPORTED_PREFIX, LAST_SUFFIX, RUN_PREFIX

Choice = tuple[str, str]
"""A model's name on the page, and in `ModelCache.entries`; empty for the app's own."""


def model_label(app_state: AppState, name: str) -> str:
    """Return the name of a model on the page."""
    if not name:
        return app_state.card.name
    if name.startswith(IMPORTED_PREFIX):
        return phrase("{model}, imported", model=name.removeprefix(IMPORTED_PREFIX))
    if not name.startswith(RUN_PREFIX):
        return name
    run = name.removeprefix(RUN_PREFIX)
    if run.endswith(LAST_SUFFIX):
        return phrase("{model}, as last saved", model=run.removesuffix(LAST_SUFFIX))
    return phrase("{model}, trained here", model=run)


def model_choices(app_state: AppState, session: Session | None = None) -> list[Choice]:
    """Return the models that can be chosen now.

    Args:
        app_state: Where models are found.
        session: Its model is in the list even if its files are gone, for it is in memory.
    """
    choices = [
        (app_state.card.name, ""),
        *(
            (model_label(app_state, entry.name), entry.name)
            for entry in app_state.model_cache.entries()
            if entry.name != app_state.card.name
        ),
    ]
    chosen = chosen_model(session) if session else ""
    if chosen not in [name for _, name in choices]:
        choices.append((model_label(app_state, chosen), chosen))
    return choices


def chosen_model(session: Session) -> str:
    """Return the name of the model that a session composes with."""
    return session.loaded.name if session.loaded else ""
