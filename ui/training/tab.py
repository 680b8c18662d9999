"""The training tab: which event calls which action, and what changes on the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from meloformer.app.compose.models import model_choices
from meloformer.app.training.actions import TrainingActions
from meloformer.app.training.settings import Method
from meloformer.app.training.trash import BelongingKind
from meloformer.app.training.view import Message
from meloformer.errors import MeloFormerError
from meloformer.phrases import filled, phrase
from meloformer.registry import RUN_PREFIX
from ui.compose.tab import LIGHT, ComposeHandlers, Updates
from ui.forms import Values
from ui.guard import guard, sentence
from ui.training.page import (
    NO_COMMAND,
    START,
    START_ANYWAY,
    TrainingPage,
    explanation,
    lay_out,
)
from ui.visitor import visitor_who_asks

SLOW: dict[str, Any] = {**LIGHT, "concurrency_id": "training", "concurrency_limit": 4}
"""Handlers that start processes or make sound."""
OFF = gr.update(interactive=False)
QUIET = "<p class='quiet'>{words}</p>"


@dataclass(frozen=True, slots=True)
class TrainingHandlers:
    """The handlers of the training tab: actions, with their results spread over the page."""

    page: TrainingPage
    actions: TrainingActions
    compose: ComposeHandlers
    tabs: gr.Tabs
    compose_tab: str
    """Its id."""

    @guard
    def attach(self, event: gr.EventData) -> Updates:
        """Show the run that a page showed last."""
        return self._turn_to(_text(event, "run"), "to")

    @guard
    def choose(self, event: gr.EventData) -> Updates:
        """Show another run."""
        return self._turn_to(_text(event, "run"), "to")

    @guard
    def look(self, values: Values) -> Updates:
        """Show the present state of the runs and of the music."""
        page = self.page
        return {
            page.runs: self.actions.look(values[page.chosen]),
            page.music: self.actions.music(values[page.dataset]),
        }

    @guard
    def ask(self, session: str, event: gr.EventData, request: gr.Request) -> Updates:
        """Do what a button of a run says."""
        run, what = _text(event, "run"), _text(event, "what")
        if what == "use":
            name = f"{RUN_PREFIX}{self.actions.run(run).name}"
            return {
                self.tabs: gr.Tabs(selected=self.compose_tab),
                **self.compose.choose(session, name),
            }
        visitor = visitor_who_asks(request)
        return self._shown(self.actions.ask(run, what, _text(event, "value"), visitor))

    @guard
    def bring_model(self, event: gr.EventData) -> Updates:
        """Import a model that was chosen as a file, and offer it wherever models are chosen."""
        entry = self.actions.upkeep.import_model(getattr(event, "path", None))
        said = phrase("“{name}” is imported and can be chosen in Compose.", name=entry.path.name)
        return {**self._shown(self.actions.look(_text(event, "run"), said=said)), **self._choices()}

    @guard
    def ask_model(self, session: str, event: gr.EventData) -> Updates:
        """Do what a button of an imported model says."""
        name, what = _text(event, "model"), _text(event, "what")
        if what == "use":
            return {
                self.tabs: gr.Tabs(selected=self.compose_tab),
                **self.compose.choose(session, name),
            }
        deleted = self.actions.upkeep.delete_model(name)
        said = phrase("“{name}” is deleted.", name=deleted.name)
        return {**self._shown(self.actions.look(_text(event, "run"), said=said)), **self._choices()}

    @guard
    def restore(self, event: gr.EventData) -> Updates:
        """Bring back what was deleted."""
        item = self.actions.upkeep.bring_back(getattr(event, "key", None))
        is_run = item.kind == BelongingKind.RUN
        run, turn = (item.name, "to") if is_run else (_text(event, "run"), "")
        message = self.actions.look(run, turn, phrase("It is back."))
        return {**self._shown(message), **self._choices()}

    @guard
    def ask_music(self, event: gr.EventData, request: gr.Request) -> Updates:
        """Do what a button of the music says."""
        dataset, what, value = (_text(event, name) for name in ("dataset", "what", "value"))
        visitor = visitor_who_asks(request)
        return self._shown_music(self.actions.ask_music(dataset, what, value, visitor))

    @guard
    def hear(self, event: gr.EventData) -> Message:
        """Make the audio of a sample."""
        run = _text(event, "run")
        self.actions.hear(run, _text(event, "sample"))
        return self.actions.look(run)

    @guard
    def see_music(self, dataset: str) -> Updates:
        """Show the music that was brought last."""
        return self._music(dataset)

    @guard
    def bring(self, event: gr.EventData, request: gr.Request) -> Updates:
        """Bring files that were dropped."""
        files = getattr(event, "files", None)
        dataset = self.actions.bring(files, visitor_who_asks(request)).name
        return {**self._music(dataset), **self._watched()}

    @guard
    def choose_music(self, event: gr.EventData) -> Updates:
        """Show music that was brought before."""
        return self._music(_text(event, "dataset"))

    @guard
    def explain(self, method: str) -> Updates:
        """Explain the chosen method and ask for what it needs."""
        is_scratch = method == Method.SCRATCH
        return {
            self.page.explained: explanation(method),
            self.page.base: gr.update(visible=not is_scratch),
            self.page.size: gr.update(visible=is_scratch),
        }

    @guard
    def plan(self, values: Values) -> Updates:
        """Say what the run would take, or what is wrong with the settings."""
        page, settings = self.page, self.page.form.read(values)
        if not settings.dataset:
            return {page.plan: filled(QUIET, words=phrase("Bring some music first.")), page.go: OFF}
        try:
            plan = self.actions.plan(settings)
        except MeloFormerError as error:
            wrong = f"<p class='wrong' role='status'>{sentence(error)}</p>"
            return {page.plan: wrong, page.command: NO_COMMAND, page.go: OFF}
        label = START if plan.is_advised else START_ANYWAY
        go = gr.update(interactive=plan.can_start, value=label)
        return {page.plan: plan.words, page.command: plan.command or NO_COMMAND, page.go: go}

    @guard
    def start(self, values: Values) -> Updates:
        """Start a run and turn to it."""
        run = self.actions.start(self.page.form.read(values))
        return {self.page.name: "", **self._turn_to(run, "new"), **self._watched()}

    def start_watching(self) -> Updates:
        """Watch the runs while the tab is open."""
        return {
            **self._watched(),
            self.page.base: gr.update(choices=model_choices(self.actions.app_state)),
        }

    def stop_watching(self) -> Any:
        """Stop watching: the tab was left, or a look has failed, and once is enough."""
        return gr.Timer(active=False)

    def leave(self, session: str) -> Updates:
        """Go to Compose, and offer there what has been trained, renamed or imported meanwhile."""
        app_state = self.actions.app_state
        models = model_choices(app_state, app_state.sessions.find(session) if session else None)
        return {
            self.page.timer: self.stop_watching(),
            self.compose.page.model: gr.update(choices=models, visible=len(models) > 1),
        }

    def _watched(self) -> Updates:
        """Watch what was begun, even where that stopped or did not reach a slow page."""
        return {self.page.timer: gr.Timer(active=True)}

    def _turn_to(self, run: str, turn: str) -> Updates:
        return self._shown(self.actions.look(run, turn))

    def _shown(self, message: Message) -> Updates:
        return {self.page.chosen: message["chosen"], self.page.runs: message}

    def _choices(self) -> Updates:
        """Return the models that can be fine-tuned now; Compose lists its own when it is seen."""
        return {self.page.base: gr.update(choices=model_choices(self.actions.app_state))}

    def _music(self, dataset: str) -> Updates:
        return self._shown_music(self.actions.music(dataset))

    def _shown_music(self, message: Message) -> Updates:
        return {self.page.dataset: message["chosen"], self.page.music: message}


def training_tab(
    actions: TrainingActions, compose: ComposeHandlers, tabs: gr.Tabs, ids: tuple[gr.Tab, gr.Tab]
) -> None:
    """Lay out the tab and connect it.

    Args:
        actions: What it does.
        compose: The handlers of the compose tab, for models that go there.
        tabs: What switches between the two.
        ids: The compose tab and this one.
    """
    page = lay_out()
    other, own = ids
    on = TrainingHandlers(page, actions, compose, tabs, str(other.id))
    connect(page, on)
    own.select(on.start_watching, None, [page.timer, page.base], **LIGHT)
    other.select(on.leave, compose.page.session, [page.timer, compose.page.model], **LIGHT)


def connect(page: TrainingPage, on: TrainingHandlers) -> None:
    """Connect every event of the page to its handler."""
    runs = [page.chosen, page.runs]
    music = [page.dataset, page.music]
    planned = [page.plan, page.command, page.go]
    settings = page.form.inputs()

    def then_plan(events: Sequence[Any]) -> None:
        for event in events:
            event.then(on.plan, settings, planned, **LIGHT)

    page.runs.attach(on.attach, None, runs, **LIGHT)
    page.runs.choose(on.choose, None, runs, trigger_mode="multiple", **LIGHT)
    page.runs.ask(
        on.ask,
        on.compose.page.session,
        [*runs, on.tabs, *on.compose.page.all],
        trigger_mode="multiple",
        **SLOW,
    )
    page.runs.bring(on.bring_model, None, [*runs, page.base], **SLOW)
    page.runs.model(
        on.ask_model,
        on.compose.page.session,
        [*runs, page.base, on.tabs, *on.compose.page.all],
        trigger_mode="multiple",
        **SLOW,
    )
    restored = [*runs, page.base]
    page.runs.restore(on.restore, None, restored, trigger_mode="multiple", **SLOW)
    page.runs.hear(on.hear, None, page.runs, trigger_mode="multiple", **SLOW)
    looking = page.timer.tick(
        on.look, {page.chosen, page.dataset}, [page.runs, page.music], **LIGHT
    )
    looking.failure(on.stop_watching, None, page.timer, **LIGHT)
    page.method.change(on.explain, page.method, [page.explained, page.base, page.size], **LIGHT)
    then_plan(
        [
            page.music.attach(on.see_music, page.dataset, music, **LIGHT),
            page.music.bring(on.bring, None, [*music, page.timer], **SLOW),
            page.music.choose(on.choose_music, None, music, trigger_mode="multiple", **LIGHT),
            page.music.ask(on.ask_music, None, music, trigger_mode="multiple", **SLOW),
        ]
    )
    page.music.ready(on.plan, settings, planned, **LIGHT)
    for name, setting in page.form.components.items():
        if name != "dataset":  # that changes with the music
            setting.change(on.plan, settings, planned, **LIGHT)
    started = page.go.click(on.start, settings, [page.name, *runs, page.timer], **SLOW)
    started.success(on.plan, settings, planned, **LIGHT)


def _text(event: gr.EventData, name: str) -> str:
    """Return a text of an event. It comes from a browser, so it may be anything."""
    value = getattr(event, name, "")
    return value if isinstance(value, str) else ""
