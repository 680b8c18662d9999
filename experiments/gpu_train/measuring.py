"""Bits per note by document set, measured where the model was trained, within a time.

`meloformer evaluate` reads the same windows and gaps on a CPU in float32, and is what a card says;
a GPU reads them in a few seconds, in bfloat16.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

import torch
from torch import Tensor, nn

from experiments.gpu_train.plan import MeasurePlan
from meloformer.data.shards import Shards
from meloformer.evaluation.bits_per_note import BitsPerNote, Costs, model_costs, summarise
from meloformer.evaluation.infill import InfillBits, Opening, cut_openings, summarise_openings
from meloformer.evaluation.windows import Window, cut_windows
from meloformer.model.inputs import Inputs
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
    share_read: float
    """Of the windows and gaps that were to be read."""
    seconds: float

    def to_json(self) -> dict[str, object]:
        """Return plain values."""
        return {
            "bits_per_note": self.everything.to_json(),
            "groups": {name: one.to_json() for name, one in self.groups.items()},
            "infill": self.infill.to_json() if self.infill else None,
            "share_read": round(self.share_read, 4),
            "seconds": round(self.seconds, 1),
        }


class OnDevice(nn.Module):
    """A model on some device, for inputs and logits on the CPU; on a GPU in bfloat16."""

    def __init__(self, model: MeloFormer, device: torch.device) -> None:
        super().__init__()
        self._model, self._device = model.to(device), device

    def forward(self, inputs: Inputs) -> Tensor:
        """Return the logits of the token after each position. (B, T, V), float32."""
        on_gpu = self._device.type == "cuda"
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=on_gpu):
            logits: Tensor = self._model(inputs.to(self._device))
        return logits.float().cpu()


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
    reader = OnDevice(model, device)
    windows = _spread(
        cut_windows(held_out, context_tokens, windows_per_document=plan.windows_per_document)
    )
    openings = _spread(cut_openings(held_out, context_tokens)) if plan.infill else ()
    share = len(windows) / max(len(windows) + 2 * len(openings), 1)
    until = seconds_left() * share
    costs = _read(reader, windows, context_tokens, lambda: until - (time.monotonic() - began))
    of_gaps = _read_gaps(reader, openings, context_tokens, seconds_left)
    read = windows[: len(costs)]
    return Measured(
        everything=summarise(read, costs),
        groups={name: _of_sets(read, costs, sets) for name, sets in plan.groups.items()},
        infill=summarise_openings(openings[: len(of_gaps[0])], *of_gaps) if of_gaps[0] else None,
        share_read=(len(costs) + 2 * len(of_gaps[0])) / (len(windows) + 2 * len(openings)),
        seconds=time.monotonic() - began,
    )


def _read(
    reader: OnDevice,
    windows: Sequence[Window],
    context_tokens: int,
    seconds_left: Callable[[], float],
) -> Costs:
    """Return the costs of the first windows, of as many as there is time for."""
    costs: Costs = []
    for start in range(0, len(windows), _WINDOWS):
        if costs and seconds_left() <= 0:
            break
        some = windows[start : start + _WINDOWS]
        costs += model_costs(reader, some, context_tokens, rows=_ROWS)  # type: ignore[arg-type]  # called as a model is
    return costs


def _read_gaps(
    reader: OnDevice,
    openings: Sequence[Opening],
    context_tokens: int,
    seconds_left: Callable[[], float],
) -> tuple[Costs, Costs]:
    """Return the costs of the first gaps with both sides, and with the left alone."""
    both = ((one.both_sides.window, one.left_alone.window) for one in openings)
    costs = _read(reader, list(chain.from_iterable(both)), context_tokens, seconds_left)
    return costs[::2], costs[1::2]


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
