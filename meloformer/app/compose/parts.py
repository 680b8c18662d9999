"""The rows of the parts picker: parts that play in every bar, are free to, rest, or join."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from meloformer.app.compose.legend import legend
from meloformer.app.compose.settings import KEPT
from meloformer.app.session import Session
from meloformer.engine.instrumentation import as_before, as_there
from meloformer.engine.request import PartRequest, Presence
from meloformer.score.general_midi import instrument_choices
from meloformer.score.part import DRUM_PROGRAM

Rows = dict[str, Any]
"""The value of the picker: `{rewrites, bars, rows: [{number, presence, ...}], other: [...]}`.

Where bars are written again, the presence of a part of the piece may also be `KEPT`. `other` are
the rows as they were left for the other task, so that nothing chosen is lost on the way there and
back."""


@cache  # each page has a copy of the component, but not of these
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
        picked: The value of the picker, from which what was chosen is taken over.
    """
    if session.piece is None:
        return {"rewrites": False, "rows": [], "other": []}
    encoding = session.piece.encoding
    rows = _own_rows(session, as_before(encoding, session.from_bar or encoding.num_bars))
    chosen = {row["number"]: row["presence"] for row in _picked(picked, rewrites=False)}
    for row in rows:
        if chosen.get(row["number"]) in set(Presence):
            row["presence"] = chosen[row["number"]]
    _shape(rows, picked)
    return {
        "rewrites": False,
        "rows": rows + _added(rows, picked),
        "other": _picked(picked, rewrites=True),
    }


def rewrite_rows(session: Session, bars: tuple[int, int] | None, picked: object) -> Rows:
    """Return the parts of the piece, to be written again or kept; those that rest there are kept.

    Args:
        session: With or without a piece.
        bars: Bars to be written again; `None` while none are chosen.
        picked: The value of the picker, from which kept parts and new instruments are taken over.
    """
    if session.piece is None:
        return {"rewrites": True, "rows": [], "other": []}
    encoding = session.piece.encoding
    rows = _own_rows(session, as_there(encoding, *(bars or (0, encoding.num_bars))))
    chosen = {row["number"]: row["presence"] for row in _picked(picked, rewrites=True)}
    for row in rows:
        is_silent = row["usual"] == Presence.SILENT
        is_kept = is_silent or chosen.get(row["number"]) == KEPT
        row["usual"] = Presence.ALWAYS.value if is_silent else row["usual"]
        row["presence"] = KEPT if is_kept else row["usual"]
    _shape(rows, picked)
    return {
        "rewrites": True,
        "bars": list(bars or ()),
        "rows": rows + _added(rows, picked),
        "other": _picked(picked, rewrites=False),
    }


def shows_rewrite(picked: object, bars: tuple[int, int] | None) -> bool:
    """Check if a value of the picker is for writing these bars again."""
    if not isinstance(picked, Mapping) or not picked.get("rewrites"):
        return False
    return bool(picked.get("bars") == list(bars or ()))


def _own_rows(session: Session, usual: tuple[PartRequest, ...]) -> list[dict[str, Any]]:
    presence = {request.part.number: request.presence.value for request in usual}
    return [
        {**row, "presence": own, "usual": own, "own": True}
        for row in legend(session)
        for own in [presence.get(row["number"])]
        if own
    ]


def _picked(picked: object, *, rewrites: bool) -> list[dict[str, Any]]:
    """Return the rows of the picker's value that are of a task."""
    is_shown = isinstance(picked, Mapping) and bool(picked.get("rewrites")) == rewrites
    return _rows(picked, "rows" if is_shown else "other")


def without_shapes(picked: object) -> object:
    """Return a value of the picker in which nothing is asked of single parts."""
    if not isinstance(picked, Mapping):
        return picked
    plain = {
        name: [{key: row[key] for key in row if key != "shape"} for row in _rows(picked, name)]
        for name in ("rows", "other")
    }
    return {**picked, **plain}


def shapes_alone(picked: object) -> Rows:
    """Return a value of the picker that says no more than what is asked of single parts."""
    rows = [row for row in _rows(picked, "rows") if row.get("shape")]
    shapes = [{"number": row["number"], "presence": "", "shape": row["shape"]} for row in rows]
    return {"rewrites": False, "rows": shapes, "other": []}


def _shape(rows: list[dict[str, Any]], picked: object) -> None:
    """Take over what is asked of each part, for whichever task it was."""
    shapes = {row["number"]: row["shape"] for row in _rows(picked, "rows") if row.get("shape")}
    for row in rows:
        if row["number"] in shapes:
            row["shape"] = shapes[row["number"]]


def _added(own: list[dict[str, Any]], picked: object) -> list[dict[str, Any]]:
    """Return the rows of instruments that the visitor added, as they are shown now."""
    numbers = {row["number"] for row in own}
    shown = _rows(picked, "rows")
    return [row for row in shown if row.get("own") is False and row["number"] not in numbers]


def _rows(picked: object, name: str) -> list[dict[str, Any]]:
    """Return what are rows in a value from a browser."""
    rows = picked.get(name) if isinstance(picked, Mapping) else None
    return [
        row
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, dict)
        and type(row.get("number")) is int
        and type(row.get("presence")) is str
    ]
