import subprocess
import sys
import time
from pathlib import Path

import pytest

from meloformer.runs.processes import RUN_VARIABLE, is_running, processes_of

_NAMED = """
import pathlib, time
from meloformer.runs.processes import write_pid_file
write_pid_file(pathlib.Path({folder!r}), "trainer.json")
memory = bytearray(300_000_000)
memory[::4096] = b"1" * len(memory[::4096])
print("ready", flush=True)
time.sleep(600)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the flags of a process are Linux's")
def test_a_process_is_gone_to_all_at_once_however_long_it_takes_to_die(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that gives back much memory is in no list any more, and must not count as running."""
    monkeypatch.setenv(RUN_VARIABLE, str(tmp_path))
    program = _NAMED.format(folder=str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        assert is_running(tmp_path, "trainer.json")
        process.kill()
        until = time.monotonic() + 60
        while processes_of(tmp_path):
            assert time.monotonic() < until
        assert not is_running(tmp_path, "trainer.json")
