"""Who asks, as far as it is counted what they hold."""

import gradio as gr

from meloformer.app.access import owner_of, visitor_of
from ui.middleware.files import VISITOR


def visitor_who_asks(request: gr.Request) -> str:
    """Return what the files of a visitor are counted by, from a request of theirs."""
    owner = owner_of(request.username, "", is_shared=True)
    return visitor_of(owner, request.cookies.get(VISITOR, ""))
