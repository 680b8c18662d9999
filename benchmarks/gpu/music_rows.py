"""Rows of music of any length, laid out as in training, and heads to attend with."""

from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.music import Ids, medley, pieces, row_of
from meloformer.data.packing import Batch
from meloformer.model.attention.layout import layout
from meloformer.model.config import SIZES, ModelConfig


@cache
def music_rows(shards: Path, length: int, rows: int, config: ModelConfig) -> Batch:
    """Return rows of long pieces, each of other ones, laid out. On the CPU."""
    music = _longest_first(shards)
    step = max(len(music) // (2 * rows), 1)
    batches = [row_of(medley(music[row * step :] + music, length)) for row in range(rows)]
    names = Batch.__dataclass_fields__
    columns = torch.stack([torch.cat([getattr(one, name) for one in batches]) for name in names])
    places = layout(Batch(*columns).inputs, config)
    return Batch(*columns.gather(2, places.expand_as(columns)))


@cache
def _longest_first(shards: Path) -> list[Ids]:
    return sorted(pieces([shards]), key=len, reverse=True)


def heads(size: str, rows: int, length: int, device: str) -> list[Tensor]:
    """Return queries, keys and values in BF16, as slices of one tensor, as a layer has them."""
    config = SIZES[size]
    H, G, K = config.num_heads, config.num_kv_heads, config.head_dim  # noqa: N806  # axes
    torch.manual_seed(0)
    qkv = torch.randn(rows, length, H + 2 * G, K, device=device, dtype=torch.bfloat16)
    return [x.detach().requires_grad_() for x in torch.split(qkv, [H, G, G], dim=2)]
