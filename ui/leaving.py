"""Pages that are closed: what they showed is left, and Gradio's copy of the page goes soon."""

from collections.abc import Callable
from time import monotonic

import gradio as gr

KEPT_S = 180.0
"""How long Gradio remembers a closed page: a laptop that was shut may open it again."""
MAX_PAGES = 1_000
"""That Gradio remembers, up to a megabyte each; the longest unused go first."""


class ClosedPages:
    """What a page held is told to whoever asked for it, as soon as the page is closed.

    Gradio itself deletes what a page held an hour after, and the copy of its components never.

    Args:
        blocks: The app, which is being laid out.
        held: The component by whose value is known what the page has shown.
        leave: Is called with that value.
    """

    def __init__(self, blocks: gr.Blocks, held: gr.State, leave: Callable[[str], None]) -> None:
        self._blocks = blocks
        self._held = held
        self._leave = leave
        self._closed: dict[str, float] = {}
        blocks.unload(self.close)

    def close(self, request: gr.Request) -> None:
        """Leave what the page has shown that is closed now."""
        pages = self._blocks.state_holder.session_data
        page, now = pages.get(str(request.session_hash)), monotonic()
        if page is None:
            return
        self._closed[str(request.session_hash)] = now
        page.config_values.clear()  # all that was shown, for links into a page, which we have not
        self._leave(str(page.state_data.get(self._held._id, "")))
        for name, closed in tuple(self._closed.items()):
            if now - closed > KEPT_S:
                del self._closed[name]
                pages.pop(name, None)
                self._blocks.state_holder.time_last_used.pop(name, None)
