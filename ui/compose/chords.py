"""The line under the field for chords."""

import html
from typing import Any

import gradio as gr

from meloformer.app.compose.settings import chords_sentence
from meloformer.errors import MeloFormerError
from ui.guard import sentence
from ui.languages import present_language, translate


def chords_update(text: str) -> Any:
    """Return the line under the chords, while they are typed."""
    try:
        said, mood = html.escape(translate(chords_sentence(text), present_language())), "fine"
    except MeloFormerError as error:
        said, mood = sentence(error), "wrong"
    return gr.update(value=f"<span class='{mood}' role='status'>{said}</span>", visible=bool(said))
