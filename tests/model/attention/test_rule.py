import torch

from meloformer.model.attention.rule import dense_mask
from meloformer.model.config import ModelConfig, TokenType
from meloformer.model.inputs import Inputs
from tests.model.streams import pack, permute, random_stream, stack


def sees(query: dict[str, int], key: dict[str, int], config: ModelConfig) -> bool:
    """The table of visibility in plain words, one pair at a time."""
    if query["order"] == key["order"]:
        return True
    if query["doc"] != key["doc"] or query["doc"] < 0 or key["order"] > query["order"]:
        return False
    if config.dense:
        return True
    q_type, k_type = query["type"], key["type"]
    if k_type == TokenType.SUM:
        return config.summaries
    if k_type in (TokenType.SONG, TokenType.HEADER):
        return True
    # The key is a token of a note.
    if q_type == TokenType.SUM and config.summaries:
        return query["bar"] == key["bar"]
    near = abs(query["bar"] - key["bar"]) in config.cross_offsets
    if q_type in (TokenType.HEADER, TokenType.SUM):
        return near
    if q_type == TokenType.SONG:
        return False
    if query["note"] == key["note"]:
        return True
    allowed = k_type in config.type_rule[q_type - TokenType.ONSET]
    return allowed and (near or query["part"] == key["part"])


def slow_mask(inputs: Inputs, config: ModelConfig) -> torch.Tensor:
    rows, length = inputs.ids.shape
    mask = torch.zeros(rows, length, length, dtype=torch.bool)
    for b in range(rows):
        tokens = [
            {name: int(field[b, t]) for name, field in zip(Inputs._fields, inputs, strict=True)}
            for t in range(length)
        ]
        for q in range(length):
            for k in range(length):
                mask[b, q, k] = sees(tokens[q], tokens[k], config)
    return mask


def streams() -> Inputs:
    """A plain continuation, a piece whose gaps are filled, and two pieces in one row."""
    packed = pack(random_stream(3, 50), random_stream(4, 60, gaps=True), padding=10)
    return stack(random_stream(1), random_stream(2, gaps=True), packed)


def test_the_dense_mask_says_what_the_table_says(config: ModelConfig) -> None:
    inputs = streams()
    assert torch.equal(dense_mask(inputs, config), slow_mask(inputs, config))


def test_a_fill_bar_comes_later_in_the_stream_and_earlier_in_the_piece() -> None:
    bars = random_stream(2, gaps=True).bar[0]
    assert (bars.diff() < 0).any()


def test_the_mask_follows_the_stream_whatever_the_layout(config: ModelConfig) -> None:
    inputs = streams()
    permutation = torch.randperm(inputs.ids.shape[1], generator=torch.Generator().manual_seed(0))
    laid_out = dense_mask(permute(inputs, permutation), config)
    natural = dense_mask(inputs, config)
    assert torch.equal(laid_out, natural[:, permutation][:, :, permutation])


def test_padding_sees_itself_and_is_seen_by_no_one(config: ModelConfig) -> None:
    inputs = pack(random_stream(5, 40), padding=6)
    mask = dense_mask(inputs, config)[0]
    assert torch.equal(mask[40:], torch.eye(46, dtype=torch.bool)[40:])
    assert not mask[:40, 40:].any()


def test_the_sparse_mask_sees_a_small_part_of_a_long_piece() -> None:
    inputs = random_stream(6, 1500)
    config = ModelConfig(
        vocab_size=1, num_layers=1, dim=64, num_heads=1, num_kv_heads=1, ffn_dim=64
    )
    assert dense_mask(inputs, config).float().mean() < 0.2
