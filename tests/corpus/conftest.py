from tests.data.conftest import shards_folder

__all__ = ["shards_folder"]
