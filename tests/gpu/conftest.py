"""What all tests of a GPU have in common.

Here `pytest -m gpu tests/gpu` needs no other package than PyTorch, NumPy, Triton and pytest.
"""

import pytest

_OF_TORCH = (
    "ignore::DeprecationWarning",
    # What compiling asks of a tensor that is no leaf.
    "ignore:The .grad attribute of a Tensor:UserWarning",
    # Float32 is computed as such where it is compared.
    "ignore:TensorFloat32 tensor cores:UserWarning",
)
"""Warnings that PyTorch's compiler gives, and that are nothing to whoever trains."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let none of them fail a test."""
    for item in items:
        if item.get_closest_marker("gpu") is not None:
            for line in _OF_TORCH:
                item.add_marker(pytest.mark.filterwarnings(line))
