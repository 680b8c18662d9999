"""The loss of many tokens without the logits of all of them in memory.

Logits are made for some positions, their loss and its gradient are taken, and they are gone. What
is kept, the gradients of the output layer's input and of its weight, is as large as these.

Axes: M position, D width, V vocabulary.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

CHUNK = 8192
"""Positions whose logits are in memory at once."""


class Taught(NamedTuple):
    """What a teacher holds probable at each position, and how much that counts."""

    logits: Tensor
    """Of the teacher. (..., V)."""
    share: float
    """Of the loss, from 0 to 1; the music says the rest."""

    def flat(self) -> "Taught":
        """Return the same with one axis of positions. (M, V)."""
        return self._replace(logits=self.logits.flatten(0, -2))


def chunked_loss(
    x: Tensor,
    weight: Tensor,
    targets: Tensor,
    chunk: int = CHUNK,
    taught: Taught | None = None,
) -> Tensor:
    """Return the sum of the losses of all positions, in nats.

    As `cross_entropy(linear(x, weight).float(), targets, reduction="sum")`, under autocast as well.
    With a teacher the right answer is in part its distribution (Hinton, Vinyals and Dean 2015,
    "Distilling the knowledge in a neural network", at temperature 1).

    Args:
        x: What the output layer reads. (M, D).
        weight: Of the output layer. (V, D).
        targets: The right one of V; a negative number where none is predicted. (M,), int64.
        chunk: Positions whose logits are in memory at once.
        taught: What a teacher says of the same positions. (M, V).
    """
    device = x.device.type
    in_autocast = torch.is_autocast_enabled(device)
    dtype = torch.get_autocast_dtype(device) if in_autocast else x.dtype
    loss: Tensor = _ChunkedLoss.apply(x, weight, targets, chunk, dtype, taught)  # type: ignore[no-untyped-call]  # torch
    return loss


class _ChunkedLoss(torch.autograd.Function):
    """Makes the gradients in the forward pass: the loss is a sum, so they only need a factor."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight: Tensor,
        targets: Tensor,
        chunk: int,
        dtype: torch.dtype,
        taught: Taught | None,
    ) -> Tensor:
        """Return the loss, and keep both gradients."""
        of_x = torch.empty_like(x) if ctx.needs_input_grad[0] else None
        of_weight = torch.zeros_like(weight) if ctx.needs_input_grad[1] else None
        rounded = weight.to(dtype)
        exact = torch.promote_types(x.dtype, torch.float32)
        loss = torch.zeros((), dtype=exact, device=x.device)
        share = 0.0 if taught is None else taught.share
        with torch.autocast(x.device.type, enabled=False):
            for first in range(0, len(x), chunk):
                inside = slice(first, first + chunk)
                read, target = x[inside].to(dtype), targets[inside, None]
                counts, right = target >= 0, target.clamp(min=0)
                logits = (read @ rounded.T).to(exact)
                log_sum = logits.logsumexp(dim=1, keepdim=True)
                expected = (1 - share) * logits.gather(1, right)
                probable = None
                if taught is not None:
                    probable = share * taught.logits[inside].to(exact).softmax(dim=1)
                    expected += (probable * logits).sum(dim=1, keepdim=True)
                loss += ((log_sum - expected) * counts).sum()
                error = logits.sub_(log_sum).exp_()
                error.scatter_add_(1, right, torch.full_like(log_sum, share - 1.0))
                if probable is not None:
                    error -= probable
                error = (error * counts).to(dtype)
                if of_x is not None:
                    of_x[inside] = error @ rounded
                if of_weight is not None:
                    of_weight += error.T @ read
        ctx.save_for_backward(of_x, of_weight)
        return loss

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, factor: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of x and weight."""
        of_x, of_weight = (
            None if one is None else one * factor.to(one.dtype) for one in ctx.saved_tensors
        )
        return of_x, of_weight, None, None, None, None
