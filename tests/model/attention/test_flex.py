import shutil
from collections.abc import Iterator

import pytest
import torch
from torch._dynamo.utils import counters

from meloformer.errors import ConfigError, DataError, RunError
from meloformer.model.attention import flex
from meloformer.model.attention.flex import FlexMask, padded_length
from meloformer.model.attention.paths import AttentionPath
from meloformer.model.attention.plain import BiasMask
from tests.model.conftest import CONFIG, CONFIGS, loud_model
from tests.model.rows import drawn, laid_out, random_rows
from tests.model.streams import random_stream, stack

# The compiler warns of parts of torch that it uses itself.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
needs_compiler = pytest.mark.skipif(
    not (shutil.which("g++") or shutil.which("clang++")), reason="needs a C++ compiler"
)
T = 256


@pytest.fixture(scope="module", autouse=True)
def _compiled_here() -> Iterator[None]:
    """What others compiled does not count towards the limit."""
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()


@pytest.fixture(autouse=True)
def _counted_here() -> None:
    counters.clear()


@needs_compiler
@torch.no_grad()
def test_the_compiled_call_is_the_plain_path_and_is_compiled_once() -> None:
    """For every rule, and rows in any layout: the mask is data."""
    q, k, v = drawn(random_rows(T))
    for config in CONFIGS.values():
        for rows in (random_rows(T), laid_out(random_rows(T))):
            fast = FlexMask.of(rows, config).attend(q, k, v)
            slow = BiasMask.of(rows, config, torch.float32).attend(q, k, v)
            torch.testing.assert_close(fast, slow, atol=1e-5, rtol=1e-5)
    assert counters["stats"]["unique_graphs"] <= 1


@needs_compiler
@torch.no_grad()
def test_an_epoch_of_a_model_compiles_once() -> None:
    model = loud_model()
    model.forced_path = AttentionPath.FLEX
    for seed in range(12):
        rows = stack(*(random_stream(seed + n, T, gaps=n == 2) for n in range(3)))
        logits = model(laid_out(rows))
        assert logits.isfinite().all()
    assert counters["stats"]["unique_graphs"] <= 1


@needs_compiler
@torch.inference_mode()
def test_a_model_that_skips_blocks_gives_the_same_logits() -> None:
    model = loud_model()
    rows = random_rows(250)
    expected = model(rows)
    model.forced_path = AttentionPath.FLEX
    torch.testing.assert_close(model(rows), expected, atol=2e-5, rtol=1e-5)


@needs_compiler
@pytest.mark.slow
@torch.no_grad()
def test_bf16_is_as_exact_as_bf16_allows() -> None:
    rows = random_rows(T)
    q, k, v = drawn(rows, torch.bfloat16)
    fast = FlexMask.of(rows, CONFIG).attend(q, k, v)
    assert fast.dtype == torch.bfloat16
    slow = BiasMask.of(rows, CONFIG, torch.float32).attend(q.float(), k.float(), v.float())
    torch.testing.assert_close(fast.float(), slow, atol=0.03, rtol=0.03)


def test_several_dtypes_are_refused() -> None:
    rows = random_rows(T)
    q, k, v = drawn(rows)
    with pytest.raises(ConfigError, match=r"torch\.float32, torch\.float32 and torch\.bfloat16"):
        FlexMask.of(rows, CONFIG).attend(q, k, v.bfloat16())


def test_keys_of_other_rows_than_the_mask_are_refused() -> None:
    rows = random_rows(T)
    q, k, v = drawn(rows)
    with pytest.raises(DataError, match="rows of 256 tokens, and there are 256 queries and 128"):
        FlexMask.of(rows, CONFIG).attend(q, k[:, :128], v[:, :128])


def test_it_never_runs_uncompiled_on_a_gpu() -> None:
    class OnGpu:
        device = torch.device("cuda")

    with pytest.raises(RunError, match="attention would run uncompiled"):
        flex._attend(OnGpu(), OnGpu(), OnGpu(), None)


def test_lengths_are_padded_to_few() -> None:
    lengths = {padded_length(length) for length in range(1, 65_537)}
    assert len(lengths) == 18
    assert all(length % 128 == 0 for length in lengths)
    assert all(padded_length(length) == length for length in lengths)
    assert all(length <= padded_length(length) <= max(128, 1.5 * length) for length in (700, 5000))
