"""The library in the compose tab: the list of versions, the recent pieces, the form as it is."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from meloformer.app.compose.parts import picker_rows
from meloformer.app.compose.roll_messages import Message, bars_chosen
from meloformer.app.compose.run_words import run_words
from meloformer.app.compose.settings import CONTINUE, REWRITE, go_text
from meloformer.app.compose.shape_actions import ShapeActions
from ui.compose.page import ComposePage
from ui.compose.shape import ShapeHandlers
from ui.forms import Values
from ui.guard import guard
from ui.middleware.files import VISITOR

if TYPE_CHECKING:
    from ui.compose.tab import ComposeHandlers

Changes = dict[Any, Any]
"""A component, and what changes about it. Gradio looks types up when the app runs."""


@dataclass(frozen=True, slots=True)
class LibraryHandlers:
    """The handlers of the library: actions, with their results spread over the page."""

    on: "ComposeHandlers"

    @guard
    def attach(self, event: gr.EventData, request: gr.Request) -> Changes:
        """Show the session of a page that was opened or loaded again, as it was left."""
        owner = self.on.library.owner_of(request.username, getattr(event, "browser", ""))
        browser = request.cookies.get(VISITOR, "")
        session = self.on.actions.enter(getattr(event, "session", ""), owner, browser)
        message = self.on.actions.show(session.name, run_words(session))
        page = self.on.page
        awake = {button: gr.update(interactive=True) for button in page.waking}
        return {self.on.page.session: session.name, **self.as_left(session.name, message), **awake}

    @guard
    def show_take(self, name: str, event: gr.EventData) -> Changes:
        """Show a version."""
        with self.on.told(name, "version", event) as is_newest:
            if not is_newest:
                return {self.on.page.roll: gr.skip()}
            return self._turned(name, self.on.library.show_take(name, _of(event, "take")))

    @guard
    def go_on_from(self, name: str, event: gr.EventData) -> Changes:
        """Continue from a version, or from what was edited by hand."""
        library, revision = self.on.library, _of(event, "revision")
        if revision is None:
            return self._turned(name, library.go_on_from(name, _of(event, "take")))
        return self._turned(name, library.go_on_from_edited(name, revision))

    @guard
    def delete_take(self, name: str, event: gr.EventData) -> Changes:
        """Delete a version."""
        return self._turned(name, self.on.library.delete_take(name, _of(event, "take")))

    @guard
    def star(self, name: str, event: gr.EventData) -> Message:
        """Give a version a star, or take it back."""
        starred, take = _of(event, "starred") is True, _of(event, "take")
        with self.on.told(name, f"star of {take}", event) as is_newest:
            if is_newest:
                self.on.library.star(name, take, is_starred=starred)
        return self.on.library.tree(name)

    @guard
    def rename(self, name: str, event: gr.EventData) -> Message:
        """Give a version a name."""
        return self.on.library.rename(name, _of(event, "take"), _of(event, "name"))

    @guard
    def step(self, name: str, event: gr.EventData) -> Changes:
        """Undo, or redo, by keyboard."""
        return self.on.undo(name) if _of(event, "by") == -1 else self.on.redo(name)

    @guard
    def open_recent(self, name: str, event: gr.EventData) -> Changes:
        """Show a piece of the library, as it was left."""
        name = self.on.actions.session_for_another(name)
        message = self.on.library.open_recent(name, _of(event, "piece"))
        page = self.on.page
        return {page.upload: None, **self.as_left(name, message)}

    @guard
    def remove_recent(self, name: str, event: gr.EventData) -> Changes:
        """Remove a piece from the library."""
        return self._turned(name, self.on.library.remove(name, _of(event, "piece")))

    @guard
    def keep_loop(self, name: str, event: gr.EventData) -> None:
        """Keep what is repeated, and whether it is."""
        loop = {"loop": getattr(event, "loop", None), "on": getattr(event, "on", False)}
        with self.on.told(name, "loop", event) as is_newest:
            if is_newest:
                self.on.library.keep_page(name, "loop", loop)

    @guard
    def keep_form(self, values: Values) -> Changes:
        """Keep the form with the piece, as it is filled in now, and say what it holds notes by."""
        page = self.on.page
        if not (name := values[page.session]):
            return {page.shape.held: gr.skip()}
        settings = page.form.read(values)
        self.on.library.keep_settings(name, settings)
        return ShapeHandlers(self.on).line(name, settings)

    @guard
    def list_again(self, name: str, event: gr.EventData) -> Message:
        """Show which version is looked at now; no other handler may have heard of it yet."""
        with self.on.told(name, "take", event) as is_newest:
            if is_newest:
                self.on.actions.pick(name, _of(event, "take"))
        return self.on.library.tree(name)

    def as_left(self, name: str, message: Message) -> Changes:
        """Return the whole page as it was when the piece was looked at last."""
        on, page = self.on, self.on.page
        session = on.actions.session(name)
        kept = on.library.kept_page(session)
        session.has_recipes = kept.get("recipes", session.has_recipes) is not False
        ShapeActions(on.library).restore(session, kept)
        listened = {one: kept.get(one) for one in ("mixer", "loop", "locks")}
        updates = on.page_updates(name, {**message, "kept": listened}, new_piece=True)
        updates[page.grid] = gr.update(value=session.grid.value)
        settings = on.library.kept_settings(session)
        if settings is None:
            return updates
        bars = on.library.marked_bars(session, settings)
        task = settings.task if on.actions.app_state.fills_in(session) else CONTINUE
        updates |= on.form_updates(name, task, bars, settings.parts)
        for setting, component in page.form.components.items():
            if setting not in ("task", "parts", "bars_again"):
                filled_in = gr.update(value=getattr(settings, setting))
                updates[component] = {**updates.get(component, {}), **filled_in}
        if task != REWRITE:
            updates[page.parts] = picker_rows(session, settings.parts)
        updates[page.roll] = {**updates[page.roll], **bars_chosen(bars), "kind": message["kind"]}
        first = session.piece.first_number if session.piece else 1
        can_start = session.piece is not None and not session.is_writing
        updates[page.go] = gr.update(interactive=can_start, value=go_text(task, bars, first))
        return updates

    def _turned(self, name: str, message: Message) -> Changes:
        return self.on.page_updates(name, message, new_piece=True)


def connect_library(page: ComposePage, on: "ComposeHandlers", quick: dict[str, Any]) -> list[Any]:
    """Connect the events of the library.

    Args:
        page: The page.
        on: The handlers of the tab.
        quick: How handlers run that only look things up.

    Returns:
        Events after which other music is shown.
    """
    own, session, everything = LibraryHandlers(on), page.session, page.all
    told = {**quick, "trigger_mode": "multiple"}
    page.takes.star(own.star, session, page.takes, **told)
    page.takes.rename(own.rename, session, page.takes, **told)
    page.roll.loop(own.keep_loop, session, None, **told)
    page.roll.pick(own.list_again, session, page.takes, **told)
    form = page.form.components
    # What a handler writes into these is a choice of the musician's, too: bars marked on the roll.
    for component in form.values():
        sent, line = page.form.inputs(session), page.shape.line
        component.change(own.keep_form, sent, line, **quick, trigger_mode="always_last")
    with_form = [*{*everything, page.upload, *form.values()}]
    return [
        page.takes.show(own.show_take, session, everything, **told),
        page.takes.go(own.go_on_from, session, everything, **quick),
        page.takes.remove(own.delete_take, session, everything, **told),
        page.takes.step(own.step, session, everything, **told),
        page.recent.open(own.open_recent, session, with_form, **quick),
        page.recent.remove(own.remove_recent, session, everything, **told),
    ]


def _of(event: gr.EventData, name: str) -> object:
    return getattr(event, name, None)
