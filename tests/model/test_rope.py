import torch

from meloformer.model.rope import MusicalRope, rotate


def scores(bars: list[int], onsets: list[int]) -> torch.Tensor:
    """Products of one query and one key at all pairs of places. (T, T)."""
    torch.manual_seed(0)
    query, key = torch.randn(2, 64)
    cos, sin = MusicalRope(64, 96)(torch.tensor([bars]), torch.tensor([onsets]), torch.float32)
    q, k = (rotate(x.expand(1, len(bars), 1, 64), cos, sin)[0, :, 0] for x in (query, key))
    return q @ k.T


def test_only_the_distance_counts() -> None:
    near = scores([0, 1, 5], [0, 36, 12])
    far = scores([900, 901, 905], [24, 60, 36])
    torch.testing.assert_close(near, far, atol=2e-3, rtol=0)


def test_bar_and_onset_are_told_apart() -> None:
    products = scores([3, 3, 4], [0, 12, 0])
    assert products[0, 1] != products[0, 2]


def test_turning_keeps_the_length() -> None:
    x = torch.randn(2, 5, 3, 64)
    cos, sin = MusicalRope(64, 96)(torch.arange(10).view(2, 5), torch.zeros(2, 5), torch.float32)
    torch.testing.assert_close(rotate(x, cos, sin).norm(dim=-1), x.norm(dim=-1))
