from pathlib import Path

import pytest

from tests.corpus.small_corpus import write_shards


@pytest.fixture(scope="session")
def shards_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_shards(tmp_path_factory.mktemp("shards"))
