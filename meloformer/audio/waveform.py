"""Sound as samples.

Waveforms are (N, 2), float32 in [-1, 1]: N samples of left and right.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Waveform:
    """Stereo sound."""

    samples: NDArray[np.float32]
    """(N, 2), float32 in [-1, 1]."""
    sample_rate: int
    """Samples per second of each side."""

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.sample_rate
