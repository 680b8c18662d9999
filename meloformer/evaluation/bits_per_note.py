"""Bits per note on music the model has never seen: all token costs, divided by the notes.

Documents are cut at bar lines into windows that fit the context; each window is a stream of its
own and starts without any knowledge of what came before.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from meloformer.data.packing import Batch, pack
from meloformer.errors import DataError
from meloformer.evaluation.bootstrap import ConfidenceInterval, bounds, resamples
from meloformer.evaluation.windows import Window
from meloformer.model.transformer import MeloFormer
from meloformer.tokens.vocabulary import Kind, vocabulary

_KINDS: dict[str, tuple[Kind, ...]] = {
    "onset": (Kind.ONSET,),
    "pitch": (Kind.PITCH, Kind.DRUM),
    "duration": (Kind.DURATION,),
    "velocity": (Kind.VELOCITY,),
    "chord": (Kind.CHORD,),
    "part": (Kind.PROGRAM, Kind.INSTANCE),
    "sum": (Kind.SUM,),
    "song": (Kind.EOS, Kind.METRE, Kind.TEMPO, Kind.GAP, Kind.FILL),
}


@dataclass(frozen=True, kw_only=True)
class BitsPerNote:
    """Bits of held-out music; intervals are 95 % of a bootstrap over documents."""

    bits_per_note: float
    interval: tuple[float, float]
    without_chords: ConfidenceInterval
    """The same without the bits of chord tokens, for models that have no chords. The notes after a
    chord still know it, so a model without any chords would need more."""
    bits_per_token: dict[str, float]
    """Mean cost of a token of each type."""
    share: dict[str, float]
    """Bits per note that each type contributes; they add up to `bits_per_note`."""
    share_interval: dict[str, tuple[float, float]]
    per_set: dict[str, float]
    """Bits per note of each document set."""
    documents: int
    notes: int
    tokens: int

    def to_json(self) -> dict[str, object]:
        """Return plain values for a card."""
        return asdict(self)


Costs = list[NDArray[np.float64]]
"""Bits of each token of each window but its first, which is always BOS."""


@torch.inference_mode()
def model_costs(
    model: MeloFormer,
    windows: Sequence[Window],
    context_tokens: int,
    *,
    rows: int = 4,
    on_progress: Callable[[int, int], None] | None = None,
) -> Costs:
    """Return the bits that the model gives each token of each window but the first.

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
    """Return the windows of each row: a window goes into the last row if it has room."""
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
    targets = batch.targets.clamp(min=0).to(logits.device)
    nats = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1).float(), targets.flatten(), reduction="none"
    )
    bits = nats.view_as(targets).cpu().double().numpy() / np.log(2.0)
    return np.asarray(bits)


def summarise(windows: Sequence[Window], costs: Costs) -> BitsPerNote:
    """Add up the bits of windows.

    Raises:
        DataError: There is not a single note.
    """
    document = np.array([window.document for window in windows], dtype=np.int64)
    documents, first, of_window = np.unique(document, return_index=True, return_inverse=True)
    kind = vocabulary().kind
    kinds = np.concatenate([kind[:0], *(kind[window.ids[1:]] for window in windows)])
    of_token = np.repeat(of_window, [len(window.ids) - 1 for window in windows])
    bits = np.concatenate([np.zeros(0), *costs])

    def by_document(chosen: NDArray[np.bool_], weights: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(of_token[chosen], weights[chosen], len(documents)).astype(np.float64)

    notes = by_document(kinds == Kind.ONSET, np.ones(len(bits)))
    if notes.sum() == 0:
        raise DataError("there is no held-out note to measure")
    drawn = resamples(len(documents))
    drawn_notes = np.maximum(notes[drawn].sum(axis=1), 1)

    def per_note(document_bits: NDArray[np.float64]) -> ConfidenceInterval:
        interval = bounds(document_bits[drawn].sum(axis=1) / drawn_notes)
        return ConfidenceInterval(float(document_bits.sum() / notes.sum()), *interval)

    is_of = {name: np.isin(kinds, one) for name, one in _KINDS.items()}
    by_type = {name: by_document(chosen, bits) for name, chosen in is_of.items()}
    total = by_document(np.ones(len(bits), dtype=bool), bits)
    whole, shares = per_note(total), {name: per_note(one) for name, one in by_type.items()}
    sets = np.array([windows[index].document_set for index in first])
    return BitsPerNote(
        bits_per_note=whole.value,
        interval=(whole.low, whole.high),
        without_chords=per_note(total - by_type["chord"]),
        bits_per_token={
            name: float(bits[chosen].sum() / max(np.count_nonzero(chosen), 1))
            for name, chosen in is_of.items()
        },
        share={name: one.value for name, one in shares.items()},
        share_interval={name: (one.low, one.high) for name, one in shares.items()},
        per_set={
            str(name): float(total[sets == name].sum() / max(notes[sets == name].sum(), 1))
            for name in np.unique(sets)
        },
        documents=len(documents),
        notes=int(notes.sum()),
        tokens=len(bits),
    )
