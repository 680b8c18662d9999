"""The tables of a corpus report: why files were refused, and where the pieces come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from meloformer.data.shards import DocumentSet

# However large the corpus, a page that opens at once.
_MOST_EXAMPLES = 5
_MOST_SETS = 40


@dataclass(frozen=True, slots=True)
class RefusalRow:
    """One reason, and the files refused for it."""

    reason: str
    files: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetRow:
    """One set, or several together, on both sides of the split."""

    name: str
    licence: str
    source: str
    pieces: int
    tokens: int
    held_out: int
    """Pieces of which something is held out."""


@dataclass(frozen=True, slots=True)
class SetsTable:
    """The document sets, most tokens first."""

    rows: tuple[SetRow, ...]
    """At least one; the last stands for all smaller sets where there are too many."""
    total: SetRow
    has_total: bool
    """Whether the total differs from the only row."""

    @property
    def most_tokens(self) -> int:
        """Tokens of the largest row."""
        return max(row.tokens for row in self.rows)


def refusal_rows(
    refusals: Mapping[str, int], examples: Mapping[str, Sequence[str]]
) -> tuple[RefusalRow, ...]:
    """Return how many files were refused for each reason, the most frequent first."""
    return tuple(
        RefusalRow(reason, count, tuple(examples.get(reason, ())[:_MOST_EXAMPLES]))
        for reason, count in sorted(refusals.items(), key=lambda item: (-item[1], item[0]))
    )


def sets_table(
    train: Sequence[DocumentSet], held_out: Sequence[DocumentSet], *, is_cut: bool
) -> SetsTable:
    """Return the document sets with licence, source and tokens.

    Args:
        train: Sets that are trained on; at least one.
        held_out: Sets that are not.
        is_cut: Whether `held_out` has the last bars of the pieces of `train`, not other pieces.
    """
    rows = _rows(train, held_out, is_cut=is_cut)
    shown, rest = rows[:_MOST_SETS], rows[_MOST_SETS:]
    if rest:
        shown.append(_together(f"{len(rest):,} smaller sets", rest))
    return SetsTable(tuple(shown), _together("All", rows), has_total=len(rows) > 1)


def _rows(
    train: Sequence[DocumentSet], held_out: Sequence[DocumentSet], *, is_cut: bool
) -> list[SetRow]:
    parts: dict[str, list[SetRow]] = {}
    for one in train:
        row = SetRow(one.name, one.licence, one.source, one.documents, one.tokens, 0)
        parts.setdefault(one.name, []).append(row)
    for one in held_out:
        pieces = 0 if is_cut else one.documents
        row = SetRow(one.name, one.licence, one.source, pieces, one.tokens, one.documents)
        parts.setdefault(one.name, []).append(row)
    rows = [
        _together(name, of_set, of_set[0].licence, of_set[0].source)
        for name, of_set in parts.items()
    ]
    return sorted(rows, key=lambda row: (-row.tokens, row.name))


def _together(name: str, rows: Sequence[SetRow], licence: str = "", source: str = "") -> SetRow:
    pieces, tokens, held_out = (
        sum(getattr(row, field) for row in rows) for field in ("pieces", "tokens", "held_out")
    )
    return SetRow(name, licence, source, pieces, tokens, held_out)
