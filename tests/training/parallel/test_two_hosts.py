"""A run on two machines: network namespaces with an interface, a name and a `/etc/hosts` each.

They share the disk, and a cable between them is all the network they have. Names are as Debian
sets them up: each machine's own name leads to 127.0.1.1.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from meloformer.runs.folder import WORKER
from meloformer.runs.state import Status, read_state
from meloformer.runs.workspace import Run
from tests.runs.forked_ranks import SLOWEST_S, forked
from tests.runs.real_runs import (
    losses,
    new_run,
    same_weights,
    small_config,
    wait_for_step,
)

pytestmark = pytest.mark.slow
TIMEOUT_S = 6.0
MARGIN_S = 10.0
"""For a machine that is busy with other things."""
LOST = "another process of the run is gone"
INTERFACE = "eth0"
ADDRESSES = {"host-a": "10.77.0.1", "host-b": "10.77.0.2"}
ENVIRONMENT = {
    "GLOO_SOCKET_IFNAME": INTERFACE,
    "OMP_NUM_THREADS": "1",
    "TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1",
}
BECOME = """
mount --bind "$1/hosts" /etc/hosts &&
mount --bind "$1/nsswitch.conf" /etc/nsswitch.conf &&
hostname "$2" && shift 2 && exec "$@"
"""
"""Runs in mount and host name namespaces of its own."""


class Host:
    """One of the machines."""

    def __init__(self, name: str, namespace: str, files: Path) -> None:
        self.name, self.namespace = name, namespace
        self.files = files
        """What differs on its disk, and its log."""
        self.launcher: subprocess.Popen[bytes]
        self._launchers: list[subprocess.Popen[bytes]] = []

    def launch(self, run: Run) -> None:
        """Start torchrun with one process here, in a run on two machines."""
        torchrun = (
            *(sys.executable, "-m", "torch.distributed.run", "--nnodes=2", "--nproc-per-node=1"),
            *("--max-restarts=3", "--rdzv-backend=c10d", "--rdzv-endpoint=host-a:29511"),
            *(f"--rdzv-id={run.name}", "-m", WORKER, str(run.folder)),
        )
        become = ("unshare", "--uts", "sh", "-c", BECOME, "sh", str(self.files), self.name)
        with self._log.open("ab") as output:
            self.launcher = subprocess.Popen(
                ("ip", "netns", "exec", self.namespace, *become, *torchrun),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=os.environ | ENVIRONMENT,
            )
        self._launchers.append(self.launcher)

    def link(self, state: str) -> None:
        """Plug its cable in ("up") or out ("down")."""
        ip("-n", self.namespace, "link", "set", INTERFACE, state)

    def kill(self) -> None:
        """End all that runs here."""
        while pids := ip("netns", "pids", self.namespace).split():
            for pid in map(int, pids):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)
        for launcher in self._launchers:
            launcher.wait(SLOWEST_S)

    def notice_loss_of(self, other: "Host") -> None:
        """Let the other machine lose its power, and wait until the process here has noticed.

        No process there says goodbye, and no packet is answered.
        """
        before = self.said().count(LOST)
        other.link("down")
        other.kill()
        until = time.monotonic() + TIMEOUT_S + MARGIN_S
        while self.said().count(LOST) == before:
            assert time.monotonic() < until, self.said()
            time.sleep(0.05)

    def said(self) -> str:
        """What was printed here."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def _log(self) -> Path:
        return self.files / "log.txt"


def ip(*words: str) -> str:
    """Run iproute2's command."""
    done = subprocess.run(("ip", *words), capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"ip {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


@pytest.fixture
def hosts(tmp_path: Path, missing: Callable[[str], None]) -> Iterator[tuple[Host, Host]]:
    """Two machines with a cable between them, which are gone in the end with all they run."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root can make network namespaces, on Linux")
    if not shutil.which("ip"):
        missing("iproute2 is missing: sh tools/system_packages.sh browser")
    with ExitStack() as stack:
        try:
            first, second = (make_host(name, tmp_path, stack) for name in ADDRESSES)
            first_end = (INTERFACE, "netns", first.namespace)
            second_end = (INTERFACE, "netns", second.namespace)
            ip("link", "add", *first_end, "type", "veth", "peer", "name", *second_end)
        except OSError as error:
            pytest.skip(f"this machine has no network namespaces for its root: {error}")
        for host in (first, second):
            address = f"{ADDRESSES[host.name]}/24"
            ip("-n", host.namespace, "address", "add", address, "dev", INTERFACE)
            ip("-n", host.namespace, "link", "set", "lo", "up")
            host.link("up")
        yield first, second


def make_host(name: str, folder: Path, stack: ExitStack) -> Host:
    """A machine without network, which the stack takes away again."""
    host = Host(name, f"meloformer-{os.getpid()}-{name}", folder / name)
    host.files.mkdir()
    known = ADDRESSES | {name: "127.0.1.1", "localhost": "127.0.0.1"}
    lines = [f"{address} {one}\n" for one, address in known.items()]
    (host.files / "hosts").write_text("".join(lines))
    (host.files / "nsswitch.conf").write_text("hosts: files\n")  # no name server is asked
    ip("netns", "add", host.namespace)
    stack.callback(ip, "netns", "delete", host.namespace)
    stack.callback(host.kill)
    return host


def test_a_run_survives_the_loss_of_either_machine(
    hosts: tuple[Host, Host], shards_folder: Path, small_base: Path, tmp_path: Path
) -> None:
    """The first machine leads, and is where all meet.

    When the second is lost, the first waits until it is back. When the first is lost, the second
    waits no longer than until it is back, and both are started again.
    """
    first, second = hosts
    settings = {"steps": 48, "save_minutes": 0.005, "timeout_s": TIMEOUT_S, "evaluate_tokens": 0}
    whole = new_run(small_config(shards_folder, tmp_path / "whole", small_base, **settings))
    run = new_run(small_config(shards_folder, tmp_path / "lost", small_base, **settings))
    with forked(whole, 2) as uninterrupted:
        first.launch(run)
        second.launch(run)

        wait_for_step(run, 8)
        first.notice_loss_of(second)
        assert read_state(run.folder).status == Status.RUNNING
        second.link("up")
        second.launch(run)

        wait_for_step(run, 24)
        assert first.launcher.poll() is None
        second.notice_loss_of(first)
        assert read_state(run.folder).status == Status.RUNNING
        first.link("up")
        assert second.launcher.wait(SLOWEST_S) != 0, second.said()

        first.launch(run)
        second.launch(run)
        assert first.launcher.wait(SLOWEST_S) == 0, first.said()
        assert second.launcher.wait(SLOWEST_S) == 0, second.said()
        assert uninterrupted.wait() == [0, 0], whole.log_tail()
    assert read_state(run.folder).status == Status.FINISHED
    assert len(losses(run)) == 48
    assert losses(run) == losses(whole)
    assert same_weights(run, whole)
