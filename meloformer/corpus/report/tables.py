"""The tables of a corpus report: why files were refused, and where the pieces come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from meloformer.corpus.report.words import code, escaped, percent
from meloformer.data.shards import DocumentSet

# However large the corpus, a page that opens at once.
_MOST_EXAMPLES = 5
_MOST_SETS = 40


@dataclass(frozen=True, slots=True)
class _Row:
    """One set, or several together, on both sides of the split."""

    name: str
    licence: str
    source: str
    pieces: int
    tokens: int
    held_out: int
    """Pieces of which something is held out."""


def refusals_table(
    refusals: Mapping[str, int], examples: Mapping[str, Sequence[str]], files: int
) -> str:
    """How many files were refused for each reason, the most frequent first; empty if none was."""
    if not refusals:
        return ""
    most = max(refusals.values())
    rows = "".join(
        f'<tr><th scope="row">{escaped(reason)}</th>'
        f'<td class="share">{_bar(count / most)}{count:,}</td>'
        f'<td class="count" data-of="of all files">{percent(count, files)}</td>'
        f'<td class="names">{"".join(map(code, examples.get(reason, ())[:_MOST_EXAMPLES]))}</td>'
        "</tr>\n"
        for reason, count in sorted(refusals.items(), key=lambda item: (-item[1], item[0]))
    )
    return f"""<table>
<thead><tr><th>Refused because</th><th>Files</th><th class="count">Of all files</th>
<th>For example</th></tr></thead>
<tbody>
{rows}</tbody>
</table>
"""


def sets_table(
    train: Sequence[DocumentSet], held_out: Sequence[DocumentSet], *, is_cut: bool
) -> str:
    """The document sets, largest first, with licence, source and share of the tokens.

    Args:
        train: What is trained on.
        held_out: What is not.
        is_cut: Whether `held_out` has the last bars of the pieces of `train`, not other pieces.
    """
    rows = _rows(train, held_out, is_cut=is_cut)
    total = _together("All", rows)
    shown, rest = rows[:_MOST_SETS], rows[_MOST_SETS:]
    if rest:
        shown.append(_together(f"{len(rest):,} smaller sets", rest))
    most = max(row.tokens for row in shown)
    body = "".join(_row(row, total.tokens, most) for row in shown)
    foot = f"<tfoot>\n{_row(total, total.tokens, 0)}</tfoot>\n" if len(rows) > 1 else ""
    return f"""<table>
<thead><tr><th>Set</th><th>Licence</th><th class="count">Pieces</th>
<th class="count">Held out</th><th class="count">Tokens</th><th>Share of tokens</th></tr></thead>
<tbody>
{body}</tbody>
{foot}</table>
"""


def _rows(
    train: Sequence[DocumentSet], held_out: Sequence[DocumentSet], *, is_cut: bool
) -> list[_Row]:
    parts: dict[str, list[_Row]] = {}
    for one in train:
        row = _Row(one.name, one.licence, one.source, one.documents, one.tokens, 0)
        parts.setdefault(one.name, []).append(row)
    for one in held_out:
        pieces = 0 if is_cut else one.documents
        row = _Row(one.name, one.licence, one.source, pieces, one.tokens, one.documents)
        parts.setdefault(one.name, []).append(row)
    rows = [
        _together(name, of_set, of_set[0].licence, of_set[0].source)
        for name, of_set in parts.items()
    ]
    return sorted(rows, key=lambda row: (-row.tokens, row.name))


def _together(name: str, rows: Sequence[_Row], licence: str = "", source: str = "") -> _Row:
    pieces, tokens, held_out = (
        sum(getattr(row, field) for row in rows) for field in ("pieces", "tokens", "held_out")
    )
    return _Row(name, licence, source, pieces, tokens, held_out)


def _row(row: _Row, tokens: int, most: int) -> str:
    source = f"<small>{escaped(row.source)}</small>" if row.source else ""
    bar = _bar(row.tokens / most) if most else ""
    return (
        f'<tr><th scope="row" class="name">{escaped(row.name)}{source}</th>'
        f'<td class="licence">{escaped(row.licence)}</td>'
        f'<td class="count" data-of="pieces">{row.pieces:,}</td>'
        f'<td class="count" data-of="held out">{row.held_out:,}</td>'
        f'<td class="count" data-of="tokens">{row.tokens:,}</td>'
        f'<td class="share">{bar}{percent(row.tokens, tokens)}</td></tr>\n'
    )


def _bar(part: float) -> str:
    return f'<span style="--part: {part:.3f}"></span>'
