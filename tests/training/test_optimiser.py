import dataclasses

import pytest
import torch

from meloformer.model import SIZES, MeloFormer
from meloformer.runs.config import TrainConfig
from meloformer.training.lora import add_lora
from meloformer.training.optimiser import Optimiser, rate_at, split_parameters


@pytest.fixture
def config(tmp_path) -> TrainConfig:
    return TrainConfig(shards=tmp_path, run=tmp_path, warmup_steps=10, decay=0.4)


def test_matrices_go_to_muon_and_all_else_to_adamw() -> None:
    model = MeloFormer(SIZES["tiny"])
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    matrices, others = split_parameters(model)
    assert {names[id(one)].split(".")[-2] for one in matrices} == {"qkv", "out", "gate_up", "down"}
    assert all("embed" in names[id(one)] or one.ndim < 2 for one in others)
    assert len(matrices) + len(others) == len(names)


def test_the_rate_warms_up_stays_and_falls_to_zero(config: TrainConfig) -> None:
    assert rate_at(0, 0.0, config) == pytest.approx(0.1)
    assert rate_at(9, 0.01, config) == 1.0
    assert rate_at(500, 0.59, config) == 1.0
    assert rate_at(800, 0.8, config) == pytest.approx(0.5)
    assert rate_at(1000, 1.0, config) == 0.0
    assert rate_at(1001, 1.01, config) == 0.0


def test_a_step_clips_the_gradient_and_clears_it(config: TrainConfig) -> None:
    model = MeloFormer(SIZES["tiny"])
    optimiser = Optimiser(model, config)
    before = model.norm.weight.clone()
    model.norm.weight.grad = torch.full_like(model.norm.weight, 100.0)
    norm = optimiser.step(1.0, torch.amp.GradScaler("cpu", enabled=False))
    assert float(norm) == pytest.approx(100.0 * 192**0.5)
    assert model.norm.weight.grad is None
    assert (before - model.norm.weight).max() <= config.adam_lr * 1.01


def test_low_rank_matrices_are_trained_by_adamw_alone(config: TrainConfig, tmp_path) -> None:
    config = dataclasses.replace(config, base=tmp_path, lora_rank=2)
    model = MeloFormer(SIZES["tiny"])
    trained = add_lora(model, 2)
    optimiser = Optimiser(model, config)
    (adam,) = optimiser.state_dict().values()
    assert sum(len(group["params"]) for group in adam["param_groups"]) == len(trained)
    assert {group["weight_decay"] for group in adam["param_groups"]} == {config.weight_decay}


def test_a_step_whose_gradients_overflow_is_left_out(config: TrainConfig) -> None:
    model = MeloFormer(SIZES["tiny"])
    optimiser = Optimiser(model, config)
    scaler = torch.amp.GradScaler("cpu", init_scale=4.0)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    for parameter in model.parameters():
        parameter.grad = torch.full_like(parameter, torch.inf)
    scaler.scale(torch.zeros(()))  # the scaler begins with a loss
    optimiser.step(1.0, scaler)
    assert scaler.get_scale() == 2.0
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
