"""Editing in the compose tab: what the page sends when notes are changed by hand."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from meloformer.app.compose.downloads import links_message
from meloformer.app.compose.edit_actions import EditActions
from meloformer.app.compose.roll_messages import Message
from meloformer.app.session import Session
from ui.compose.page import ComposePage
from ui.guard import guard

if TYPE_CHECKING:
    from ui.compose.tab import ComposeHandlers

Changes = dict[Any, Any]
"""A component, and what changes about it. Gradio looks types up when the app runs."""

REST_S = 1.5
"""Only after a pause as long as this is the piece read by the model and rendered again."""
RESTS: dict[str, Any] = {"concurrency_id": "rests", "concurrency_limit": 8}
"""Handlers that wait for such a pause."""


@dataclass(frozen=True, slots=True)
class EditHandlers:
    """The handlers of editing: the action, with its result spread over the page."""

    on: "ComposeHandlers"

    @guard
    def edit(self, name: str, event: gr.EventData) -> Changes:
        """Change notes; the page shows them changed already."""
        session = self.on.actions.session(name)
        before = _form_of(session)
        changes, take = getattr(event, "changes", None), getattr(event, "take", None)
        number = getattr(event, "number", None)
        message = EditActions(self.on.actions).edit(name, changes, take=take, number=number)
        is_other = _form_of(session) != before
        return self.on.page_updates(name, message, new_piece=is_other)

    @guard
    def show_again(self, name: str) -> Message:
        """Show the piece as it is, where an edit has gone wrong."""
        return {**self.on.actions.show(name), "edited": None}

    @guard
    def settle(self, name: str) -> Iterator[Changes]:
        """Read and render the piece again, once nothing is edited for a while."""
        page, session = self.on.page, self.on.actions.session(name)
        yield {page.roll: gr.skip()}  # a stream of nothing would empty the form
        run = session.run
        time.sleep(REST_S)
        if session.run != run or session.piece is None or session.is_writing:
            return
        self.on.actions.prepare(name)
        for message in self.on.actions.play(name):
            yield {page.roll: message, page.links: links_message(session)}


def connect_edit(page: ComposePage, on: "ComposeHandlers", quick: dict[str, Any]) -> None:
    """Connect the events of editing.

    Args:
        page: The page.
        on: The handlers of the tab.
        quick: How handlers run that only look things up.
    """
    own, session = EditHandlers(on), page.session
    sent = page.roll.edit(own.edit, session, page.all, trigger_mode="multiple", **quick)
    sent.failure(own.show_again, session, page.roll, **quick)
    sent.success(own.settle, session, [page.roll, page.links], **{**quick, **RESTS})


def _form_of(session: Session) -> tuple[object, ...]:
    """Return what the form depends on: the parts, the bars, and whether there are versions."""
    piece = session.require_piece()
    return piece.parts, piece.num_bars, bool(session.takes)
