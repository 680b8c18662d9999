"""The compose tab: which event calls which action, and what changes on the page."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.blocks import Block

from meloformer.app.compose.actions import Actions
from meloformer.app.compose.downloads import links_message
from meloformer.app.compose.library_actions import LibraryActions
from meloformer.app.compose.models import chosen_model, model_choices
from meloformer.app.compose.parts import picker_rows, rewrite_rows, shapes_alone, shows_rewrite
from meloformer.app.compose.roll_messages import Message, bars_chosen
from meloformer.app.compose.settings import (
    CONTINUE,
    REWRITE,
    bars_text,
    go_text,
)
from meloformer.app.compose.shape_actions import ShapeActions
from ui.compose.chords import chords_update
from ui.compose.edit import connect_edit
from ui.compose.library import LibraryHandlers, connect_library
from ui.compose.opening import connect_opening
from ui.compose.page import ComposePage, lay_out
from ui.compose.play_in import connect_play_in
from ui.compose.shape import connect_shape
from ui.compose.sheet import connect_sheet
from ui.forms import Values
from ui.guard import guard

Updates = dict[Any, Any]
"""A component, and what changes about it."""

_QUICK: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
LIGHT = {**_QUICK, "concurrency_limit": None}
"""Handlers that only look things up."""
MODEL = {**_QUICK, "concurrency_id": "model", "concurrency_limit": 8}
"""Handlers that use the model; they take turns at it bar by bar."""
FOLLOW = {**_QUICK, "concurrency_id": "follow", "concurrency_limit": 128}
"""Handlers that show a run; each takes a thread while it waits for bars."""
AUDIO = {**_QUICK, "concurrency_id": "audio", "concurrency_limit": 2}
"""Handlers that make sound and pictures."""


def compose_tab(
    actions: Actions, examples: Path, library: LibraryActions | None = None
) -> "ComposeHandlers":
    """Lay out the tab and connect it."""
    page = lay_out(examples)
    handlers = ComposeHandlers(page, actions, examples, library or LibraryActions(actions))
    connect(page, handlers)
    return handlers


@dataclass(frozen=True, slots=True)
class ComposeHandlers:
    """The handlers of the compose tab: actions, with their results spread over the page."""

    page: ComposePage
    actions: Actions
    examples: Path
    library: LibraryActions

    @guard
    def follow(self, name: str) -> Iterator[Updates]:
        """Show a run that goes on, if there is one, and what has become of it."""
        has_run = self.actions.session(name).job is not None
        yield {self.page.roll: gr.skip()}  # a stream of nothing would empty the form
        if not has_run:
            return
        # It may have ended since the page was shown, which then still waits for its bars.
        for message in self.actions.follow(name):
            yield {self.page.roll: message}
        yield self.page_updates(name, self.actions.settle(name))

    @guard
    def upload(self, name: str, path: str | None) -> Updates:
        """Open an uploaded file."""
        if path is None:
            return {self.page.roll: gr.skip()}
        name = self.actions.session_for_another(name)
        message = self.actions.open_upload(name, path)
        updates = self.page_updates(name, {**message, "kept": {}}, new_piece=True)
        return updates | self.restore(name, updates[self.page.roll])

    @guard
    def bring(self, name: str, event: gr.EventData) -> Updates:
        """Open a file that was dropped on the roll."""
        return self.upload(name, str(getattr(event, "path", "")))

    def restore(self, name: str, message: Message) -> Updates:
        """Return how the form changes with the settings that a file brings along."""
        page, restored = self.page, self.actions.restored(name)
        updates: Updates = {
            page.form.components[field]: gr.update(value=value)
            for field, value in restored.values.items()
        }
        if restored.task == REWRITE:
            updates |= self.form_updates(name, REWRITE, restored.bars, None)
            updates[page.roll] = {**message, "chosen": restored.bars}
            updates[page.go] |= {"interactive": True}
        if restored.parts is not None:
            updates[page.parts] = restored.parts
        if restored.locked:
            locks = [list(one) for one in restored.locked]
            ShapeActions(self.library).lock(name, locks)
            updates[page.roll] = {**updates.get(page.roll, message), "kept": {"locks": locks}}
        return updates

    @guard
    def set_recipes(self, name: str, are_written: bool) -> Message:
        """Let files to take away say how their new bars were asked for, or not."""
        self.actions.set_recipes(name, are_written)
        self.library.keep_page(name, "recipes", bool(are_written))
        return self.links(name)

    @guard
    def example(self, stem: str, name: str) -> Updates:
        """Open an example."""
        name = self.actions.session_for_another(name)
        message = self.actions.open_file(name, self.examples / f"{stem}.mid")
        updates = self.page_updates(name, {**message, "kept": {}}, new_piece=True)
        return {self.page.upload: None, **updates}

    @guard
    def prepare(self, name: str) -> None:
        """Let the model read the piece ahead of the click, if there is one."""
        if self.actions.session(name).piece is not None:
            self.actions.prepare(name)

    @guard
    def set_seam(self, name: str, after_bar: float) -> Updates:
        """Continue after another bar."""
        return self.page_updates(name, self.actions.set_seam(name, after_bar))

    @guard
    def set_grid(self, name: str, grid: str | None) -> Updates:
        """Count other bars in the file that was uploaded."""
        return self.page_updates(name, self.actions.set_grid(name, grid or ""), new_piece=True)

    @guard
    def choose(self, name: str, model: str | None) -> Updates:
        """Compose with another model."""
        return self.page_updates(name, self.actions.choose(name, model or ""))

    @guard
    def set_task(self, values: Values) -> Updates:
        """Ask for what the chosen task needs, with the bars that were typed."""
        page = self.page
        name, task, text = values[page.session], values[page.task], values[page.bars_again]
        bars = self.actions.mark(name, text or "") if task == REWRITE else None
        updates = self.form_updates(name, task, bars, values[page.parts])
        return {self.page.roll: bars_chosen(bars), **updates}

    @guard
    def mark(self, name: str, picked: object, event: gr.EventData) -> Updates:
        """Ask about the bars that were marked on the roll."""
        with self.told(name, "marked bars", event) as is_newest:
            if not is_newest:
                return {self.page.roll: gr.skip()}
        first, last = (int(getattr(event, end, 0)) for end in ("first", "last"))
        piece = self.actions.session(name).piece
        number = piece.first_number if piece else 1
        bars = self.actions.mark(name, bars_text((first, last), number)) if last > first else None
        return self.form_updates(name, REWRITE if bars else CONTINUE, bars, picked)

    @guard
    def begin(self, values: Values) -> Updates:
        """Check the settings and wait for a turn."""
        name, settings = values[self.page.session], self.page.form.read(values)
        waiting = self.actions.begin(name, settings)
        self.library.make_room(name)
        return {self.page.roll: waiting, **while_composing(self.page)}

    @guard
    def compose(self, values: Values) -> Iterator[Message]:
        """Write bars, and show them as they come."""
        yield from self.actions.compose(values[self.page.session], self.page.form.read(values))

    @guard
    def settle(self, name: str) -> Updates:
        """Show the music of a run that has ended."""
        return self.page_updates(name, self.actions.settle(name))

    @guard
    def cancel(self, name: str) -> Updates:
        """Stop the run."""
        message = self.actions.cancel(name)
        return {self.page.roll: message, self.page.cancel: gr.update(interactive=False)}

    @guard
    def play(self, name: str) -> Iterator[Updates]:
        """Make the audio, and offer each file as soon as it is written."""
        for message in self.actions.play(name):
            links = links_message(self.actions.session(name))
            yield {self.page.roll: message, self.page.links: links}

    @guard
    def pick(self, name: str, event: gr.EventData) -> Message:
        """Offer the files of another candidate."""
        with self.told(name, "take", event) as is_newest:
            if is_newest:
                self.actions.pick(name, getattr(event, "take", 0))
        return self.links(name)

    @guard
    def mix(self, name: str, event: gr.EventData) -> Message:
        """Offer audio as it is heard, once parts are louder or softer than they are written."""
        with self.told(name, "mixer", event) as is_newest:
            if is_newest:
                self.actions.mix(name, getattr(event, "levels", {}))
                self.library.keep_page(name, "mixer", getattr(event, "mixer", {}))
        return self.links(name)

    @guard
    def keep(self, name: str) -> Updates:
        """Make the selected candidate the piece."""
        return self.page_updates(name, self.actions.keep(name), new_piece=True)

    @guard
    def undo(self, name: str) -> Updates:
        """Go back to the piece before."""
        return self.page_updates(name, self.actions.undo(name), new_piece=True)

    @guard
    def redo(self, name: str) -> Updates:
        """Go forward again."""
        return self.page_updates(name, self.actions.redo(name), new_piece=True)

    def told(self, name: str, what: str, event: gr.EventData) -> AbstractContextManager[bool]:
        """Say whether an event of a page is the newest of what it tells; see `Newest.told`."""
        return self.actions.session(name).newest.told(what, getattr(event, "order", None))

    @guard
    def links(self, name: str) -> Message:
        """Offer the files that there are."""
        return links_message(self.actions.session(name))

    @guard
    def make(self, name: str, event: gr.EventData) -> Message:
        """Make a file that was asked for."""
        as_heard = bool(getattr(event, "as_heard", False))
        return self.actions.make(name, getattr(event, "kind", ""), as_heard=as_heard)

    def page_updates(self, name: str, message: Message, *, new_piece: bool = False) -> Updates:
        """Return how the whole page changes with the session."""
        page, session = self.page, self.actions.session(name)
        has_takes = bool(session.takes)
        can_start = session.piece is not None and not session.is_writing
        has_takes = has_takes and not session.is_writing
        models = model_choices(self.actions.app_state, session)
        updates: Updates = {
            page.session: name,
            page.roll: message,
            page.go: gr.update(interactive=can_start),
            page.cancel: gr.update(visible=session.is_writing, interactive=True),
            page.keep: gr.update(
                interactive=has_takes, variant="primary" if has_takes else "secondary"
            ),
            page.undo: gr.update(interactive=session.can_undo and not session.is_writing),
            page.redo: gr.update(interactive=session.can_redo and not session.is_writing),
            page.takes: self.library.tree(name),
            page.links: links_message(session),
            page.model: gr.update(
                choices=models, value=chosen_model(session), visible=len(models) > 1
            ),
            page.task: gr.update(visible=self.actions.app_state.fills_in(session)),
            page.recipes: gr.update(value=session.has_recipes),
        }
        if new_piece:
            updates[page.recent] = self.library.recent(name)
            updates |= {field: gr.update(value="") for field in page.changes}
            updates[page.roll] = {**message, **bars_chosen(None), "kind": message["kind"]}
            form = self.library.kept_settings(session)
            picked = shapes_alone(form.parts) if form is not None else None
            updates |= self.form_updates(name, CONTINUE, None, picked)
            updates[page.go] = gr.update(interactive=can_start, value=go_text(CONTINUE, None))
        if new_piece and session.piece is not None:
            first, last = session.piece.first_number, session.piece.last_number
            kept = session.from_bar
            updates[page.after_bar] = gr.update(
                minimum=first,
                maximum=max(last, 2),
                value=max(first, last) if kept is None else kept - 1 + first,
                interactive=last > first,
            )
        return updates

    def form_updates(
        self, name: str, task: str, bars: tuple[int, int] | None, picked: object
    ) -> Updates:
        """Return how the form changes with the task."""
        page, session, rewrites = self.page, self.actions.session(name), task == REWRITE
        number = session.piece.first_number if session.piece else 1
        parts: Any = picker_rows(session, picked)
        if rewrites:
            # What is clicked while the app answers stays.
            is_shown = shows_rewrite(picked, bars)
            parts = gr.skip() if is_shown else rewrite_rows(session, bars, picked)
        return {
            page.task: gr.update(value=task, visible=self.actions.app_state.fills_in(session)),
            page.bars: gr.update(visible=not rewrites),
            page.bars_again: gr.update(value=bars_text(bars, number), visible=rewrites),
            page.after_bar: gr.update(visible=not rewrites),
            page.shape.stays: gr.update(visible=rewrites),
            page.parts: parts,
            page.go: gr.update(value=go_text(task, bars, number)),
        }


def connect(page: ComposePage, on: ComposeHandlers) -> None:
    """Connect every event of the page to its handler."""
    session, everything = page.session, page.all
    form = page.form.components.values()
    form_too = [*everything, *(one for one in form if one not in everything)]

    def then_sound(event: Any) -> None:
        event.then(on.play, session, [page.roll, page.links], **AUDIO)

    whole_form = list(page.form.components.values())
    attached = page.roll.attach(
        LibraryHandlers(on).attach, None, [*{*everything, *whole_form, *page.waking}], **LIGHT
    )
    attached.success(on.follow, session, everything, **FOLLOW)
    for opened in (
        attached,
        page.upload.upload(on.upload, [session, page.upload], form_too, **LIGHT),
        page.roll.bring(on.bring, session, form_too, **LIGHT),
        *(
            button.click(partial(on.example, stem), session, [page.upload, *everything], **LIGHT)
            for stem, button in page.examples
        ),
        page.keep.click(on.keep, session, everything, **LIGHT),
        page.undo.click(on.undo, session, everything, **LIGHT),
        page.redo.click(on.redo, session, everything, **LIGHT),
        *connect_library(page, on, LIGHT),
        connect_play_in(page, on, LIGHT),
        page.model.input(on.choose, [session, page.model], everything, **MODEL),
        page.grid.input(on.set_grid, [session, page.grid], everything, **LIGHT),
        page.after_bar.release(
            on.set_seam,
            [session, page.after_bar],
            everything,
            trigger_mode="always_last",  # keys are let go faster than the app answers
            **LIGHT,
        ),
    ):
        then_sound(opened.success(on.prepare, session, None, **MODEL))
    connect_edit(page, on, LIGHT)
    connect_sheet(page, on, LIGHT, AUDIO)
    connect_shape(page, on, LIGHT)
    asked: set[Block] = {session, page.task, page.bars_again, page.parts}
    asked_by = [page.task.input, page.bars_again.submit, page.bars_again.blur]
    for event in asked_by:
        event(on.set_task, asked, everything, **LIGHT)
    marked = [session, page.parts]
    page.roll.mark(on.mark, marked, everything, trigger_mode="multiple", **LIGHT)
    sent = page.form.inputs(session)
    for pressed in (page.go.click, connect_opening(page, on, LIGHT)):
        written = pressed(on.begin, sent, everything, **LIGHT).success(
            on.compose, sent, page.roll, **FOLLOW
        )
        # Gradio calls `then` only after success; a run that failed has bars to show, too.
        for ended in (written.success, written.failure):
            then_sound(ended(on.settle, session, everything, **LIGHT))
    page.cancel.click(on.cancel, session, [page.roll, page.cancel], **LIGHT)
    page.roll.pick(on.pick, session, page.links, trigger_mode="multiple", **LIGHT)
    page.roll.mix(on.mix, session, page.links, trigger_mode="multiple", **LIGHT)
    page.recipes.input(on.set_recipes, [session, page.recipes], page.links, **LIGHT)
    asked_for = page.links.ask(on.make, session, page.links, trigger_mode="multiple", **AUDIO)
    asked_for.failure(on.links, session, page.links, **LIGHT)
    page.chords.change(chords_update, page.chords, page.chords_note, **LIGHT)


def while_composing(page: ComposePage) -> Updates:
    """Return the page on which only Cancel may be pressed."""
    return {
        page.go: gr.update(interactive=False),
        page.cancel: gr.update(visible=True, interactive=True),
        page.keep: gr.update(interactive=False, variant="secondary"),
        page.undo: gr.update(interactive=False),
        page.redo: gr.update(interactive=False),
        page.links: links_message(None),
    }
