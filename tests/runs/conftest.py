from tests.training.conftest import _one_thread, shards_folder, small_base

__all__ = ["_one_thread", "shards_folder", "small_base"]
