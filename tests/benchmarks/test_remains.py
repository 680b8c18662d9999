"""A soak tells what it left behind, whatever other programs do on the machine meanwhile."""

import multiprocessing
import shutil
from pathlib import Path
from uuid import uuid4

import pytest

from benchmarks.soak.remains import shared_memory, shared_memory_left
from meloformer.app.spare import spare_folder, write_small

SHARED_MEMORY = Path("/dev/shm")
pytestmark = pytest.mark.skipif(not SHARED_MEMORY.is_dir(), reason="shared memory has no folder")


def test_what_a_living_process_uses_is_not_left():
    before = shared_memory()
    lock = multiprocessing.get_context("spawn").Lock()  # its name goes with it
    folder = spare_folder()
    write_small([folder], "bars.mid", b"MThd")
    came = shared_memory() - before
    left = shared_memory_left(before, 0)
    shutil.rmtree(folder)
    name = f"sem.{lock._semlock.name.strip('/')}"
    assert {name, folder.name} <= came
    assert not {name, folder.name} & set(left)


def test_what_nobody_uses_is_left():
    before = shared_memory()
    block = SHARED_MEMORY / f"sem.mp-{uuid4().hex}"
    block.touch()
    try:
        assert block.name in shared_memory_left(before, 0)
    finally:
        block.unlink()
