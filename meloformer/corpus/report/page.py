"""The report of a corpus as one HTML page, with its style and its pictures inside.

Names on the page come from files, so they are escaped. The same summary gives the same bytes. P is
the number of pieces.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from meloformer.corpus.report.charts import draw_charts
from meloformer.corpus.report.tables import refusal_rows, sets_table
from meloformer.corpus.report.words import (
    Figure,
    counted,
    large,
    minutes,
    percent,
    shortened,
    thousands,
)
from meloformer.data.shards import DocumentSet
from meloformer.html import render

_MOST_INPUTS = 6
_COUNTS = ((1e9, "billion"), (1e6, "million"))
_BYTES = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


@dataclass(frozen=True, eq=False)
class CorpusSummary:
    """All facts of a report."""

    inputs: tuple[str, ...]
    """Folders and archives that were read."""
    files: int
    """MIDI files in them."""
    train: tuple[DocumentSet, ...]
    held_out: tuple[DocumentSet, ...]
    refusals: dict[str, int]
    """Number of files for each reason."""
    examples: dict[str, tuple[str, ...]]
    """Names of a few files for each reason."""
    pieces: NDArray[np.void]
    """`PIECE_FIELDS` of every accepted piece. (P,)."""
    programs: NDArray[np.int64]
    """Number of pieces that each program plays in, drums last. (129,)."""
    split_by: str
    """`group`: whole groups are held out; `bars`: the last bars of the pieces are."""


@dataclass(frozen=True, slots=True)
class _Tile:
    """A headline figure."""

    name: str
    value: Figure
    remark: str


@dataclass(frozen=True, slots=True)
class _Outcome:
    """Files that all went the same way, and the class of their colour."""

    css: str
    words: str
    files: int


def write_report(path: Path, summary: CorpusSummary) -> None:
    """Write the report as one HTML file that needs nothing beside it."""
    has_pieces = len(summary.pieces) > 0
    is_cut = summary.split_by == "bars"
    page = render(
        "meloformer/corpus/report/page.html",
        lead=_lead(summary),
        inputs=summary.inputs[:_MOST_INPUTS],
        num_more_inputs=max(len(summary.inputs) - _MOST_INPUTS, 0),
        figures=_figures(summary),
        outcomes=_outcomes(summary),
        num_files=summary.files,
        refusals=refusal_rows(summary.refusals, summary.examples),
        split=_split(summary),
        sets=sets_table(summary.train, summary.held_out, is_cut=is_cut) if has_pieces else None,
        charts=draw_charts(summary.pieces, summary.programs) if has_pieces else None,
        percent=percent,
        shortened=shortened,
        thousands=thousands,
    )
    # A name that is not Unicode on disk must not stop the page.
    path.write_text(page, encoding="utf-8", errors="replace")


def _lead(summary: CorpusSummary) -> str:
    accepted = len(summary.pieces)
    pieces = "a piece" if accepted == 1 else "pieces"
    return f"Of {counted(summary.files, 'MIDI file')}, {accepted:,} became {pieces} to learn from."


def _figures(summary: CorpusSummary) -> tuple[_Tile, ...]:
    tokens, notes, documents = (
        sum(getattr(one, field) for one in (*summary.train, *summary.held_out))
        for field in ("tokens", "notes", "documents")
    )
    held_out = sum(one.tokens for one in summary.held_out)
    pieces = len(summary.pieces)
    refused = sum(summary.refusals.values())
    seconds = float(summary.pieces["seconds"].sum(dtype=np.float64))
    mean_s = minutes(seconds / max(pieces, 1))
    return (
        _Tile("MIDI files", Figure(f"{summary.files:,}"), f"{refused:,} refused"),
        _Tile("Pieces", Figure(f"{pieces:,}"), f"{percent(pieces, summary.files)} of the files"),
        _Tile("Music", _time(seconds), f"{mean_s} on average"),
        _Tile("Notes", large(notes, _COUNTS), f"{notes / max(pieces, 1):,.0f} on average"),
        _Tile("Tokens", large(tokens, _COUNTS), f"{percent(held_out, tokens)} held out"),
        _Tile("On disk", large(2 * tokens + 8 * documents, _BYTES), "2 bytes a token"),
    )


def _time(seconds: float) -> Figure:
    if seconds < 3600:
        return Figure(minutes(seconds), "min")
    return large(seconds, ((3600, "hours"),))


def _outcomes(summary: CorpusSummary) -> tuple[_Outcome, ...]:
    """Return all files by what became of them; ways that no file went are left out."""
    train, held_out = (
        sum(one.documents for one in side) for side in (summary.train, summary.held_out)
    )
    if summary.split_by == "bars":  # then a piece is on both sides
        train, held_out = len(summary.pieces), 0
    outcomes = (
        _Outcome("one", "to train on" if held_out else "accepted", train),
        _Outcome("two", "held out", held_out),
        _Outcome("rest", "refused", sum(summary.refusals.values())),
    )
    return tuple(one for one in outcomes if one.files)


def _split(summary: CorpusSummary) -> str:
    if not summary.held_out:
        return "Nothing is held out: the model will be trained on all of it."
    if summary.split_by == "bars":
        return "All music is of one group, so the last bars of the pieces are held out."
    return (
        "What is held out is never trained on. The pieces of a group stay together, so that no "
        "tune is on both sides."
    )
