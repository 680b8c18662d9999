import os
from pathlib import Path

import pytest

from meloformer.training.compile_cache import keep_compiled


def test_a_folder_that_is_named_already_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TORCHINDUCTOR_CACHE_DIR", raising=False)
    monkeypatch.setenv("TRITON_CACHE_DIR", "elsewhere")
    keep_compiled(tmp_path)
    assert Path(os.environ["TORCHINDUCTOR_CACHE_DIR"]).parent == tmp_path
    assert os.environ["TRITON_CACHE_DIR"] == "elsewhere"
    monkeypatch.delenv("TORCHINDUCTOR_CACHE_DIR")
