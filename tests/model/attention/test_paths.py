from dataclasses import replace

import pytest
import torch

from meloformer.model.attention import paths
from meloformer.model.attention.gathered import GatheredMask
from meloformer.model.attention.paths import (
    MAX_GATHERED_PAIRS,
    MAX_SELECTED_PAIRS,
    MIN_GATHERED_TOKENS,
    MIN_SELECTED_TOKENS,
    MIN_SPARSE_TOKENS,
    AttentionPath,
    choose_path,
    make_cached_mask,
    make_mask,
    padded_length,
)
from meloformer.model.attention.plain import BiasMask
from meloformer.model.attention.rule import MaskFields
from meloformer.model.attention.selected import SelectedMask
from meloformer.model.attention.sparse.mask import SparseMask
from tests.model.conftest import CONFIG, loud_model
from tests.model.rows import random_rows

CUDA, CPU = torch.device("cuda"), torch.device("cpu")
BF16, FP32 = torch.bfloat16, torch.float32


def test_long_rows_on_a_gpu_skip_blocks_in_training_and_in_evaluation() -> None:
    for training in (False, True):
        long, short = (
            choose_path(CUDA, BF16, 8, length, training=training)
            for length in (MIN_SPARSE_TOKENS, MIN_SPARSE_TOKENS - 1)
        )
        assert (long, short) == (AttentionPath.SPARSE, AttentionPath.PLAIN)


def test_without_triton_a_gpu_takes_the_plain_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "has_triton", lambda: False)
    assert choose_path(CUDA, BF16, 8, MIN_SPARSE_TOKENS) is AttentionPath.PLAIN


@pytest.mark.parametrize("length", [256, 1024, 65_536])
def test_no_row_on_a_cpu_skips_blocks(length: int) -> None:
    assert not choose_path(CPU, BF16, 1, length, training=True).skips_blocks
    assert choose_path(CPU, FP32, 1, length) is AttentionPath.PLAIN


def test_training_on_a_cpu_gathers_in_bf16_only() -> None:
    assert choose_path(CPU, BF16, 8, 1024, training=True) is AttentionPath.GATHERED
    assert choose_path(CPU, FP32, 8, 1024, training=True) is AttentionPath.PLAIN
    assert choose_path(CPU, BF16, 8, 1024) is AttentionPath.PLAIN


def test_rows_are_gathered_where_they_are_whole_blocks_and_their_pairs_have_room() -> None:
    def gathers(rows: int, length: int) -> bool:
        return choose_path(CPU, BF16, rows, length, training=True) is AttentionPath.GATHERED

    assert gathers(1, MIN_GATHERED_TOKENS)
    assert not gathers(1, MIN_GATHERED_TOKENS - 32)
    assert not gathers(1, MIN_GATHERED_TOKENS + 1)
    most = MAX_GATHERED_PAIRS // 1024**2
    assert gathers(most, 1024)
    assert not gathers(most + 1, 1024)


def test_one_token_after_a_cache_is_compiled_on_a_cpu_in_float32() -> None:
    assert choose_path(CPU, FP32, 4, 1, cached=True) is AttentionPath.ONE_TOKEN
    for device, dtype, length, training in (
        (CUDA, FP32, 1, False),
        (CPU, BF16, 1, False),
        (CPU, FP32, 2, False),
        (CPU, FP32, 1, True),
        (CUDA, BF16, 4096, False),
    ):
        path = choose_path(device, dtype, 4, length, training=training, cached=True)
        assert path is AttentionPath.PLAIN


def test_without_numba_one_token_takes_the_plain_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "can_compile", lambda: False)
    assert choose_path(CPU, FP32, 4, 1, cached=True) is AttentionPath.PLAIN


@pytest.mark.parametrize("cached", [False, True])
def test_long_rows_are_read_by_selected_keys_on_a_cpu_in_float32(cached: bool) -> None:
    def selects(
        rows: int = 1,
        length: int = MIN_SELECTED_TOKENS,
        *,
        device: torch.device = CPU,
        dtype: torch.dtype = FP32,
        training: bool = False,
    ) -> bool:
        path = choose_path(device, dtype, rows, length, training=training, cached=cached)
        return path is AttentionPath.SELECTED

    assert not selects()  # gradients are recorded
    with torch.no_grad():
        assert selects()
        assert not selects(length=MIN_SELECTED_TOKENS - 1)
        assert not selects(training=True)
        assert not selects(dtype=BF16)
        assert not selects(device=CUDA)
        most = MAX_SELECTED_PAIRS // 1024**2
        assert selects(most, 1024)
        assert not selects(most + 1, 1024)


def test_rows_are_padded_for_a_kernel_only() -> None:
    assert padded_length(AttentionPath.SPARSE, 1025) == 1536
    assert (
        padded_length(AttentionPath.PLAIN, 1025)
        == padded_length(AttentionPath.GATHERED, 1025)
        == 1025
    )


def test_each_path_has_its_mask() -> None:
    rows = random_rows(256)
    kinds = {path: type(make_mask(path, rows, CONFIG, FP32)) for path in AttentionPath}
    assert kinds == {
        AttentionPath.PLAIN: BiasMask,
        AttentionPath.GATHERED: GatheredMask,
        AttentionPath.SELECTED: SelectedMask,
        AttentionPath.SPARSE: SparseMask,
        AttentionPath.ONE_TOKEN: BiasMask,
    }
    fields = MaskFields.of(rows, CONFIG)
    for path in AttentionPath:
        expected = SelectedMask if path is AttentionPath.SELECTED else BiasMask
        assert type(make_cached_mask(path, fields, fields, CONFIG, FP32)) is expected


def test_a_model_asks_with_the_dtype_of_autocast_and_the_mode_it_is_in() -> None:
    model = loud_model(replace(CONFIG, num_layers=1))
    assert model._path(CPU, 1, 256, cached=False) is AttentionPath.PLAIN
    assert model._path(CPU, 1, 1, cached=True) is AttentionPath.ONE_TOKEN
    with torch.autocast("cpu", dtype=BF16):
        assert model._path(CPU, 1, 1, cached=True) is AttentionPath.PLAIN
        assert model.train()._path(CPU, 1, 256, cached=False) is AttentionPath.GATHERED
    model.forced_path = AttentionPath.SPARSE
    assert model._path(CPU, 1, 256, cached=False) is AttentionPath.SPARSE
    assert model._path(CPU, 1, 1, cached=True) is AttentionPath.PLAIN  # in training
