import pytest
import torch
from torch import Tensor, nn

from meloformer.training import muon
from meloformer.training.muon import Muon, orthogonalise

SHAPES = [(16, 16), (8, 24), (24, 8)]


def steps_of(optimiser: type[torch.optim.Muon]) -> list[Tensor]:
    """Three steps with gradients that are always the same."""
    drawn = torch.Generator().manual_seed(0)
    matrices = [nn.Parameter(torch.randn(shape, generator=drawn)) for shape in SHAPES]
    made = optimiser(matrices, lr=0.02, weight_decay=0.1, momentum=0.95)
    for _ in range(3):
        for matrix in matrices:
            matrix.grad = torch.randn(matrix.shape, generator=drawn)
        made.step()
    return [matrix.detach() for matrix in matrices]


def test_in_bfloat16_it_is_torch_s_own_bit_for_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(muon, "_precision", lambda _: torch.bfloat16)
    for ours, theirs in zip(steps_of(Muon), steps_of(torch.optim.Muon), strict=True):
        assert torch.equal(ours, theirs)


def test_in_float32_it_differs_by_what_bfloat16_rounds() -> None:
    for ours, theirs in zip(steps_of(Muon), steps_of(torch.optim.Muon), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=2e-3)


@pytest.mark.parametrize("shape", SHAPES)
def test_an_update_is_orthogonal(shape: tuple[int, int]) -> None:
    (settings,) = Muon([nn.Parameter(torch.zeros(shape))]).param_groups
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    values = torch.linalg.svdvals(orthogonalise(matrix, settings, torch.float32))
    assert 0.3 < values.min() <= values.max() < 1.3


def test_many_of_one_shape_are_updated_as_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.SHAPES", [*SHAPES, *SHAPES[::-1], SHAPES[1]])
    alone = steps_of(Muon)
    monkeypatch.setattr(muon, "_multiplies_batches", lambda _: True)
    for one, of_many in zip(alone, steps_of(Muon), strict=True):
        torch.testing.assert_close(of_many, one, rtol=0, atol=1e-6)


def test_a_matrix_without_a_gradient_stays() -> None:
    matrix = nn.Parameter(torch.ones(4, 4))
    Muon([matrix]).step()
    assert torch.equal(matrix, torch.ones(4, 4))


def test_what_torch_s_own_has_kept_is_gone_on_with() -> None:
    matrix = nn.Parameter(torch.ones(4, 4))
    matrix.grad = torch.eye(4)
    theirs = torch.optim.Muon([matrix])
    theirs.step()
    ours = Muon([matrix])
    ours.load_state_dict(theirs.state_dict())
    assert torch.equal(ours.state[matrix]["momentum_buffer"], 0.05 * torch.eye(4))
