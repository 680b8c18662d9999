"""The app of a soak, which is killed and started again at the same address."""

import signal
import subprocess
import sys
import time

import httpx
import psutil

from benchmarks.report import ROOT
from benchmarks.soak.place import Place
from meloformer.app.address import free_port

_STARTS_S = 300.0
_ENDS_S = 60.0


class SoakedApp:
    """One app after another.

    Args:
        place: Where they work.
        options: Of `meloformer app`.
    """

    def __init__(self, place: Place, *options: str) -> None:
        self.place = place
        self.url = ""
        self.is_up = False
        self.num_starts = 0
        self._port = free_port("127.0.0.1")
        self._options = options
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start an app and wait until it answers."""
        with self.place.log.open("a") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "app.py", "--port", str(self._port)),
                    *("--workspace", str(self.place.runs), *self._options),
                ],
                cwd=ROOT,
                env=self.place.environment,
                stdout=subprocess.DEVNULL,
                stderr=log,
                text=True,
                preexec_fn=_hear_ctrl_c,
            )
        self.url = f"http://127.0.0.1:{self._port}"
        until = time.monotonic() + _STARTS_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"The app did not start:\n{self.place.log.read_text()[-4000:]}")
            time.sleep(0.2)
        self.num_starts += 1
        self.is_up = True

    def kill(self) -> None:
        """End it at once, in the middle of whatever it does."""
        self.is_up = False
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def end(self) -> None:
        """End it as Ctrl-C does."""
        self.is_up = False
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(_ENDS_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise SystemExit("The app does not end.") from None

    def resident_mb(self) -> float:
        """Return how much memory it takes, in MB."""
        assert self._process is not None
        return float(psutil.Process(self._process.pid).memory_info().rss / 1e6)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=10).status_code == 200
        except httpx.HTTPError:
            return False


def _hear_ctrl_c() -> None:
    """Let the app hear Ctrl-C, though whoever started the soak in the background may not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
