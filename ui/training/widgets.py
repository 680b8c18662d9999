"""The components of the training tab that Gradio has not: the visitor's music, and the runs."""

from typing import Any

from meloformer.app.training.uploads import MAX_BYTES, MAX_FILES
from ui.components import ModuleComponent


class MusicDrop(ModuleComponent):
    """Where music is dropped, and what became of it.

    Its value is a message of `meloformer.app.training.music`.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            "training/music",
            events=("attach", "bring", "choose", "ready", "ask"),
            value=None,
            most_files=MAX_FILES,
            most_bytes=MAX_BYTES,
            **kwargs,
        )


class RunsView(ModuleComponent):
    """The runs, and all about the chosen one.

    Its value is a message of `meloformer.app.training.view`.
    """

    def __init__(self, **kwargs: Any) -> None:
        events = ("attach", "choose", "ask", "hear", "bring", "model", "restore")
        super().__init__("training/runs", events=events, value=None, most_bytes=MAX_BYTES, **kwargs)
