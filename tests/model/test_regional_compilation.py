"""By the compiler's front end alone, which needs no C++ compiler; tests/gpu has the whole of it."""

from collections.abc import Iterator
from functools import partial

import pytest
import torch
from torch._dynamo.utils import counters

from meloformer.model import regional_compilation
from meloformer.model.attention.paths import AttentionPath
from meloformer.model.transformer import MeloFormer
from tests.model.conftest import loud_model
from tests.model.rows import laid_out
from tests.model.streams import random_stream, stack

# The compiler warns of what it does itself.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor:UserWarning"),
]
T = 128


@pytest.fixture(autouse=True)
def _compiled_here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    torch._dynamo.reset()
    regional_compilation.compiled_region.cache_clear()
    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend="aot_eager"))
    counters.clear()
    yield
    torch._dynamo.reset()
    regional_compilation.compiled_region.cache_clear()


def learning_model(*, compiles: bool) -> MeloFormer:
    model = loud_model().train()
    model.compiles_blocks = compiles
    model.forced_path = AttentionPath.PLAIN
    return model


def gradients(model: MeloFormer, seed: int = 0) -> list[torch.Tensor]:
    """Of the loss of two rows, which are others for another seed, and the loss."""
    rows = laid_out(stack(*(random_stream(2 * seed + n, T, gaps=n == 1) for n in range(2))))
    loss = model(rows, targets=rows.ids.roll(-1, dims=1))
    return [loss, *torch.autograd.grad(loss, list(model.parameters()))]


@pytest.mark.parametrize("attention_again", [False, True])
@pytest.mark.parametrize("ffn_again", [False, True])
def test_compiled_blocks_give_the_same_loss_and_gradients(
    attention_again: bool, ffn_again: bool
) -> None:
    plain, compiled = learning_model(compiles=False), learning_model(compiles=True)
    compiled.checkpoint_attention, compiled.checkpoint_ffn = attention_again, ffn_again
    for found, expected in zip(gradients(compiled), gradients(plain), strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    assert counters["stats"]["unique_graphs"] > 0


def test_an_epoch_compiles_each_region_once() -> None:
    """For all layers, all batches, and a second model of the same size."""
    models = [learning_model(compiles=True) for _ in range(2)]
    gradients(models[0])
    first = counters["stats"]["unique_graphs"]
    for seed in range(6):
        gradients(models[seed % 2], seed)
    assert counters["stats"]["unique_graphs"] == first == 2
    assert not counters["recompile_limit"]


def test_weights_keep_their_names_and_evaluation_compiles_nothing() -> None:
    plain, compiled = learning_model(compiles=False), learning_model(compiles=True)
    assert plain.state_dict().keys() == compiled.state_dict().keys()
    with torch.no_grad():
        compiled.eval()(random_stream(0, T))
    assert counters["stats"]["unique_graphs"] == 0
