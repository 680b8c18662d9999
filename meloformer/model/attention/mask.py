"""The interface of a mask that is ready for attention, whichever path computes it.

Axes: B row, T query position, S key position, H query head, G key/value head, K head size.
"""

from typing import Protocol

from torch import Tensor


class AttentionMask(Protocol):
    """A mask made ready for attention, once per batch and shared by all layers."""

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Return softmax attention over the visible keys.

        Args:
            q: Queries. (B, T, H, K).
            k: Keys. (B, S, G, K).
            v: Values. (B, S, G, K).

        Returns:
            (B, T, H, K).
        """
