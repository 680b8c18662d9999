"""Playing a line in: a panel to record in, and how what was played becomes the piece."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from meloformer.app.compose.parts import families
from meloformer.app.compose.played_line import (
    FASTEST_QPM,
    MAX_LINE_BARS,
    METRES,
    SLOWEST_QPM,
    line_as_midi,
)
from meloformer.midi.retime import GridChoice
from meloformer.score.part import DRUM_PROGRAM
from ui.components import ModuleComponent
from ui.guard import guard

if TYPE_CHECKING:
    from ui.compose.page import ComposePage
    from ui.compose.tab import ComposeHandlers

Changes = dict[Any, Any]
"""A component, and what changes about it. Gradio looks types up when the app runs."""


class PlayIn(ModuleComponent):
    """A button that opens the panel. It has no value; a line leaves it as the event `use`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            "compose/play_in",
            events=("use",),
            value=None,
            families=families(),
            metres=list(METRES),
            slowest=SLOWEST_QPM,
            fastest=FASTEST_QPM,
            most_bars=MAX_LINE_BARS,
            drums=DRUM_PROGRAM,
            **kwargs,
        )


@dataclass(frozen=True, slots=True)
class PlayInHandlers:
    """The handler of the panel."""

    on: "ComposeHandlers"

    @guard
    def use(self, name: str, event: gr.EventData) -> Changes:
        """Make a line that was played in the piece, as if it had been uploaded."""
        title, data = line_as_midi(getattr(event, "line", None))
        name = self.on.actions.session_for_another(name)
        # It was played to a click, so its bars are known.
        message = self.on.actions.open_music(name, title, data, GridChoice.AS_WRITTEN)
        updates = self.on.page_updates(name, {**message, "kept": {}}, new_piece=True)
        return {self.on.page.upload: None, **updates}


def connect_play_in(page: "ComposePage", on: "ComposeHandlers", quick: dict[str, Any]) -> Any:
    """Connect the panel.

    Args:
        page: The page.
        on: The handlers of the tab.
        quick: How handlers run that only look things up.

    Returns:
        The event after which other music is shown.
    """
    return page.play_in.use(PlayInHandlers(on).use, page.session, [page.upload, *page.all], **quick)
