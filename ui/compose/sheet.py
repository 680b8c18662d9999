"""The score view in the compose tab: sheet music below the roll, made when it is opened."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from meloformer.app.compose.downloads import links_message
from meloformer.app.compose.sheet import make_sheet, sheet_message
from ui.compose.page import ComposePage
from ui.guard import guard

if TYPE_CHECKING:
    from ui.compose.tab import ComposeHandlers

Changes = dict[Any, Any]
"""A component, and what changes about it. Gradio looks types up when the app runs."""


@dataclass(frozen=True, slots=True)
class SheetHandlers:
    """The handlers of the score view."""

    on: "ComposeHandlers"

    @guard
    def turn(self, name: str) -> dict[str, Any]:
        """Say which music is looked at; an open score is asked for anew."""
        return sheet_message(self.on.actions.session(name))

    @guard
    def make(self, name: str) -> Changes:
        """Write the score that was asked for, and offer it for download."""
        page, session = self.on.page, self.on.actions.session(name)
        sheet = make_sheet(self.on.actions.app_state, session)
        return {page.sheet: sheet, page.links: links_message(session)}


def connect_sheet(
    page: ComposePage, on: "ComposeHandlers", quick: dict[str, Any], making: dict[str, Any]
) -> None:
    """Connect the events of the score view.

    Args:
        page: The page.
        on: The handlers of the tab.
        quick: How handlers run that only look things up.
        making: How those run that make files.
    """
    own, session = SheetHandlers(on), page.session
    page.links.change(own.turn, session, page.sheet, trigger_mode="always_last", **quick)
    page.sheet.ask(own.make, session, [page.sheet, page.links], trigger_mode="multiple", **making)
