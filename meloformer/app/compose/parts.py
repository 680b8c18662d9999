"""The rows of the parts picker: parts that play in every bar, are free to, rest, or join."""

from collections.abc import Mapping
from typing import Any

from meloformer.app.compose.legend import legend
from meloformer.app.compose.settings import KEPT
from meloformer.app.session import Session
from meloformer.engine.instrumentation import as_before, as_there
from meloformer.engine.request import PartRequest, Presence
from meloformer.score.general_midi import instrument_choices
from meloformer.score.part import DRUM_PROGRAM

Rows = dict[str, Any]
"""The value of the picker: `{rewrites, rows: [{number, presence, ...}]}`.

Where bars are written again, the presence of a part of the piece may also be `KEPT`."""


def families() -> list[dict[str, object]]:
    """Return every instrument, by family, for the list of those that may join."""
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


def picker_rows(session: Session, picked: object = None) -> Rows:
    """Return the piece's own parts; those that played all along go on in every bar.

    Args:
        session: With or without a piece.
        picked: A value of the picker, from which choices and new instruments are taken over.
    """
    if session.piece is None:
        return {"rewrites": False, "rows": []}
    encoding = session.piece.encoding
    before = as_before(encoding, session.from_bar or encoding.num_bars)
    rows = _own_rows(session, before)
    chosen = {row.get("number"): row.get("presence") for row in _rows_of(picked)}
    for row in rows:
        if chosen.get(row["number"]) in set(Presence):
            row["presence"] = chosen[row["number"]]
    own = {row["number"] for row in rows}
    added = [row for row in _taken_over(picked)[1] if row.get("number") not in own]
    return {"rewrites": False, "rows": rows + added}


def rewrite_rows(session: Session, bars: tuple[int, int] | None, picked: object) -> Rows:
    """Return the parts of the piece, to be written again or kept; those that rest there are kept.

    Args:
        session: With or without a piece.
        bars: Bars to be written again; `None` while none are chosen.
        picked: The value of the picker, from which kept parts and new instruments are taken over.
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
    """Return the numbers of the parts that are kept, and the rows that were added."""
    rows = _rows_of(picked)
    kept = {row.get("number") for row in rows if row.get("presence") == KEPT}
    return kept, [row for row in rows if row.get("own") is False]


def _rows_of(picked: object) -> list[dict[str, Any]]:
    rows = picked.get("rows") if isinstance(picked, Mapping) else None
    return [row for row in rows or [] if isinstance(row, dict)]
