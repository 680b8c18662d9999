import os
import subprocess
import sys
from pathlib import Path

import pytest

_DECODE = """
import hashlib

import torch

from tests.model.conftest import CONFIG, loud_model
from tests.model.streams import random_stream, stack

T, PROMPT = 130, 90
model = loud_model(CONFIG)
inputs = stack(random_stream(1, T))
with torch.inference_mode():
    cache, _ = model.prefill(inputs.slice(0, PROMPT), T)
    columns = torch.stack(list(inputs)).numpy()
    for t in range(PROMPT, T):
        print(hashlib.sha256(model.next_logits(columns[:, :, t], cache).tobytes()).hexdigest())
"""


@pytest.mark.slow
def test_what_was_kept_gives_the_same_bits_as_what_was_just_compiled(tmp_path: Path) -> None:
    compiled, kept = (_decode(tmp_path) for _ in range(2))
    assert len(compiled.split()) == 40
    assert kept == compiled


def _decode(kept: Path) -> str:
    """Print a digest of each token's logits in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", _DECODE],
        env=os.environ | {"NUMBA_CACHE_DIR": str(kept)},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
