import shutil
import signal
import subprocess
import sys
from pathlib import Path

import meloformer as mf
from meloformer.resources import EXAMPLES


def test_a_folder_is_watched_until_it_is_enough(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "meloformer", "watch", str(tmp_path), "--bars", "1"]
    watcher = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert watcher.stderr is not None
        assert watcher.stdout is not None
        assert "watching" in watcher.stderr.readline()
        (tmp_path / "no.mid").write_bytes(b"no music")
        assert watcher.stderr.readline().startswith("no.mid: ")
        shutil.copy(EXAMPLES / "jig.mid", tmp_path / "jig.mid")
        written = Path(watcher.stdout.readline().strip())
        assert written == tmp_path / "jig-continued.mid"
        assert mf.open(written).num_bars == mf.open(EXAMPLES / "jig.mid").num_bars + 1
    finally:
        watcher.send_signal(signal.SIGINT)
        said = watcher.communicate(timeout=180)[1]
    assert said.splitlines()[-1] == "Stopped before it was done."
    assert "Traceback" not in said
