"""Rotary positions over musical time: half of a head turns with the bar, half with the onset.

A token's place is (bar, onset in bar) and never its index in memory, so that a row may be laid out
in any order. The wavelengths run from four bars to more than any piece, and from a sixteenth note
to more than any bar.

Axes: B row, T position, H head, K head size.
"""

import math

import torch
from torch import Tensor, nn

BAR_WAVELENGTHS = (4.0, 4096.0)
"""Shortest and longest period, in bars."""
ONSET_WAVELENGTHS = (1 / 32, 4.0)
"""Shortest and longest period, in longest bars of eight quarters."""


def _frequencies(wavelengths: tuple[float, float], count: int) -> Tensor:
    """Radians per unit, geometrically spaced. (count,)."""
    shortest, longest = (math.log(length) for length in wavelengths)
    return 2 * math.pi / torch.exp(torch.linspace(shortest, longest, count))


class MusicalRope(nn.Module):
    """The angles of all positions of a batch, worked out once and used by every layer.

    Args:
        head_dim: Width of a head, K.
        bar_ticks: Of the longest bar.
    """

    bar_frequencies: Tensor
    onset_frequencies: Tensor

    def __init__(self, head_dim: int, bar_ticks: int) -> None:
        super().__init__()
        shortest, longest = (bars * bar_ticks for bars in ONSET_WAVELENGTHS)
        of_onset = (shortest, longest)
        self.register_buffer(
            "bar_frequencies", _frequencies(BAR_WAVELENGTHS, head_dim // 4), persistent=False
        )
        self.register_buffer(
            "onset_frequencies", _frequencies(of_onset, head_dim // 4), persistent=False
        )

    def forward(self, bar: Tensor, onset: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        """Return cosine and sine of every position's angles. (B, T, 1, K / 2) each."""
        angles = torch.cat(
            [bar[..., None] * self.bar_frequencies, onset[..., None] * self.onset_frequencies],
            dim=-1,
        )
        return angles.cos()[:, :, None].to(dtype), angles.sin()[:, :, None].to(dtype)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn each pair (i, i + K/2) of the last axis by its angle.

    Args:
        x: Queries or keys. (B, T, H, K).
        cos: From `MusicalRope`. (B, T, 1, K / 2).
        sin: Likewise.
    """
    left, right = x.chunk(2, dim=-1)
    return torch.cat([left * cos - right * sin, right * cos + left * sin], dim=-1)
