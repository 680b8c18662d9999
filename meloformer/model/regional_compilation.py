"""Regions of a model compiled by torch, one compilation for all layers.

What is compiled takes a module as its argument, so weights are data: another layer, another model
of the same size and another batch of the same shape compile nothing anew, and no module changes its
name. Attention stays outside: it is compiled by itself, and what it reads of a mask has another
length for each batch.
"""

from collections.abc import Callable
from functools import cache
from typing import ParamSpec, TypeVar

import torch

P = ParamSpec("P")
R = TypeVar("R")

MAX_COMPILED = 64
"""Variants of one region that a process may compile: some 10 shapes, and a few of each."""


@cache
def compiled_region(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function that computes the same, compiled when it is first called with a shape."""
    from torch._dynamo import config  # loading it takes a second

    config.recompile_limit = max(config.recompile_limit, MAX_COMPILED)
    # It would cut regions in pieces where several processes average their gradients.
    config.optimize_ddp = False
    compiled: Callable[P, R] = torch.compile(function, dynamic=False, fullgraph=True)
    return compiled
