"""The parts picker: who plays in every bar, who is free to, who is silent, and who joins."""

from collections.abc import Mapping
from typing import Any

import gradio as gr

from meloformer.app.compose.settings import KEPT
from meloformer.app.session import Session
from meloformer.engine.instrumentation import as_before, as_there
from meloformer.engine.request import PartRequest, Presence
from meloformer.score.general_midi import instrument_choices
from meloformer.score.part import DRUM_PROGRAM, MAX_INSTANCES
from ui.compose.roll_view import legend
from ui.theme import PART_COLOURS, STATIC

Rows = dict[str, Any]
"""What the picker holds."""


class PartsPicker(gr.HTML):
    """A list of parts with a choice each.

    Its value is `{rewrites, rows: [{number, presence, ...}]}`; where bars are written again, the
    presence of a part of the piece may also be `KEPT`.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            value={"rewrites": False, "rows": []},
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


def picker_rows(session: Session) -> Rows:
    """The piece's own parts; who has played all the time before the seam goes on in every bar."""
    if session.piece is None:
        return {"rewrites": False, "rows": []}
    encoding = session.piece.encoding
    before = as_before(encoding, session.from_bar or encoding.num_bars)
    return {"rewrites": False, "rows": _own_rows(session, before)}


def rewrite_rows(session: Session, bars: tuple[int, int] | None, picked: object) -> Rows:
    """The parts of the piece, to be written again or kept; who does not play there is kept.

    Args:
        session: Where the piece lies.
        bars: Bars to be written again; `None` while none are chosen.
        picked: What the picker holds, from which kept parts and new instruments are taken over.
    """
    if session.piece is None:
        return {"rewrites": True, "rows": []}
    encoding = session.piece.encoding
    rows = _own_rows(session, as_there(encoding, *(bars or (0, encoding.num_bars))))
    kept, added = _taken_over(picked)
    for row in rows:
        is_silent = row["usual"] == Presence.SILENT
        row["usual"] = Presence.ALWAYS.value if is_silent else row["usual"]
        row["presence"] = KEPT if is_silent or row["number"] in kept else row["usual"]
    own = {row["number"] for row in rows}
    return {"rewrites": True, "rows": rows + [row for row in added if row.get("number") not in own]}


def _own_rows(session: Session, usual: tuple[PartRequest, ...]) -> list[dict[str, Any]]:
    presence = {request.part.number: request.presence.value for request in usual}
    return [
        {**row, "presence": own, "usual": own, "own": True}
        for row in legend(session)
        for own in [presence.get(row["number"])]
        if own
    ]


def _taken_over(picked: object) -> tuple[set[object], list[dict[str, Any]]]:
    """Numbers of the parts that are kept, and rows that were added."""
    rows = picked.get("rows") if isinstance(picked, Mapping) else None
    rows = [row for row in rows or [] if isinstance(row, dict)]
    kept = {row.get("number") for row in rows if row.get("presence") == KEPT}
    return kept, [row for row in rows if row.get("own") is False]
