"""Form and ending, as the page asks for them."""

from dataclasses import replace
from typing import Any

from meloformer.app.compose.settings import Settings
from meloformer.engine.handles import Handles
from meloformer.engine.handles.form import USUAL_LIKENESS, parse_form
from meloformer.engine.request import ContinueRequest, RewriteRequest

AnyRequest = ContinueRequest | RewriteRequest


def with_form(request: AnyRequest, settings: Settings) -> AnyRequest:
    """Add the form and the ending that a page asks for to a request.

    Raises:
        ConfigError: The form is not understood, or contradicts what else is asked for.
    """
    form = parse_form(settings.sections or "", settings.like or "", float(settings.likeness))
    handles = replace(
        request.handles,
        form=form,
        ending=bool(settings.ending),
        own_repetition=bool(settings.own_repetition) and isinstance(request, ContinueRequest),
    )
    return replace(request, handles=handles)


def form_values(handles: Handles, *, rewrites: bool) -> dict[str, Any]:
    """Return the fields of `Settings` that ask for the form and the ending of handles.

    Args:
        handles: As asked for.
        rewrites: Whether of bars that are written again, of which fewer fields are asked.
    """
    form = handles.form
    values = {
        "sections": form.sections_text if form else "",
        "like": form.links_text if form else "",
        "likeness": form.likeness if form else USUAL_LIKENESS,
        "ending": handles.ending,
    }
    return values if rewrites else values | {"own_repetition": handles.own_repetition}


def is_form_whole(settings: Settings) -> bool:
    """Return whether the fields of a form that was kept have values of their kinds.

    What was typed may be unfinished.
    """
    texts = (settings.sections or "", settings.like or "")
    is_dial = isinstance(settings.likeness, int | float) and 0 <= settings.likeness <= 1
    return is_dial and all(isinstance(text, str) for text in texts)
