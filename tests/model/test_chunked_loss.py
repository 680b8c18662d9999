import pytest
import torch
from torch.nn.functional import cross_entropy, linear

from meloformer.model.chunked_loss import Taught, chunked_loss

M, D, V = 50, 8, 30


def drawn(dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """What an output layer reads, its weight, and targets, of which a third are not scored."""
    generator = torch.Generator().manual_seed(0)
    x, weight = (torch.randn(n, D, generator=generator).to(dtype) for n in (M, V))
    targets = torch.randint(0, V, (M,), generator=generator)
    targets[::3] = -1
    return x.requires_grad_(), weight.requires_grad_(), targets


def plain(x: torch.Tensor, weight: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    logits = linear(x, weight)
    exact = torch.promote_types(logits.dtype, torch.float32)
    return cross_entropy(logits.to(exact), targets, ignore_index=-1, reduction="sum")


@pytest.mark.parametrize("chunk", [1, 7, 25, M, 1000])
def test_loss_and_gradients_are_those_of_all_logits_at_once(chunk: int) -> None:
    x, weight, targets = drawn(torch.float64)
    expected = plain(x, weight, targets)
    found = chunked_loss(x, weight, targets, chunk)
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=0)
    for one, other in zip(
        torch.autograd.grad(0.3 * found, (x, weight)),
        torch.autograd.grad(0.3 * expected, (x, weight)),
        strict=True,
    ):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-12)


def test_autocast_rounds_as_it_does_with_all_logits_at_once() -> None:
    x, weight, targets = drawn(torch.float32)
    with torch.autocast("cpu", torch.bfloat16):
        expected, found = plain(x, weight, targets), chunked_loss(x, weight, targets, 16)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=0)
    for one, other in zip(
        torch.autograd.grad(found, (x, weight)),
        torch.autograd.grad(expected, (x, weight)),
        strict=True,
    ):
        assert one.dtype == torch.float32
        torch.testing.assert_close(one, other, rtol=0, atol=0.05)


def test_a_frozen_weight_gets_no_gradient() -> None:
    x, weight, targets = drawn(torch.float32)
    weight.requires_grad_(requires_grad=False)
    chunked_loss(x, weight, targets).backward()
    assert weight.grad is None
    assert x.grad is not None


def test_nothing_scored_costs_nothing() -> None:
    x, weight, targets = drawn(torch.float32)
    loss = chunked_loss(x, weight, torch.full_like(targets, -1))
    loss.backward()
    assert loss == 0
    assert not x.grad.any()
    assert not weight.grad.any()


def taught(share: float, dtype: torch.dtype = torch.float64) -> Taught:
    generator = torch.Generator().manual_seed(1)
    return Taught(3 * torch.randn(M, V, generator=generator).to(dtype), share)


@pytest.mark.parametrize("share", [0.3, 1.0])
@pytest.mark.parametrize("chunk", [7, M])
def test_a_teacher_is_part_of_the_right_answer(chunk: int, share: float) -> None:
    x, weight, targets = drawn(torch.float64)
    given = taught(share)
    is_scored = targets >= 0
    logits = linear(x, weight)
    of_teacher = cross_entropy(
        logits[is_scored], given.logits[is_scored].softmax(dim=1), reduction="sum"
    )
    expected = (1 - share) * plain(x, weight, targets) + share * of_teacher
    found = chunked_loss(x, weight, targets, chunk, given)
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=0)
    for one, other in zip(
        torch.autograd.grad(0.3 * found, (x, weight)),
        torch.autograd.grad(0.3 * expected, (x, weight)),
        strict=True,
    ):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-12)


def test_a_teacher_that_counts_for_nothing_changes_no_bit() -> None:
    x, weight, targets = drawn(torch.float32)
    found = chunked_loss(x, weight, targets, 16, taught(0.0, torch.float32))
    expected = chunked_loss(x, weight, targets, 16)
    assert torch.equal(found, expected)
    for one, other in zip(
        torch.autograd.grad(found, (x, weight)),
        torch.autograd.grad(expected, (x, weight)),
        strict=True,
    ):
        assert torch.equal(one, other)
