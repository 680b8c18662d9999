"""Bits per note on music the model has never seen: all token costs, divided by the notes.

Documents are cut at bar lines into windows that fit the context; each window is a stream of its
own and starts without any knowledge of what came before.

Axes: W windows, T tokens of a window.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from meloformer.data.crops import bar_starts, crop_at
from meloformer.data.packing import Batch, pack
from meloformer.data.shards import Shards
from meloformer.errors import DataError
from meloformer.evaluation.bootstrap import bounds, resamples
from meloformer.model.transformer import MeloFormer
from meloformer.tokens.annotate import TYPE_OF_KIND, TokenType, bar_ends
from meloformer.tokens.vocabulary import Kind, vocabulary

_GROUPS: dict[str, TokenType] = {
    "onset": TokenType.ONSET,
    "pitch": TokenType.PITCH,
    "duration": TokenType.DURATION,
    "velocity": TokenType.VELOCITY,
    "header": TokenType.HEADER,
    "sum": TokenType.SUM,
    "song": TokenType.SONG,
}


@dataclass(frozen=True, eq=False)
class Window:
    """A stretch of a held-out document."""

    ids: NDArray[np.uint16]
    """A stream of its own. (T,), uint16."""
    document: int
    document_set: str


@dataclass(frozen=True, kw_only=True)
class BitsPerNote:
    """What held-out music costs."""

    bits_per_note: float
    interval: tuple[float, float]
    """95 % bootstrap interval over documents."""
    bits_per_token: dict[str, float]
    """Mean cost of a token of each type."""
    share: dict[str, float]
    """Bits per note that each type contributes; they add up to `bits_per_note`."""
    per_set: dict[str, float]
    """Bits per note of each document set."""
    documents: int
    notes: int
    tokens: int

    def to_json(self) -> dict[str, object]:
        """As plain values for a card."""
        return asdict(self)


Costs = list[NDArray[np.float64]]
"""Bits of each token of each window but its first, which is always BOS."""


def cut_windows(
    shards: Shards, context_tokens: int, *, windows_per_document: int | None = None
) -> tuple[Window, ...]:
    """Cut every document into windows of whole bars that fit the context.

    A bar that alone is longer than the context is cut short.

    Args:
        shards: Held-out documents.
        context_tokens: Longest window.
        windows_per_document: If given, at most so many of each document, evenly spread.
    """
    windows: list[Window] = []
    names = [one.name for one in shards.sets for _ in range(one.documents)]
    for document, name in enumerate(names):
        found = list(_windows_of(shards, document, name, context_tokens))
        count = min(windows_per_document or len(found), len(found))
        windows.extend(found[index * len(found) // count] for index in range(count))
    return tuple(windows)


def sample_windows(shards: Shards, context_tokens: int, max_tokens: int) -> tuple[Window, ...]:
    """A fixed, quick choice: openings of documents in a drawn order, about `max_tokens`."""
    names = [one.name for one in shards.sets for _ in range(one.documents)]
    windows: list[Window] = []
    for document in np.random.default_rng(0).permutation(shards.num_documents):
        if sum(len(window.ids) for window in windows) >= max_tokens:
            break
        windows.append(next(_windows_of(shards, int(document), names[document], context_tokens)))
    return tuple(windows)


def _windows_of(shards: Shards, document: int, name: str, context: int) -> Iterator[Window]:
    whole = np.asarray(shards.document(document))
    starts = bar_starts(whole)
    bar = 0
    while bar < len(starts):
        ids = crop_at(whole, int(starts[bar]), context)
        ends = bar_ends(ids)
        is_rest = ids[-1] == vocabulary().id(Kind.EOS)
        if not is_rest and bar + len(ends) == len(starts):
            ends = ends[:-1]  # the last bar fits but EOS does not: leave both to the next window
        bar += max(len(ends), 1)
        yield Window(ids if is_rest or not len(ends) else ids[: ends[-1]], document, name)


@torch.inference_mode()
def model_costs(
    model: MeloFormer,
    windows: Sequence[Window],
    context_tokens: int,
    *,
    rows: int = 4,
    on_progress: Callable[[int, int], None] | None = None,
) -> Costs:
    """Bits the model gives each token of each window but the first.

    Args:
        model: Is in evaluation mode.
        windows: None longer than `context_tokens`; short ones share a row.
        context_tokens: Length of a row.
        rows: Rows read at once.
        on_progress: Told how many of how many rows are done.
    """
    costs: Costs = [np.zeros(0)] * len(windows)
    packed = _pack(windows, context_tokens)
    for start in range(0, len(packed), rows):
        chosen = packed[start : start + rows]
        streams = [[windows[index].ids for index in row] for row in chosen]
        bits = _token_bits(model, Batch(*pack(streams, context_tokens)))
        for row, row_bits in zip(chosen, bits, strict=True):
            position = 0
            for index in row:
                length = len(windows[index].ids)
                costs[index] = row_bits[position : position + length - 1]
                position += length
        if on_progress:
            on_progress(start + len(chosen), len(packed))
    return costs


def _pack(windows: Sequence[Window], context_tokens: int) -> list[list[int]]:
    """Which windows share a row: each goes where the last one still has room."""
    rows: list[list[int]] = []
    room = 0
    for index, window in enumerate(windows):
        if len(window.ids) > room:
            rows.append([])
            room = context_tokens
        rows[-1].append(index)
        room -= len(window.ids)
    return rows


def _token_bits(model: MeloFormer, batch: Batch) -> NDArray[np.float64]:
    logits = model(batch.inputs)
    targets = batch.targets.clamp(min=0)
    nats = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1).float(), targets.flatten(), reduction="none"
    )
    bits = nats.view_as(targets).double().numpy() / np.log(2.0)
    return np.asarray(bits)


def summarise(windows: Sequence[Window], costs: Costs) -> BitsPerNote:
    """Add up the costs of windows.

    Raises:
        DataError: There is not a single note.
    """
    kind = vocabulary().kind
    types = [TYPE_OF_KIND[kind[window.ids[1:]]] for window in windows]
    notes = np.array([np.count_nonzero(one == TokenType.ONSET) for one in types])
    if notes.sum() == 0:
        raise DataError("there is no held-out note to measure")
    totals = np.array([cost.sum() for cost in costs])
    documents, of_window = np.unique([w.document for w in windows], return_inverse=True)
    document_bits = np.bincount(of_window, totals).astype(np.float64)
    document_notes = np.bincount(of_window, notes).astype(np.float64)
    drawn = resamples(len(documents))
    all_types, all_bits = np.concatenate(types), np.concatenate(costs)
    type_bits = {name: float(all_bits[all_types == one].sum()) for name, one in _GROUPS.items()}
    counts = {name: int(np.count_nonzero(all_types == one)) for name, one in _GROUPS.items()}
    names = np.array([window.document_set for window in windows])
    return BitsPerNote(
        bits_per_note=float(totals.sum() / notes.sum()),
        interval=bounds(document_bits[drawn].sum(1) / np.maximum(document_notes[drawn].sum(1), 1)),
        bits_per_token={name: type_bits[name] / max(counts[name], 1) for name in _GROUPS},
        share={name: type_bits[name] / float(notes.sum()) for name in _GROUPS},
        per_set={
            str(name): float(totals[names == name].sum() / max(notes[names == name].sum(), 1))
            for name in np.unique(names)
        },
        documents=len(documents),
        notes=int(notes.sum()),
        tokens=len(all_bits),
    )
