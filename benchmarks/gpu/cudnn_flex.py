"""Attention by `cudnn.flex_attention`, which takes the ends of what each query sees.

It comes with `nvidia-cudnn-frontend` from 1.32 on, which nothing else here needs: where it isn't
installed, the row says so.

Axes: B row, T position, K head size, E ends of a query.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor

from meloformer.errors import ConfigError
from meloformer.model.attention.mask import AttentionMask
from meloformer.model.attention.rule import MaskFields, visible
from meloformer.model.config import SIZES, ModelConfig
from meloformer.model.inputs import Inputs

QUERIES_AT_ONCE = 256


class CudnnFlex:
    """A mask as a plan of cuDNN's, made at the first call, when there are heads to make it for.

    So what is measured as the time of making the mask is that of finding the ends, done plainly.
    """

    def __init__(self, ends: Tensor) -> None:
        self._ends = ends
        self._plan: Any = None

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """See `AttentionMask.attend`."""
        cudnn = import_module("cudnn.flex_attention")
        if self._plan is None:
            self._plan = cudnn.create_mask_plan(self._ends, q, k, v, build_backward=True)
        mixed: Tensor = cudnn.flex_attn_func(q, k, v, mask_plan=self._plan)
        return mixed


def by_cudnn_flex(rows: Inputs, size: str) -> AttentionMask:
    """Return our mask for cuDNN.

    Raises:
        ConfigError: It isn't installed.
    """
    if find_spec("cudnn") is None or find_spec("cudnn.flex_attention") is None:
        raise ConfigError("nvidia-cudnn-frontend 1.32 or newer is not installed")
    return CudnnFlex(ends_of(rows, SIZES[size]))


def ends_of(rows: Inputs, config: ModelConfig) -> Tensor:
    """Return what each query sees as [0, e0), [e1, e2), [e3, e4), ... (1, E, B * T), int32.

    E is odd, and as large as the query with most stretches needs; what is left is empty.
    """
    found: list[Tensor] = []
    for row in zip(*rows, strict=True):
        one = Inputs(*row)
        fields = MaskFields.of(one, config)
        for first in range(0, len(one.ids), QUERIES_AT_ONCE):
            some = Inputs(*(field[first : first + QUERIES_AT_ONCE] for field in one))
            queries = MaskFields.of(some, config).queries()
            found += list(_ends(visible(queries, fields.keys(), config)))
    most = max(map(len, found)) | 1
    ends = torch.zeros(len(found), most, dtype=torch.int32, device=rows.ids.device)
    for query, of_query in zip(ends, found, strict=True):
        query[: len(of_query)] = of_query
    return ends.T.contiguous()[None]


def _ends(seen: Tensor) -> tuple[Tensor, ...]:
    """Return the ends of each query's stretches, in pairs, but for the first begin, which is 0.

    Args:
        seen: Which keys each query sees. (Q, T), bool.
    """
    before = torch.nn.functional.pad(seen, (1, 1))
    query, at = (before[:, 1:] != before[:, :-1]).nonzero(as_tuple=True)
    # One that doesn't see the first key begins with an empty stretch, [0, 0).
    late = ~seen[:, 0]
    query = torch.cat([query, late.nonzero()[:, 0]])
    at = torch.cat([at, at.new_zeros(len(query) - len(at))])
    order = (query * (seen.shape[1] + 1) + at).argsort(stable=True)
    counts = torch.bincount(query, minlength=len(seen)).tolist()
    ends = at[order].split(counts)
    return tuple(
        one if begins_late else one[1:]
        for one, begins_late in zip(ends, late.tolist(), strict=True)
    )
