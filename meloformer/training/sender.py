"""Batches on their way to the device, with their masks, while it still computes the step before.

Axes: B row, T position.
"""

from collections import deque
from typing import NamedTuple

import torch
from torch import Tensor

from meloformer.data.packing import Batch
from meloformer.model.attention.mask import AttentionMask
from meloformer.model.transformer import MeloFormer
from meloformer.training.precision import Precision


class SentBatch(NamedTuple):
    """A batch for the device."""

    batch: Batch
    mask: AttentionMask | None = None
    """Made ahead; without it the model makes its own."""
    arrived: torch.cuda.Event | None = None
    """When both are there, if the device is not waited for."""


class Sender:
    """Sends batches to a device and makes their masks there.

    How large a mask is, is known on the device alone, so that making one waits for it. On a GPU
    that happens beside the step that it computes, and not after it.

    Args:
        model: Reads the batches, in training.
        precision: In which it does.
        device: On which it does.
    """

    def __init__(self, model: MeloFormer, precision: Precision, device: torch.device) -> None:
        self._model, self._precision, self._device = model, precision, device
        on_gpu = device.type == "cuda"
        self._stream = torch.cuda.Stream(device, priority=-1) if on_gpu else None  # type: ignore[no-untyped-call]  # torch
        self._steps: deque[torch.cuda.Event] = deque(maxlen=2)
        """The ends of the last steps that were begun."""

    def send(self, columns: Tensor) -> SentBatch:
        """Send the columns of a batch, which are int64 only from there on. (9, B, T)."""
        if self._stream is None:
            return SentBatch(Batch(*columns.to(self._device, torch.int64)))
        # What the step before the last one read is no longer kept: its memory is taken again.
        if len(self._steps) == self._steps.maxlen:
            self._stream.wait_event(self._steps[0])
        with torch.cuda.stream(self._stream):
            sent = columns.pin_memory().to(self._device, non_blocking=True)
            batch = Batch(*sent.long())
            with self._precision.autocast():
                mask = self._model.mask_of(batch.inputs)
            return SentBatch(batch, mask, self._stream.record_event())

    def receive(self, sent: SentBatch) -> None:
        """Let the step that is begun now wait until a batch has arrived."""
        if sent.arrived is not None:
            torch.cuda.current_stream(self._device).wait_event(sent.arrived)

    def step_is_begun(self) -> None:
        """Note that the device has been told all of a step."""
        if self._stream is not None:
            self._steps.append(torch.cuda.current_stream(self._device).record_event())
