"""Legs: what is left of a plan, as runs of the trainer one after the other.

A leg has rows of one length. It starts from the weights of the leg before, or from those that an
interrupted training has left; the learning rates are those that the whole plan has at its place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from experiments.gpu_train.plan import Stage


@dataclass(frozen=True, slots=True)
class Leg:
    """A part of the training time of a plan."""

    stage: Stage
    begin: float
    """Share of the plan's time, 0 to 1."""
    end: float
    rate: float
    """Share of the plan's learning rates that it begins with."""
    decay: float
    """Last part of the leg in which they fall to zero."""


def legs(stages: Sequence[Stage], decay: float, done: float = 0.0) -> tuple[Leg, ...]:
    """Return the legs that are left.

    Args:
        stages: Of the plan, the last at least as long as `decay`.
        decay: Last part of the plan in which the learning rates fall to zero.
        done: Share of the plan's time that is over, 0 to 1.
    """
    total = sum(one.share for one in stages)
    edges = [share / total for share in accumulate((one.share for one in stages), initial=0.0)]
    edges[-1] = 1.0
    found = []
    for stage, (begin, end) in zip(stages, pairwise(edges), strict=True):
        begin = max(begin, done)
        if begin >= end:
            continue
        is_last = end == 1.0 and decay > 0
        left = 1.0 - begin
        rate = min(1.0, left / decay) if is_last else 1.0
        found.append(Leg(stage, begin, end, rate, min(1.0, decay / left) if is_last else 0.0))
    return tuple(found)
