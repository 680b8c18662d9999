"""Muon, with its matrix products as the device multiplies them well."""

import math
from typing import Any

import torch
from torch import Tensor


class Muon(torch.optim.Muon):
    """torch's Muon, in float32 on a CPU, and for all matrices of one shape at once on a GPU.

    Torch makes each update orthogonal in bfloat16. Processors without instructions for it, which
    are most of those in laptops, multiply such matrices thirty times slower than float32. And it
    does so one matrix after the other, which leaves a GPU waiting to be told what is next.
    """

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Update each matrix by its gradient."""
        del closure
        for group in self.param_groups:
            trained = [matrix for matrix in group["params"] if matrix.grad is not None]
            for matrices in _of_one_shape(trained):
                self._update(matrices, group)

    def _update(self, matrices: list[Tensor], group: dict[str, Any]) -> None:
        """Update matrices of one shape."""
        gradients = [matrix.grad for matrix in matrices if matrix.grad is not None]
        means = [self._mean_of(matrix) for matrix in matrices]
        momentum, rate = group["momentum"], group["lr"]
        torch._foreach_lerp_(means, gradients, 1 - momentum)
        ahead = torch._foreach_lerp(gradients, means, momentum) if group["nesterov"] else means
        together = torch.stack(list(ahead)) if len(ahead) > 1 else ahead[0]
        update = orthogonalise(together, group, _precision(matrices[0].device))
        updates = list(update.to(matrices[0].dtype).unbind()) if len(ahead) > 1 else [update]
        rows, columns = matrices[0].shape
        torch._foreach_mul_(matrices, 1 - rate * group["weight_decay"])
        torch._foreach_add_(matrices, updates, alpha=-rate * math.sqrt(max(1, rows / columns)))

    def _mean_of(self, matrix: Tensor) -> Tensor:
        """Return the running mean of a matrix's gradients, which begins at zero."""
        state = self.state[matrix]
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = torch.zeros_like(matrix)
        mean: Tensor = state["momentum_buffer"]
        return mean


def orthogonalise(matrices: Tensor, group: dict[str, Any], dtype: torch.dtype) -> Tensor:
    """Return matrices whose singular values are near 1, by Newton-Schulz iterations.

    Args:
        matrices: (M, N), or many of them, (L, M, N).
        group: Settings: `ns_coefficients`, `ns_steps` and `eps`.
        dtype: What they are multiplied in, and the type of the result.
    """
    a, b, c = group["ns_coefficients"]
    add_product = torch.addmm if matrices.ndim == 2 else torch.baddbmm
    x = matrices.to(dtype)
    is_tall = x.size(-2) > x.size(-1)
    x = x.mT if is_tall else x
    norm = torch.linalg.vector_norm(x, dim=(-2, -1), keepdim=True)
    x = x / norm.clamp(min=group["eps"])
    for _ in range(group["ns_steps"]):
        gram = x @ x.mT
        x = add_product(x, add_product(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.mT if is_tall else x


def _precision(device: torch.device) -> torch.dtype:
    return torch.float32 if device.type == "cpu" else torch.bfloat16


def _of_one_shape(matrices: list[Tensor]) -> list[list[Tensor]]:
    """Return the matrices in groups that are worth multiplying together."""
    alike: dict[object, list[Tensor]] = {}
    for number, matrix in enumerate(matrices):
        kind = matrix.shape if _multiplies_batches(matrix.device) else number
        alike.setdefault(kind, []).append(matrix)
    return list(alike.values())


def _multiplies_batches(device: torch.device) -> bool:
    return device.type != "cpu"
