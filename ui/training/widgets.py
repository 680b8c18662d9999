"""The two components of the training tab that Gradio has not: the visitor's music, and the runs."""

from typing import Any

import gradio as gr

from meloformer.app.training.uploads import MAX_BYTES, MAX_FILES
from ui.theme import STATIC

_FOLDER = STATIC / "training"
_RUN_SCRIPTS = ("page", "list", "detail", "charts", "samples", "messages")
"""Files of one script, in this order: they share their names."""


class MusicDrop(gr.HTML):
    """Where music is dropped, and what became of it. See `ui.training.music_view`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            value=None,
            html_template=_read("music.html"),
            css_template=_read("music.css"),
            js_on_load=_read("music.js"),
            apply_default_css=False,
            most_files=MAX_FILES,
            most_bytes=MAX_BYTES,
            **kwargs,
        )


class RunsView(gr.HTML):
    """The runs, and all about the chosen one. See `meloformer.app.training.view`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            value=None,
            html_template=_read("runs.html"),
            css_template=_read("runs.css"),
            js_on_load="\n".join(_read(f"{name}.js") for name in _RUN_SCRIPTS),
            apply_default_css=False,
            **kwargs,
        )


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")
