from dataclasses import replace

import numpy as np
import pytest
import torch

from meloformer.model.attention.rule import dense_mask
from meloformer.model.config import SIZES, ModelConfig
from meloformer.model.inputs import Inputs
from meloformer.model.transformer import FFN_POSITIONS, MeloFormer
from tests.model.conftest import CONFIG, loud_model
from tests.model.streams import VOCAB_SIZE, pack, permute, random_stream, stack

T = 90


@pytest.mark.parametrize("first_changed", [1, 7, 20, 41, 63, T - 1])
def test_a_later_token_never_changes_earlier_logits(model: MeloFormer, first_changed: int) -> None:
    for gaps in (False, True):
        inputs = random_stream(1, T, gaps=gaps)
        other = random_stream(2, T, gaps=not gaps)
        changed = Inputs(
            *(
                torch.cat([before[:, :first_changed], after[:, first_changed:]], dim=1)
                for before, after in zip(inputs, other, strict=True)
            )
        )
        with torch.no_grad():
            kept, other_logits = model(inputs)[0], model(changed)[0]
        assert torch.equal(kept[:first_changed], other_logits[:first_changed])
        assert not torch.equal(kept[first_changed:], other_logits[first_changed:])


@torch.no_grad()
def test_a_batch_is_its_rows_one_by_one(model: MeloFormer) -> None:
    rows = [random_stream(seed, T, gaps=seed == 2) for seed in range(3)]
    whole = model(stack(*rows))
    alone = torch.cat([model(row) for row in rows])
    torch.testing.assert_close(whole, alone, atol=1e-5, rtol=1e-5)


@torch.no_grad()
def test_packed_documents_are_each_alone(model: MeloFormer) -> None:
    first, second = random_stream(1, 50), random_stream(2, 70, gaps=True)
    packed = model(pack(first, second, padding=9))[0, : 50 + 70]
    alone = torch.cat([model(first)[0], model(second)[0]])
    torch.testing.assert_close(packed, alone, atol=1e-5, rtol=1e-5)


@torch.no_grad()
def test_the_layout_in_memory_does_not_matter(model: MeloFormer) -> None:
    inputs = random_stream(3, T)
    permutation = torch.randperm(T, generator=torch.Generator().manual_seed(1))
    laid_out = model(permute(inputs, permutation))
    torch.testing.assert_close(laid_out, model(inputs)[:, permutation], atol=1e-5, rtol=1e-5)


def test_what_the_mask_hides_has_no_gradient(config: ModelConfig) -> None:
    """In one layer a token reaches just what it attends to, and all of that."""
    model = loud_model(replace(config, num_layers=1))
    inputs = random_stream(4, T, gaps=True)
    mask = dense_mask(inputs, config)[0]
    embedded = torch.zeros(1, T, config.dim)

    def keep(_: torch.nn.Module, arguments: tuple[torch.Tensor, ...]) -> None:
        nonlocal embedded
        embedded = arguments[0]
        embedded.retain_grad()

    model.blocks[0].attention_norm.register_forward_pre_hook(keep)
    logits = model(inputs)
    for query in range(0, T, 7):
        embedded.grad = None
        logits[0, query].square().sum().backward(retain_graph=True)
        assert embedded.grad is not None
        reached = embedded.grad[0].abs().sum(dim=-1) > 0
        if query:
            # The first hook input is also the residual stream; it reaches only itself.
            assert torch.equal(reached, mask[query])


def test_recomputing_activations_changes_no_gradient() -> None:
    inputs = random_stream(5, T)
    gradients = []
    for checkpoint in (False, True):
        model = loud_model().train()
        model.checkpoint_attention = model.checkpoint_ffn = checkpoint
        model(inputs).square().mean().backward()
        gradients.append([parameter.grad for parameter in model.parameters()])
    for plain, recomputed in zip(*gradients, strict=True):
        torch.testing.assert_close(plain, recomputed)


def test_a_new_model_knows_nothing_and_can_learn() -> None:
    torch.manual_seed(0)
    model = MeloFormer(CONFIG)
    inputs = random_stream(6, T)
    targets = inputs.ids[0].roll(-1)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-2)
    losses = []
    for _ in range(60):
        loss = torch.nn.functional.cross_entropy(model(inputs)[0], targets)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[0] == pytest.approx(torch.tensor(VOCAB_SIZE).log().item(), abs=0.3)
    assert losses[-1] < 0.1


def test_tokens_without_a_part_add_nothing_to_their_embedding() -> None:
    model = loud_model()
    inputs = random_stream(7, 3)
    assert (inputs.part == -1).all()
    torch.testing.assert_close(model.embed(inputs), model.embed_token(inputs.ids))


def test_logits_are_float32_under_autocast() -> None:
    model = loud_model()
    inputs = random_stream(8, T)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = model(inputs)
    assert logits.dtype == torch.float32
    torch.testing.assert_close(logits, model(inputs), atol=0.3, rtol=0.1)


def test_the_output_layer_shares_the_token_embedding() -> None:
    names = [name for name, _ in loud_model().named_parameters()]
    assert len(names) == len(set(names))
    assert not any("head" in name for name in names)


def test_num_parameters_counts_each_weight_once() -> None:
    model = loud_model()
    assert model.num_parameters == sum(p.numel() for p in model.parameters())


@pytest.mark.parametrize("size", ["tiny", "small"])
def test_named_sizes_have_heads_of_64(size: str) -> None:
    assert SIZES[size].head_dim == 64


def test_a_long_row_is_fed_forward_in_parts_as_at_once() -> None:
    layer = loud_model().layers[0].ffn
    x = torch.randn(2, 2 * FFN_POSITIONS + 3, CONFIG.dim)
    at_once = layer(x)
    with torch.no_grad():
        torch.testing.assert_close(layer(x), at_once)


def test_a_warm_model_says_what_a_cold_one_says() -> None:
    warm, cold = loud_model(), loud_model()
    warm.warm_up()
    inputs = random_stream(0, 40)
    column = torch.stack(inputs)[:, :, -1].numpy()
    logits = []
    for model in (warm, cold):
        cache, _ = model.prefill(inputs.slice(0, 39), 40)
        logits.append(model.next_logits(column, cache))
    np.testing.assert_array_equal(*logits)


def test_given_targets_it_returns_their_losses() -> None:
    model, inputs = loud_model(), random_stream(1, T)
    targets = inputs.ids.roll(-1, dims=1)
    targets[:, -5:] = -1
    loss, logits = model(inputs, targets=targets), model(inputs)
    expected = torch.nn.functional.cross_entropy(
        logits[0], targets[0], ignore_index=-1, reduction="sum"
    )
    torch.testing.assert_close(loss, expected)
    found = torch.autograd.grad(loss, list(model.parameters()))
    for one, other in zip(
        found, torch.autograd.grad(expected, list(model.parameters())), strict=True
    ):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)
