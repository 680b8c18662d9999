import copy
import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.distributed as dist
from torch import nn
from torch.nn.functional import cross_entropy
from torch.nn.parallel import DistributedDataParallel

from meloformer import checkpoint
from meloformer.checkpoint import Card
from meloformer.data.config import LoaderConfig
from meloformer.data.loader import Loader
from meloformer.data.packing import NOT_SCORED, Batch
from meloformer.data.shards import open_shards
from meloformer.errors import CheckpointError, ConfigError
from meloformer.model import SIZES, Inputs, MeloFormer
from meloformer.tokens.vocabulary import vocabulary
from meloformer.training.lora import (
    LoraLinear,
    add_lora,
    load_lora_state_dict,
    lora_state_dict,
    merged_state_dict,
)

CONFIG = dataclasses.replace(
    SIZES["tiny"], num_layers=2, dim=64, num_heads=2, num_kv_heads=1, ffn_dim=128
)


@pytest.fixture
def model() -> MeloFormer:
    """As if it had been trained: no matrix is zero."""
    torch.manual_seed(0)
    model = MeloFormer(CONFIG)
    for module in model.modules():
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=module.in_features**-0.5)
    return model.eval()


@pytest.fixture
def learned(model: MeloFormer) -> MeloFormer:
    """With low-rank layers that say something."""
    add_lora(model, rank=4)
    for module in model.modules():
        if isinstance(module, LoraLinear):
            nn.init.normal_(module.lora_b, std=0.1)
    return model


@pytest.fixture(scope="session")
def batch(shards_folder: Path) -> Batch:
    config = LoaderConfig(context_tokens=256, rows=2)
    return Loader(open_shards(shards_folder / "train"), config).batch(0)


def loss_of(model: nn.Module, batch: Batch) -> torch.Tensor:
    logits = model(batch.inputs).flatten(0, 1)
    return cross_entropy(logits, batch.targets.flatten(), ignore_index=NOT_SCORED)


def plain(model: MeloFormer) -> MeloFormer:
    merged = MeloFormer(model.config)
    merged.load_state_dict(merged_state_dict(model))
    return merged.eval()


@pytest.mark.parametrize("bf16", [False, True])
def test_before_the_first_step_the_model_is_bit_for_bit_the_same(model, batch, bf16):
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        before = model(batch.inputs)
        add_lora(model, rank=4)
        assert torch.equal(model(batch.inputs), before)


def test_only_the_low_rank_matrices_are_trained(model, batch):
    before = {name: value.clone() for name, value in model.state_dict().items()}
    trained = add_lora(model.train(), rank=4)
    names = {name for name, one in model.named_parameters() if one.requires_grad}
    assert names == set(lora_state_dict(model))
    assert len(trained) == len(names) == 2 * 4 * CONFIG.num_layers
    first = loss_of(model, batch)
    optimiser = torch.optim.AdamW(trained, lr=1e-2)
    for _ in range(10):
        loss_of(model, batch).backward()
        optimiser.step()
        optimiser.zero_grad()
    assert loss_of(model, batch) < first - 0.2
    after = model.state_dict()
    for name, value in before.items():
        frozen = name if name in after else name.replace(".weight", ".base.weight")
        assert torch.equal(after[frozen], value)


def test_the_merged_model_says_the_same_and_is_a_plain_checkpoint(learned, batch, tmp_path):
    card = Card(
        name="own",
        model=CONFIG,
        vocabulary=vocabulary().fingerprint,
        context_tokens=256,
        steps=1,
        tokens_seen=1,
    )
    checkpoint.save(tmp_path / "own", plain(learned), card)
    merged, _ = checkpoint.load(tmp_path / "own")
    with torch.no_grad():
        expected = learned.double()(batch.inputs)
        torch.testing.assert_close(merged.double()(batch.inputs), expected, rtol=0, atol=1e-6)


def test_a_model_without_low_rank_layers_is_its_own_merged_model(model):
    merged, own = merged_state_dict(model), model.state_dict()
    assert list(merged) == list(own)
    assert all(torch.equal(merged[name], own[name]) for name in own)


def test_one_token_is_decoded_by_the_merged_model_alone(learned, batch):
    prompt = Inputs(*(field[:1, :40] for field in batch.inputs))
    last = np.stack([field[:1, 40].numpy() for field in batch.inputs])
    with torch.no_grad():
        expected = learned(Inputs(*(field[:1, :41] for field in batch.inputs)))[:, -1].numpy()
    model = plain(learned)
    cache, _ = model.prefill(prompt, 64)
    found = model.next_logits(last, cache)
    assert np.linalg.norm(found - expected) < 0.03 * np.linalg.norm(expected)  # in int8
    with pytest.raises(AttributeError, match="weight"):
        learned.prefill(prompt, 64)


def test_what_was_learned_can_be_saved_alone(learned, batch):
    state = {name: value.clone() for name, value in lora_state_dict(learned).items()}
    other = copy.deepcopy(learned)
    load_lora_state_dict(other, {name: torch.zeros_like(value) for name, value in state.items()})
    load_lora_state_dict(other, state)
    with torch.no_grad():
        assert torch.equal(other(batch.inputs), learned(batch.inputs))


def test_matrices_of_another_rank_are_refused(learned):
    other = MeloFormer(CONFIG)
    add_lora(other, rank=2)
    with pytest.raises(CheckpointError, match="do not fit"):
        load_lora_state_dict(other, lora_state_dict(learned))


@pytest.mark.parametrize("rank", [0, 65])
def test_a_rank_that_no_matrix_has_is_refused(model, rank):
    with pytest.raises(ConfigError, match="from 1 to 64"):
        add_lora(model, rank)


def test_low_rank_layers_are_not_put_on_low_rank_layers(learned):
    with pytest.raises(ConfigError, match="already"):
        add_lora(learned, rank=4)


def test_alpha_says_how_much_what_is_learned_counts(model):
    add_lora(model, rank=4, alpha=2.0)
    scales = {one.scale for one in model.modules() if isinstance(one, LoraLinear)}
    assert scales == {0.5}


def test_an_average_of_the_model_is_a_model_of_its_own(learned, batch):
    averaged = copy.deepcopy(learned)
    with torch.no_grad():
        before = averaged(batch.inputs)
        for parameter in learned.parameters():
            parameter.zero_()
        assert torch.equal(averaged(batch.inputs), before)


def test_gathered_attention_trains_them_too(learned, batch):
    trained = [one for one in learned.parameters() if one.requires_grad]
    with torch.autocast("cpu", torch.bfloat16):
        loss_of(learned.train(), batch).backward()
    assert all(one.grad is not None and one.grad.isfinite().all() for one in trained)
    assert any(one.grad.any() for one in trained)
    assert all(one.grad is None for one in learned.parameters() if not one.requires_grad)


def test_a_compiled_layer_computes_the_same(learned):
    layer = learned.layers[0].ffn
    x = torch.randn(2, 8, CONFIG.dim)
    compiled = torch.compile(layer, backend="aot_eager", fullgraph=True)
    torch.testing.assert_close(compiled(x), layer(x))


@pytest.fixture
def one_process(tmp_path: Path) -> Iterator[None]:
    store = dist.FileStore(str(tmp_path / "store"), 1)
    dist.init_process_group("gloo", store=store, rank=0, world_size=1)
    yield
    dist.destroy_process_group()


@pytest.mark.usefixtures("one_process")
def test_gradients_of_processes_are_brought_together(learned, batch):
    alone = copy.deepcopy(learned)
    loss_of(alone, batch).backward()
    loss_of(DistributedDataParallel(learned), batch).backward()
    for mine, other in zip(alone.parameters(), learned.parameters(), strict=True):
        assert (mine.grad is None) == (other.grad is None)
        if mine.grad is not None:
            torch.testing.assert_close(mine.grad, other.grad)
