"""The page: a heading, a note on missing sound, and the tabs."""

import html
from pathlib import Path
from typing import cast

import gradio as gr

from meloformer.app.compose.actions import Actions
from meloformer.app.compose.library_actions import LibraryActions
from meloformer.app.library.size import USUAL_LIMIT_MB
from meloformer.app.state import AppState
from meloformer.app.training.actions import TrainingActions
from meloformer.phrases import phrase
from ui.compose.tab import compose_tab
from ui.language_page import LanguageSwitch, Page
from ui.leaving import ClosedPages
from ui.soundfont import soundfont_address
from ui.training.tab import training_tab

FILES_KEPT_S = 86_400
"""Uploads are deleted after a day."""
STILL_PLAYS = phrase(
    "The browser plays the notes itself, so you hear everything here all the same."
)
"""Said where nothing can be rendered and the browser has a SoundFont."""


def build(
    app_state: AppState,
    *,
    uploads: Path,
    examples: Path,
    training: TrainingActions | None = None,
    is_shared: bool = True,
    library_mb: int = USUAL_LIMIT_MB,
) -> gr.Blocks:
    """Build the app around its state.

    Args:
        app_state: The model, the synthesizer and the visitors' sessions.
        uploads: Where Gradio puts uploaded files.
        examples: A folder of MIDI files to try.
        training: The actions of the training tab; without them, there is no such tab.
        is_shared: Whether visitors without a login share one library of pieces.
        library_mb: What the pieces of one visitor may take.
    """
    with Page(
        title="MeloFormer",
        analytics_enabled=False,
        delete_cache=(3600, FILES_KEPT_S),
        fill_width=True,
    ) as blocks:
        with gr.Row(elem_id="top"):
            gr.HTML(
                "<h1>MeloFormer</h1><p>Continue your music, bar by bar.</p>",
                elem_id="heading",
            )
            LanguageSwitch(elem_id="language")
        if app_state.sound_problem:
            gr.HTML(_banner(app_state.sound_problem, soundfont_address()), elem_id="no-sound")
        actions = Actions(app_state, uploads)
        library = LibraryActions(actions, library_mb * 1_000_000, is_shared=is_shared)
        if training is None:
            compose = compose_tab(actions, examples, library)
            ClosedPages(blocks, compose.page.session, app_state.sessions.leave)
            return cast(gr.Blocks, blocks)
        with gr.Tabs(elem_id="tabs") as tabs:
            with gr.Tab("Compose", id="compose", render_children=True) as first:
                compose = compose_tab(actions, examples, library)
            with gr.Tab("Training", id="training") as second:
                training_tab(training, compose, tabs, (first, second))
        ClosedPages(blocks, compose.page.session, app_state.sessions.leave)
    return cast(gr.Blocks, blocks)


def _banner(problem: str, soundfont: str) -> str:
    said, _, hint = problem.partition("\n\nhint: ")
    others = " ".join(
        f"<span>{html.escape(one)}</span>"
        for one in (STILL_PLAYS if soundfont else "", hint)
        if one
    )
    return f"<div role='note'><b>{html.escape(said)}</b> {others}</div>"
