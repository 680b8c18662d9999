"""Muon, with its matrix products in the precision that the device multiplies well."""

import math
from typing import Any

import torch
from torch import Tensor


class Muon(torch.optim.Muon):
    """torch's Muon, which multiplies in float32 on a CPU.

    Torch makes each update orthogonal in bfloat16. Processors without instructions for it, which
    are most of those in laptops, multiply such matrices thirty times slower than float32.
    """

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Update each matrix by its gradient."""
        del closure
        for group in self.param_groups:
            for matrix in group["params"]:
                if matrix.grad is not None:
                    self._update(matrix, matrix.grad, group)

    def _update(self, matrix: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        state = self.state[matrix]
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = torch.zeros_like(gradient)
        mean = state["momentum_buffer"].lerp_(gradient, 1 - group["momentum"])
        update = gradient.lerp(mean, group["momentum"]) if group["nesterov"] else mean
        update = orthogonalise(update, group, _precision(matrix.device))
        rows, columns = matrix.shape
        matrix.mul_(1 - group["lr"] * group["weight_decay"])
        matrix.add_(update, alpha=-group["lr"] * math.sqrt(max(1, rows / columns)))


def orthogonalise(matrix: Tensor, group: dict[str, Any], dtype: torch.dtype) -> Tensor:
    """Return a matrix whose singular values are near 1, by Newton-Schulz iterations.

    Args:
        matrix: (M, N).
        group: Settings: `ns_coefficients`, `ns_steps` and `eps`.
        dtype: What it is multiplied in, and the type of the result.
    """
    a, b, c = group["ns_coefficients"]
    x = matrix.to(dtype)
    is_tall = matrix.size(0) > matrix.size(1)
    x = x.T if is_tall else x
    x = x / x.norm().clamp(min=group["eps"])
    for _ in range(group["ns_steps"]):
        gram = x @ x.T
        x = torch.addmm(x, torch.addmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.T if is_tall else x


def _precision(device: torch.device) -> torch.dtype:
    return torch.float32 if device.type == "cpu" else torch.bfloat16
