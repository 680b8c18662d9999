"""The components of the compose tab that Gradio has not: the roll, the parts, the downloads."""

from itertools import count
from typing import Any

from meloformer.app.compose.downloads import links_message
from meloformer.app.compose.legend import PART_COLOURS
from meloformer.app.compose.parts import families
from meloformer.score.part import DRUM_PROGRAM, MAX_INSTANCES
from ui.components import ModuleComponent
from ui.soundfont import soundfont_address

_numbers = count()


class Roll(ModuleComponent):
    """The piano roll and player.

    Its value is the latest message of `meloformer.app.compose.roll_messages`; the browser keeps the
    picture.
    """

    def __init__(self, **kwargs: Any) -> None:
        events = ("attach", "bring", "edit", "lock", "loop", "mark", "mix", "pick")
        super().__init__(
            "compose/roll", events=events, value=None, soundfont=soundfont_address(), **kwargs
        )

    def postprocess(self, value: Any) -> Any:
        """Return the message for the browser, under a key that no other message has.

        Of what a run yields Gradio sends only what differs from the yield before, and takes from
        the wrong places where several lists inside of lists have become shorter (`diff` of
        `gradio.utils`). A new key is sent whole.
        """
        return {str(next(_numbers)): super().postprocess(value)}


class PartsPicker(ModuleComponent):
    """A list of parts with a choice each. Its value is `meloformer.app.compose.parts.Rows`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            "compose/parts",
            events=(),
            value={"rewrites": False, "rows": []},
            families=families(),
            palette=list(PART_COLOURS),
            instances=MAX_INSTANCES,
            drums=DRUM_PROGRAM,
            **kwargs,
        )


class TakeList(ModuleComponent):
    """The list of versions. Its value is `meloformer.app.compose.take_tree.take_tree`."""

    def __init__(self, **kwargs: Any) -> None:
        events = ("show", "go", "star", "rename", "remove", "step")
        super().__init__("compose/takes", events=events, value=None, **kwargs)


class RecentPieces(ModuleComponent):
    """The pieces of the library. Its value is `meloformer.app.compose.recent.recent`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("compose/recent", events=("open", "remove"), value=None, **kwargs)


class Shortcuts(ModuleComponent):
    """A button, and `?`, that open the sheet of keyboard shortcuts. It has no value."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("compose/shortcuts", events=(), value=None, **kwargs)


class ScoreView(ModuleComponent):
    """The score view. Its value is `meloformer.app.compose.sheet.sheet_message`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("compose/sheet", events=("ask",), value={"key": ""}, **kwargs)


class Links(ModuleComponent):
    """A row of links to files, some of which are made when they are asked for.

    Its value is `meloformer.app.compose.downloads.links_message`.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("compose/links", events=("ask",), value=links_message(None), **kwargs)
