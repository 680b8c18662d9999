"""Bits per note of a part that is added to others, and of one that enters late.

    python -m experiments.part_bits SHARDS CHECKPOINT [CHECKPOINT ...]

Of each held-out piece with two parts up to sixteen bars are taken from a drawn place, and one part
of them. It is read in three ways: *added*, left open in all of these bars and written after the
others; *late*, taken out of the first half, so that it enters in the second; and *there*, the
second half after a first half that has it. *Late* against *there* says what an entry costs a model
for want of the part's own past; only models are compared by *added*. Checkpoints are compared with
the first one, piece by piece.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from meloformer.data.shards import Shards, open_shards
from meloformer.evaluation.bits_per_note import Costs
from meloformer.evaluation.bootstrap import ConfidenceInterval, confidence_interval
from meloformer.evaluation.windows import Window
from meloformer.tokens.annotate import annotate, bar_ends
from meloformer.tokens.crop import crop
from meloformer.tokens.infill import added_tokens, leave_open, part_of_each
from meloformer.tokens.vocabulary import Kind, vocabulary

BARS = 16
LEAST_BARS = 8
LEAST_NOTES = 4
"""Of the part, in the second half."""
READINGS = ("added", "late", "there")


@dataclass(frozen=True, slots=True, eq=False)
class PartReading:
    """A part, and the tokens read before it."""

    window: Window
    counts: NDArray[np.bool_]
    """Which of its tokens are of the part, in the bars that count. (T,)."""
    notes: int
    """Of the part in these bars."""


@dataclass(frozen=True, slots=True)
class PartBits:
    """Bits per note of a part, by how it is read."""

    added: ConfidenceInterval
    late: ConfidenceInterval
    there: ConfidenceInterval
    pieces: int

    def to_json(self) -> dict[str, object]:
        """Return plain values."""
        return asdict(self)


def cut_parts(shards: Shards, context_tokens: int) -> tuple[tuple[PartReading, ...], ...]:
    """Draw bars and a part of each held-out piece that has enough; see `READINGS`.

    Args:
        shards: Held-out documents.
        context_tokens: Longest stream.
    """
    names = [one.name for one in shards.sets for _ in range(one.documents)]
    return tuple(
        readings
        for document, name in enumerate(names)
        for readings in _readings(
            np.asarray(shards.document(document)), document, name, context_tokens
        )
    )


def summarise_parts(parts: Sequence[tuple[PartReading, ...]], costs: Sequence[Costs]) -> PartBits:
    """Add up the bits of the parts.

    Args:
        parts: At least one.
        costs: Of the windows of each of `READINGS`, one list for each.
    """
    found = (
        _per_note([one[index] for one in parts], costs[index]) for index in range(len(READINGS))
    )
    return PartBits(**dict(zip(READINGS, found, strict=True)), pieces=len(parts))


def part_bits(readings: Sequence[PartReading], costs: Costs) -> NDArray[np.float64]:
    """Return the bits of each part."""
    return np.array([cost[one.counts[1:]].sum() for one, cost in zip(readings, costs, strict=True)])


def _per_note(readings: Sequence[PartReading], costs: Costs) -> ConfidenceInterval:
    bits, notes = part_bits(readings, costs), np.array([one.notes for one in readings])
    return confidence_interval(len(readings), lambda of: float(bits[of].sum() / notes[of].sum()))


def _readings(
    ids: NDArray[np.uint16], document: int, name: str, context_tokens: int
) -> Iterator[tuple[PartReading, ...]]:
    """Yield the readings of a piece, if it has bars and parts enough."""
    rng = np.random.default_rng((0, document))
    num_bars = len(bar_ends(ids))
    if num_bars < LEAST_BARS:
        return
    first = int(rng.integers(0, max(1, num_bars - BARS + 1)))
    music = crop(ids, first, min(first + BARS, num_bars))
    ends = bar_ends(music)
    fits = ends + 2 * np.arange(1, len(ends) + 1) + added_tokens(0) <= context_tokens
    length = int(np.count_nonzero(fits))
    if length < LEAST_BARS:
        return
    music = music[: ends[length - 1]]
    part, bar, kind = part_of_each(music), annotate(music).bar, vocabulary().kind[music]
    is_second = bar >= length // 2
    notes = {
        int(one): int(np.count_nonzero((part == one) & is_second & (kind == Kind.ONSET)))
        for one in np.unique(part[part >= 0])
    }
    enough = [one for one, count in notes.items() if count >= LEAST_NOTES]
    if len(notes) < 2 or not enough:
        return
    chosen = int(rng.choice(enough))
    is_part = part == chosen
    late = ~is_part | is_second
    opened = leave_open(music, 0, length, [chosen])[:-1]
    after = np.cumsum(opened == vocabulary().id(Kind.FILL)) > 0
    played = int(np.count_nonzero(is_part & (kind == Kind.ONSET)))
    yield (
        PartReading(Window(opened, document, name), after & (part_of_each(opened) >= 0), played),
        PartReading(
            Window(music[late], document, name), (is_part & is_second)[late], notes[chosen]
        ),
        PartReading(Window(music, document, name), is_part & is_second, notes[chosen]),
    )


def main() -> None:
    """Measure checkpoints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shards", type=Path, help="folder made by `prepare`")
    parser.add_argument("checkpoints", type=Path, nargs="+")
    parser.add_argument("--context-tokens", type=int, default=1024)
    parser.add_argument("--pieces", type=int, help="at most, evenly over the sets")
    given = parser.parse_args()
    from benchmarks.report import report
    from meloformer import checkpoint
    from meloformer.evaluation.bits_per_note import model_costs
    from meloformer.evaluation.paired import change

    parts = cut_parts(open_shards(given.shards / "held_out"), given.context_tokens)
    chosen = np.linspace(0, len(parts) - 1, min(given.pieces or len(parts), len(parts)))
    parts = tuple(parts[int(index)] for index in chosen)
    first: dict[str, NDArray[np.float64]] = {}
    for path in given.checkpoints:
        model, _ = checkpoint.load(path)
        costs = [
            model_costs(model, [one[index].window for one in parts], given.context_tokens)
            for index in range(len(READINGS))
        ]
        measured = summarise_parts(parts, costs)
        report(f"{path}/pieces", measured.pieces, "pieces")
        for index, name in enumerate(READINGS):
            bits = part_bits([one[index] for one in parts], costs[index])
            for key, value in asdict(getattr(measured, name)).items():
                report(f"{path}/{name}/{key}", value, "bits/note")
            if name in first:
                for key, value in asdict(change(bits, first[name])).items():
                    report(f"{path}/{name}/vs_first/{key}", value, "%")
            first.setdefault(name, bits)


if __name__ == "__main__":
    main()
