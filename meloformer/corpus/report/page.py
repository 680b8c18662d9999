"""What became of a corpus, as one page to read, with its style and its pictures inside.

Every name on the page comes out of somebody's file and is escaped. The same summary gives the same
bytes. P is the number of pieces.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

import numpy as np
from numpy.typing import NDArray

from meloformer.corpus.report.canvas import STYLE_SHEET
from meloformer.corpus.report.charts import charts
from meloformer.corpus.report.tables import refusals_table, sets_table
from meloformer.corpus.report.words import code, counted, large, minutes, percent
from meloformer.data.shards import DocumentSet

_MOST_INPUTS = 6
_COUNTS = ((1e9, "billion"), (1e6, "million"))
_BYTES = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


@dataclass(frozen=True, eq=False)
class CorpusSummary:
    """All that the report says."""

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


def write_report(path: Path, summary: CorpusSummary) -> None:
    """Write the report as one HTML file that needs nothing beside it."""
    here = Path(__file__).parent
    whole, legend = _whole(summary)
    page = Template((here / "page.html").read_text(encoding="utf-8")).substitute(
        style=STYLE_SHEET.read_text(encoding="utf-8"),
        lead=_lead(summary),
        inputs=_inputs(summary.inputs),
        figures=_figures(summary),
        whole=whole,
        legend=legend,
        refusals=refusals_table(summary.refusals, summary.examples, summary.files),
        pieces=_pieces(summary) if len(summary.pieces) else "",
    )
    # A name that is not Unicode on disk must not stop the page.
    path.write_text(page, encoding="utf-8", errors="replace")


def _lead(summary: CorpusSummary) -> str:
    accepted = len(summary.pieces)
    pieces = "a piece" if accepted == 1 else "pieces"
    return f"Of {counted(summary.files, 'MIDI file')}, {accepted:,} became {pieces} to learn from."


def _inputs(inputs: Sequence[str]) -> str:
    named = [code(name) for name in inputs[:_MOST_INPUTS]]
    more = len(inputs) - len(named)
    return ", ".join([*named, f"{more:,} more"] if more else named)


def _figures(summary: CorpusSummary) -> str:
    tokens, notes, documents = (
        sum(getattr(one, field) for one in (*summary.train, *summary.held_out))
        for field in ("tokens", "notes", "documents")
    )
    held_out = sum(one.tokens for one in summary.held_out)
    pieces = len(summary.pieces)
    seconds = float(summary.pieces["seconds"].sum(dtype=np.float64))
    tiles = (
        ("MIDI files", f"{summary.files:,}", f"{sum(summary.refusals.values()):,} refused"),
        ("Pieces", f"{pieces:,}", f"{percent(pieces, summary.files)} of the files"),
        ("Music", _time(seconds), f"{minutes(seconds / max(pieces, 1))} on average"),
        ("Notes", large(notes, _COUNTS), f"{notes / max(pieces, 1):,.0f} on average"),
        ("Tokens", large(tokens, _COUNTS), f"{percent(held_out, tokens)} held out"),
        ("On disk", large(2 * tokens + 8 * documents, _BYTES), "2 bytes a token"),
    )
    return "".join(
        f'<div><dt>{name}</dt><dd class="number">{value}</dd><dd>{remark}</dd></div>\n'
        for name, value, remark in tiles
    )


def _time(seconds: float) -> str:
    if seconds < 3600:
        return f"{minutes(seconds)} <span>min</span>"
    return large(seconds, ((3600, "hours"),))


def _whole(summary: CorpusSummary) -> tuple[str, str]:
    """All files as one bar, and its legend."""
    train, held_out = (
        sum(one.documents for one in side) for side in (summary.train, summary.held_out)
    )
    if summary.split_by == "bars":  # then a piece is on both sides
        train, held_out = len(summary.pieces), 0
    shares = (
        ("one", "to train on" if held_out else "accepted", train),
        ("two", "held out", held_out),
        ("rest", "refused", sum(summary.refusals.values())),
    )
    shown = [share for share in shares if share[2]]
    bar = "".join(f'<span class="{of}" style="flex: {count}"></span>' for of, _, count in shown)
    legend = "".join(
        f'<li class="{of}">{count:,} {words}, {percent(count, summary.files)}</li>'
        for of, words, count in shown
    )
    return bar, legend


def _pieces(summary: CorpusSummary) -> str:
    """All that can be said where something was accepted."""
    return f"""<section>
<h2>Where the music comes from</h2>
<p class="dim">{_split(summary)}</p>
<div class="card">
{sets_table(summary.train, summary.held_out, is_cut=summary.split_by == "bars")}</div>
</section>
{charts(summary.pieces, summary.programs)}"""


def _split(summary: CorpusSummary) -> str:
    if not summary.held_out:
        return "Nothing is held out: the model will be trained on all of it."
    if summary.split_by == "bars":
        return "All music is of one group, so the last bars of the pieces are held out."
    return (
        "What is held out is never trained on. The pieces of a group stay together, so that no "
        "tune is on both sides."
    )
