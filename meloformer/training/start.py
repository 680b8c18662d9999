"""How long the stages of a start take, from the command to the end of the first step."""

import time

import psutil

STAGES = ("python", "torch", "device", "model", "evaluation", "batch", "step")
"""The process and what it imports without torch; torch and the trainer; joining other processes and
the device; weights, optimiser and music; measuring the base; the first batch, with its mask; the
first step, which compiles."""


class StartClock:
    """A clock that is read at the end of each stage; it began when this process did.

    When that was the system says to a second or so.
    """

    def __init__(self) -> None:
        self._before = psutil.Process().create_time()
        self._seconds: dict[str, float] = {}

    def is_over(self, stage: str) -> None:
        """Note that a stage is over and the next one begins."""
        now = time.time()
        self._seconds[stage] = max(now - self._before, 0.0)
        self._before = now

    def seconds(self) -> dict[str, float]:
        """Return how long each stage took that is over, as `python_s` and so on."""
        return {f"{stage}_s": one for stage, one in self._seconds.items()}
