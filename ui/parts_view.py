"""The parts picker: who plays in every bar, who is free to, who is silent, and who joins."""

from typing import Any

import gradio as gr

from meloformer.engine.cast import as_before
from meloformer.engine.desk import Desk
from meloformer.score.general_midi import instrument_choices
from meloformer.score.part import DRUM_PROGRAM, MAX_INSTANCES
from meloformer.tokens import encode
from ui.roll_view import legend
from ui.theme import PART_COLOURS, STATIC


class PartsPicker(gr.HTML):
    """A list of parts with a choice each. Its value is `{rows: [{number, presence, ...}]}`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            value={"rows": []},
            html_template=(STATIC / "parts.html").read_text(encoding="utf-8"),
            css_template=(STATIC / "parts.css").read_text(encoding="utf-8"),
            js_on_load=(STATIC / "parts.js").read_text(encoding="utf-8"),
            apply_default_css=False,
            families=families(),
            palette=list(PART_COLOURS),
            instances=MAX_INSTANCES,
            drums=DRUM_PROGRAM,
            **kwargs,
        )


def families() -> list[dict[str, object]]:
    """Every instrument, by family, for the list of those that may join."""
    return [
        {
            "family": group.family,
            "choices": [
                {
                    "label": choice.label,
                    "program": DRUM_PROGRAM if choice.is_drum else choice.program,
                }
                for choice in group.choices
            ],
        }
        for group in instrument_choices()
    ]


def picker_rows(desk: Desk) -> dict[str, object]:
    """The piece's own parts; who has played all the time before the seam goes on in every bar."""
    if desk.piece is None:
        return {"rows": []}
    encoding = encode(desk.piece.score)
    before = as_before(encoding, desk.from_bar or encoding.num_bars)
    presence = {request.part.number: request.presence for request in before}
    return {
        "rows": [
            {**row, "presence": presence[number].value, "own": True}
            for row in legend(desk)
            for number in [row["number"]]
            if number in presence
        ]
    }
