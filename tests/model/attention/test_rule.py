import torch

from meloformer.model.attention.rule import dense_mask
from meloformer.model.config import ModelConfig
from meloformer.model.inputs import Inputs
from tests.model.streams import pack, permute, random_stream, stack


def streams() -> Inputs:
    """A plain continuation, a piece whose gaps are filled, and two pieces in one row."""
    packed = pack(random_stream(3, 50), random_stream(4, 60, gaps=True), padding=10)
    return stack(random_stream(1), random_stream(2, gaps=True), packed)


def test_a_fill_bar_comes_later_in_the_stream_and_earlier_in_the_piece() -> None:
    bars = random_stream(2, gaps=True).bar[0]
    assert (bars.diff() < 0).any()


def test_the_mask_follows_the_stream_whatever_the_layout(config: ModelConfig) -> None:
    inputs = streams()
    permutation = torch.randperm(inputs.ids.shape[1], generator=torch.Generator().manual_seed(0))
    laid_out = dense_mask(permute(inputs, permutation), config)
    natural = dense_mask(inputs, config)
    assert torch.equal(laid_out, natural[:, permutation][:, :, permutation])


def test_padding_attends_to_itself_and_is_attended_to_by_no_other_token(
    config: ModelConfig,
) -> None:
    inputs = pack(random_stream(5, 40), padding=6)
    mask = dense_mask(inputs, config)[0]
    assert torch.equal(mask[40:], torch.eye(46, dtype=torch.bool)[40:])
    assert not mask[:40, 40:].any()


def test_the_sparse_mask_shows_a_small_part_of_a_long_piece() -> None:
    inputs = random_stream(6, 1500)
    config = ModelConfig(
        vocab_size=1, num_layers=1, dim=64, num_heads=1, num_kv_heads=1, ffn_dim=64
    )
    assert dense_mask(inputs, config).float().mean() < 0.2
