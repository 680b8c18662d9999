"""Sparse attention without a GPU: the kernels run as Python, slowly and exactly."""

from dataclasses import replace

import pytest
import torch

from meloformer.errors import ConfigError, DataError
from meloformer.model.attention.mask import AttentionMask
from meloformer.model.attention.paths import AttentionPath
from meloformer.model.attention.plain import BiasMask
from meloformer.model.attention.sparse.mask import SparseMask
from meloformer.model.attention.sparse.tuning import TUNING, TileShape, Tuning
from meloformer.model.config import ModelConfig
from meloformer.model.inputs import Inputs
from tests.model.conftest import CONFIG, loud_model
from tests.model.rows import laid_out, random_rows
from tests.model.streams import random_stream

T = 64
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def with_tiles(queries: int, keys: int) -> Tuning:
    shape = TileShape(queries, keys)
    return TUNING._replace(query_tiles=shape, key_tiles=shape)


def qkv(rows: Inputs, heads: int = 2, key_heads: int = 1, head_dim: int = 16) -> list[torch.Tensor]:
    """Heads of a layer; queries and keys are slices of one tensor, as they are in a model."""
    generator = torch.Generator().manual_seed(0)
    shape = (*rows.ids.shape, heads + 2 * key_heads, head_dim)
    qkv = torch.randn(shape, generator=generator, dtype=torch.float32).to(DEVICE)
    return list(torch.split(qkv, [heads, key_heads, key_heads], dim=2))


def attended(mask: AttentionMask, qkv: list[torch.Tensor]) -> list[torch.Tensor]:
    """The output and all gradients."""
    leaves = [x.detach().requires_grad_() for x in qkv]
    output = mask.attend(*leaves)
    weights = torch.linspace(-1, 1, output.numel(), dtype=output.dtype, device=output.device)
    output.backward(weights.view(output.shape))
    return [output.detach(), *(x.grad for x in leaves if x.grad is not None)]


def assert_as_plain(
    rows: Inputs,
    config: ModelConfig,
    tuning: Tuning,
    heads: list[torch.Tensor] | None = None,
    atol: float = 1e-5,
) -> None:
    rows = rows.to(DEVICE)
    heads = heads or qkv(rows)
    found = attended(SparseMask.of(rows, config, tuning), heads)
    plain = BiasMask.of(rows, config, torch.float64)
    expected = attended(plain, [x.double() for x in heads])
    for fast, slow in zip(found, expected, strict=True):
        torch.testing.assert_close(fast.double(), slow, atol=atol, rtol=1e-4)


def test_every_rule_gives_the_outputs_and_gradients_of_the_plain_path(config: ModelConfig) -> None:
    """Whole and filled documents, several in a row, padding, laid out."""
    assert_as_plain(laid_out(random_rows(T)), config, with_tiles(32, 32))


@pytest.mark.parametrize("shape", [(32, 16), (16, 32), (128, 128)])
def test_tiles_of_every_shape_give_the_same(shape: tuple[int, int]) -> None:
    assert_as_plain(random_stream(0, max(shape)), CONFIG, with_tiles(*shape))


def test_the_kernels_may_have_tiles_of_different_shapes() -> None:
    tuning = with_tiles(64, 32)._replace(key_tiles=TileShape(32, 64))
    assert_as_plain(random_stream(0, T), CONFIG, tuning)


def test_of_full_tiles_no_bits_are_read() -> None:
    config = replace(CONFIG, dense=True)
    rows = random_stream(0, T).to(DEVICE)
    mask = SparseMask.of(rows, config, with_tiles(16, 16))
    assert len(mask.tiles.by_key.full) > len(mask.tiles.by_key.partial)
    assert_as_plain(rows, config, with_tiles(16, 16))


@pytest.mark.parametrize(("heads", "key_heads", "head_dim"), [(2, 2, 32), (6, 2, 16), (3, 1, 12)])
def test_heads_of_every_kind_give_the_same(heads: int, key_heads: int, head_dim: int) -> None:
    """Each with its own key head, shared ones, and a size that is no power of two."""
    rows = random_stream(0, 64)
    assert_as_plain(rows, CONFIG, with_tiles(32, 32), qkv(rows, heads, key_heads, head_dim))


# A weight that is infinite before it is hidden.
@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
def test_large_scores_of_hidden_keys_change_nothing() -> None:
    """Even where all keys of the first tiles of a query are hidden."""
    rows = laid_out(random_stream(0, T)).to(DEVICE)
    assert_as_plain(rows, CONFIG, with_tiles(16, 16), [8 * x for x in qkv(rows)], atol=3e-4)


def test_numbers_of_16_bits_are_as_exact_as_they_can_be() -> None:
    """On a CPU the interpreter takes those of BF16 for whole numbers: see `tests/gpu`."""
    rows = random_stream(0, T).to(DEVICE)
    heads = [x.half() for x in qkv(rows)]
    found = attended(SparseMask.of(rows, CONFIG, with_tiles(32, 32)), heads)
    plain = BiasMask.of(rows, CONFIG, torch.float32)
    for fast, slow in zip(found, attended(plain, [x.float() for x in heads]), strict=True):
        assert fast.dtype == torch.float16
        assert (fast - slow).norm() < 0.01 * slow.norm()


@torch.inference_mode()
def test_a_model_gives_the_same_logits() -> None:
    model, rows = loud_model(), random_stream(0, 100).to(DEVICE)
    model.to(DEVICE).forced_path = AttentionPath.PLAIN
    expected = model(rows)
    model.forced_path = AttentionPath.SPARSE
    torch.testing.assert_close(model(rows), expected, atol=2e-5, rtol=1e-5)


def test_what_does_not_fit_together_is_refused() -> None:
    rows = random_stream(0, T).to(DEVICE)
    mask = SparseMask.of(rows, CONFIG, with_tiles(64, 64))
    q, k, v = qkv(rows)
    with pytest.raises(ConfigError, match="one dtype"):
        mask.attend(q.double(), k, v)
    with pytest.raises(DataError, match="rows of 64 tokens"):
        mask.attend(q[:, 1:], k[:, 1:], v[:, 1:])
    with pytest.raises(DataError, match="no whole number of blocks"):
        SparseMask.of(random_stream(0, 96).to(DEVICE), CONFIG, with_tiles(64, 64))


def test_what_is_compiled_around_the_operator_takes_it_as_it_is() -> None:
    """Shapes and dtypes of outputs and gradients are known without running it."""
    rows = random_stream(0, 32).to(DEVICE)
    mask = SparseMask.of(rows, CONFIG, with_tiles(16, 16))
    arguments = (list(mask.tiles.by_query), list(mask.tiles.by_key), mask.tuning.numbers())
    heads = [x.requires_grad_() for x in qkv(rows)]
    torch.library.opcheck(
        torch.ops.meloformer.sparse_attention.default,
        (*heads, *arguments),
        test_utils=("test_schema", "test_autograd_registration", "test_faketensor"),
    )
