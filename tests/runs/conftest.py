from tests.training.conftest import _one_thread, small_base

__all__ = ["_one_thread", "small_base"]
