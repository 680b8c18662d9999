import pytest
import torch

from meloformer.errors import DataError
from meloformer.model.attention.block_mask import block_mask, from_tables
from meloformer.model.attention.rule import dense_mask
from meloformer.model.attention.visible_blocks import BLOCK
from meloformer.model.config import ModelConfig
from tests.model.conftest import CONFIG
from tests.model.real_rows import all_rows, real_rows
from tests.model.rows import every_pair, random_rows
from tests.model.streams import random_stream


def pairs(table: torch.Tensor, *, of: torch.Tensor) -> torch.Tensor:
    """The pairs of some blocks. (B, T, T)."""
    return of & table.repeat_interleave(BLOCK, 1).repeat_interleave(BLOCK, 2)


def tables(count: torch.Tensor, indices: torch.Tensor) -> torch.Tensor:
    """What a block mask lists, as a table. (B, N, N), bool."""
    listed = torch.arange(indices.shape[-1]) < count[..., None]
    empty = torch.zeros(indices.shape, dtype=torch.int)
    return empty.scatter_(3, indices.long(), listed.int())[:, 0].bool()


def test_forward_and_backward_kernels_compute_just_the_visible_pairs(config: ModelConfig) -> None:
    """Both kernels read: all pairs of the full blocks, and those of the others that mask_mod lets.

    FlexAttention has no gradient on a CPU; equal pairs in both directions stand for it.
    """
    for rows in all_rows():
        mask = block_mask(rows, config)
        allowed = every_pair(mask.mask_mod, rows)
        everything = torch.ones_like(allowed)
        visible = dense_mask(rows, config)
        forward = [
            tables(mask.kv_num_blocks, mask.kv_indices),
            tables(mask.full_kv_num_blocks, mask.full_kv_indices),
        ]
        backward = [
            tables(mask.q_num_blocks, mask.q_indices).mT,
            tables(mask.full_q_num_blocks, mask.full_q_indices).mT,
        ]
        for partial, full in (forward, backward):
            assert not (partial & full).any()
            read = pairs(partial, of=allowed) | pairs(full, of=everything)
            assert torch.equal(read, visible)


def test_nothing_of_the_size_of_all_pairs_is_made() -> None:
    rows = random_stream(0, 128 * BLOCK // 4).padded(128 * BLOCK)
    mask = block_mask(rows, CONFIG)
    assert mask.kv_indices.numel() == 128 * 128


def test_rows_that_are_no_whole_number_of_blocks_are_refused() -> None:
    with pytest.raises(DataError, match=r"rows of 200 tokens are no whole number of blocks of 128"):
        block_mask(random_stream(0, 200), CONFIG)


def test_queries_without_a_key_are_refused() -> None:
    partial = torch.eye(3, dtype=torch.bool)[None].clone()
    partial[0, 1, 1] = False
    with pytest.raises(DataError, match="row 0 leaves tokens 128 to 255 without a key"):
        from_tables(partial, torch.zeros_like(partial), lambda b, h, q, kv: q >= kv)


def test_fields_that_disagree_are_refused_before_the_kernel_runs() -> None:
    rows = random_rows()
    with pytest.raises(DataError, match="two tokens at one place of the stream"):
        block_mask(rows._replace(order=torch.zeros_like(rows.order)), CONFIG)
    assert block_mask(real_rows(), CONFIG).seq_lengths == (1024, 1024)
