"""Attention computed again in the backward pass, by each path that has gradients on a CPU."""

import pytest
import torch

from meloformer.model.attention.paths import AttentionPath
from tests.model.conftest import loud_model
from tests.model.rows import laid_out
from tests.model.streams import random_stream


def gradients(path: AttentionPath, *, again: bool) -> list[torch.Tensor]:
    model, rows = loud_model().train(), laid_out(random_stream(0, 128))
    model.forced_path, model.checkpoint_attention = path, again
    loss = model(rows, targets=rows.ids.roll(-1, dims=1))
    return list(torch.autograd.grad(loss, list(model.parameters())))


@pytest.mark.parametrize(
    "path", [AttentionPath.PLAIN, AttentionPath.GATHERED, AttentionPath.SPARSE]
)
def test_gradients_are_those_of_what_is_kept(path: AttentionPath) -> None:
    kept, recomputed = (gradients(path, again=again) for again in (False, True))
    for one, other in zip(recomputed, kept, strict=True):
        torch.testing.assert_close(one, other)
