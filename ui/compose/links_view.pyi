"""Links to the files that a musician takes away."""

from typing import Any

import gradio as gr
from gradio.data_classes import FileData

from meloformer.app.compose.downloads import Downloads
from ui.theme import STATIC

LABELS = {
    "whole": "Whole piece (MIDI)",
    "new": "New bars (MIDI)",
    "wav": "WAV",
    "compressed": "MP3",
    "picture": "Picture",
}
"""The fields of `Downloads`, and what each is called on the page."""

from gradio.events import Dependency

class Links(gr.HTML):
    """A row of links. Its value comes from `links`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            value=links(Downloads()),
            html_template=(STATIC / "links.html").read_text(encoding="utf-8"),
            css_template=(STATIC / "links.css").read_text(encoding="utf-8"),
            js_on_load=(STATIC / "links.js").read_text(encoding="utf-8"),
            apply_default_css=False,
            **kwargs,
        )
    from typing import Callable, Literal, Sequence, Any, TYPE_CHECKING
    from gradio.blocks import Block
    if TYPE_CHECKING:
        from gradio.components import Timer
        from gradio.components.base import Component


def links(files: Downloads) -> dict[str, object]:
    """What to show; what is not there yet is shown greyed out."""
    rows = []
    for kind, label in LABELS.items():
        path = getattr(files, kind)
        file = FileData(path=str(path)).model_dump() if path else None
        rows.append({"label": label, "name": path.name if path else "", "file": file})
    return {"links": rows}