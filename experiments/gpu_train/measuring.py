"""Bits per note by document set, measured where the model was trained, within a time.

`meloformer evaluate` reads the same windows and gaps on a CPU in float32, and is what a card says;
a GPU reads them in a few seconds, in bfloat16.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TypeVar

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from experiments.gpu_train.plan import MeasurePlan
from experiments.part_bits import READINGS, PartBits, cut_parts, summarise_parts
from meloformer.data.packing import Batch, pack
from meloformer.data.shards import Shards
from meloformer.evaluation.bits_per_note import BitsPerNote, Costs, summarise
from meloformer.evaluation.infill import InfillBits, cut_openings, summarise_openings
from meloformer.evaluation.windows import Window, cut_windows
from meloformer.model.transformer import MeloFormer

T = TypeVar("T")

_ROWS = 16
_WINDOWS = 64
"""Read between two looks at the clock."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Figures of a model on held-out music, or on as much of it as there was time for."""

    everything: BitsPerNote
    groups: Mapping[str, BitsPerNote]
    """Of the document sets that a plan groups, by the name of the group."""
    infill: InfillBits | None
    parts: PartBits | None
    """Of parts that are added and that enter late."""
    share_read: float
    """Of the windows and gaps that were to be read."""
    seconds: float

    def to_json(self) -> dict[str, object]:
        """Return plain values."""
        return {
            "bits_per_note": self.everything.to_json(),
            "groups": {name: one.to_json() for name, one in self.groups.items()},
            "infill": self.infill.to_json() if self.infill else None,
            "parts": self.parts.to_json() if self.parts else None,
            "share_read": round(self.share_read, 4),
            "seconds": round(self.seconds, 1),
        }


@torch.inference_mode()
def device_costs(
    model: MeloFormer, windows: Sequence[Window], context_tokens: int, device: torch.device
) -> Costs:
    """Return what `model_costs` does of a model on a device, and leave the logits there.

    A batch is always of as many rows, so that a kernel is compiled once. On a GPU in bfloat16.

    Args:
        model: In evaluation mode, on the device.
        windows: None longer than `context_tokens`.
        context_tokens: Length of a row.
        device: Of the model.
    """
    costs: Costs = []
    rows = _packed(windows, context_tokens)
    for start in range(0, len(rows), _ROWS):
        chosen = rows[start : start + _ROWS]
        padded = chosen + [[] for _ in range(_ROWS - len(chosen))]
        batch = Batch(*pack([[one.ids for one in row] for row in padded], context_tokens))
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=device.type == "cuda"):
            logits = model(batch.inputs.to(device))
        targets = batch.targets.clamp(min=0).to(device)
        nats = cross_entropy(logits.flatten(0, 1).float(), targets.flatten(), reduction="none")
        bits = nats.view_as(targets).double().cpu().numpy() / np.log(2.0)
        for row, row_bits in zip(chosen, bits, strict=False):  # not those that fill the batch
            ends = np.cumsum([len(one.ids) for one in row])
            costs += [of_one[:-1] for of_one in np.split(row_bits, ends)[:-1]]
    return costs


def _packed(windows: Sequence[Window], context_tokens: int) -> list[list[Window]]:
    """Return the windows of each row: one goes into the last row if it has room."""
    rows: list[list[Window]] = []
    room = 0
    for window in windows:
        if len(window.ids) > room:
            rows.append([])
            room = context_tokens
        rows[-1].append(window)
        room -= len(window.ids)
    return rows


def measure(
    model: MeloFormer,
    held_out: Shards,
    context_tokens: int,
    plan: MeasurePlan,
    seconds_left: Callable[[], float],
) -> Measured:
    """Measure a model on held-out music, on the GPU if there is one.

    What there is no time for is left out evenly over the document sets.

    Args:
        model: In evaluation mode, on the CPU.
        held_out: Held-out music.
        context_tokens: Longest window.
        plan: What is measured.
        seconds_left: How long it may still take.

    Raises:
        DataError: There is no held-out note, or was no time to read one.
    """
    began = time.monotonic()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    read = partial(_read, model.to(device), device, context_tokens)

    def cut(context: int) -> tuple[Window, ...]:
        return _spread(
            cut_windows(held_out, context, windows_per_document=plan.windows_per_document)
        )

    windows = cut(context_tokens)
    also = cut(plan.also_context) if plan.also_context else ()
    openings = _spread(cut_openings(held_out, context_tokens)) if plan.infill else ()
    parts = _spread(cut_parts(held_out, context_tokens)) if plan.parts else ()
    # What comes first has its share of the time, so that there is some left for the rest.
    to_read = [
        windows,
        also,
        list(
            chain.from_iterable((one.both_sides.window, one.left_alone.window) for one in openings)
        ),
        list(chain.from_iterable((reading.window for reading in one) for one in parts)),
    ]
    found: list[Costs] = []
    for index, some in enumerate(to_read):
        left = sum(map(len, to_read[index:]))
        found.append(read(some, _seconds_until(seconds_left() * len(some) / max(left, 1))))
    costs, of_also, of_gaps, of_parts = found
    read_windows, read_also = windows[: len(costs)], also[: len(of_also)]
    groups = {
        name: _of_sets(read_windows, costs, sets)
        for name, sets in plan.groups.items()
        if any(one.document_set in sets for one in read_windows)
    }
    if read_also:
        groups[f"windows of {plan.also_context:,}"] = summarise(read_also, of_also)
    num_gaps, num_parts = len(of_gaps) // 2, len(of_parts) // len(READINGS)
    return Measured(
        everything=summarise(read_windows, costs),
        groups=groups,
        infill=summarise_openings(openings[:num_gaps], of_gaps[::2], of_gaps[1::2])
        if num_gaps
        else None,
        parts=summarise_parts(
            parts[:num_parts], [of_parts[index :: len(READINGS)] for index in range(len(READINGS))]
        )
        if num_parts
        else None,
        share_read=sum(map(len, found)) / sum(map(len, to_read)),
        seconds=time.monotonic() - began,
    )


def _seconds_until(seconds: float) -> Callable[[], float]:
    """Return what tells how much is left of some seconds from now."""
    until = time.monotonic() + seconds
    return lambda: until - time.monotonic()


def _read(
    model: MeloFormer,
    device: torch.device,
    context_tokens: int,
    windows: Sequence[Window],
    seconds_left: Callable[[], float],
) -> Costs:
    """Return the costs of the first windows, of as many as there is time for."""
    costs: Costs = []
    for start in range(0, len(windows), _WINDOWS):
        if costs and seconds_left() <= 0:
            break
        some = windows[start : start + _WINDOWS]
        costs += device_costs(model, some, context_tokens, device)
    return costs


def _of_sets(windows: Sequence[Window], costs: Costs, sets: Sequence[str]) -> BitsPerNote:
    chosen = [
        (window, cost)
        for window, cost in zip(windows, costs, strict=True)
        if window.document_set in sets
    ]
    return summarise([window for window, _ in chosen], [cost for _, cost in chosen])


def _spread(items: Sequence[T]) -> tuple[T, ...]:
    """Order items so that the first few are spread evenly over all of them."""
    step = max(1, len(items) // 16)
    return tuple(chain.from_iterable(items[start::step] for start in range(step)))
