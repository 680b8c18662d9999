"""What cuDNN is told of our mask, without cuDNN."""

from importlib.util import find_spec

import pytest
import torch

from benchmarks.gpu.cudnn_flex import by_cudnn_flex, ends_of
from meloformer.errors import ConfigError
from meloformer.model.attention.rule import dense_mask
from meloformer.model.config import SIZES
from meloformer.model.inputs import Inputs
from tests.model.real_rows import all_rows, real_rows


def seen_by(ends: torch.Tensor, rows: Inputs) -> torch.Tensor:
    """Read the ends as cuDNN's documentation says: [0, e0), [e1, e2) and so on. (B, T, T)."""
    count, length = rows.ids.numel(), rows.ids.shape[1]
    key = torch.arange(length)
    seen = torch.zeros(count, length, dtype=torch.bool)
    firsts = torch.cat([torch.zeros(1, count), ends[0, 1::2]])
    for first, end in zip(firsts, ends[0, ::2], strict=True):
        seen |= (key >= first[:, None]) & (key < end[:, None])
    return seen.reshape(-1, length, length)


@pytest.mark.parametrize("which", range(len(all_rows())))
def test_ends_are_those_of_the_mask(which: int) -> None:
    rows = all_rows()[which]
    ends = ends_of(rows, SIZES["tiny"])
    assert ends.dtype == torch.int32
    assert ends.shape[1] % 2 == 1
    assert torch.equal(seen_by(ends, rows), dense_mask(rows, SIZES["tiny"]))


@pytest.mark.skipif(find_spec("cudnn") is not None, reason="cuDNN's frontend is installed")
def test_without_cudnn_the_row_says_so() -> None:
    with pytest.raises(ConfigError, match="not installed"):
        by_cudnn_flex(real_rows(), "tiny")
