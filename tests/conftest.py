"""What every test may use: Hypothesis profiles, the `gpu` marker, shards, and a browser."""

import os
import shutil
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from meloformer.cpu_workarounds import avoid_broken_amx

if TYPE_CHECKING:
    from playwright.sync_api import Browser

IN_CI = bool(os.environ.get("CI"))
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""Of the browser."""

settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile("ci", max_examples=100, deadline=None, derandomize=True)
settings.load_profile("ci" if IN_CI else "dev")
# Kernels in Triton run on a CPU if that is asked for before Triton is imported, by whomever.
if not Path("/dev/nvidiactl").exists():
    os.environ.setdefault("TRITON_INTERPRET", "1")
# Threads of several test processes that wait for each other would take the cores from each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
avoid_broken_amx()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, and skip what needs a CUDA device where there is none.

    What starts a browser or processes is tried twice more where it fails, and listed as rerun: a
    page, an app, a training and a test are as many clocks on a machine of two cores.
    """
    _begin_with_slow_files(items)
    for item in items:
        if {"slow", "browser"} & set(item.keywords):
            item.add_marker(pytest.mark.flaky(reruns=2))
    marked = [item for item in items if "gpu" in item.keywords]
    if not marked:
        return
    import torch  # only for them

    if not torch.cuda.is_available():
        for item in marked:
            item.add_marker(pytest.mark.skip(reason="needs a CUDA device"))


def _begin_with_slow_files(items: list[pytest.Item]) -> None:
    """Sort the files with most slow tests to the front; their tests stay in order.

    Processes take one file after the other, and a slow one at the end would run alone.
    """
    slow = Counter(item.path for item in items if {"slow", "browser"} & set(item.keywords))
    items.sort(key=lambda item: -slow[item.path])


@pytest.fixture(autouse=True)
def _signals_are_handled_as_before() -> Iterator[None]:
    """Tests share a process: a handler that one leaves behind would be the fault of the next."""
    names = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(name) for name in names]
    yield
    assert [signal.getsignal(name) for name in names] == before


@pytest.fixture(scope="session")
def missing():
    """Say that a part of the system is missing: a skip on a laptop, a failure in CI."""
    return pytest.fail if IN_CI else pytest.skip


@pytest.fixture(scope="session")
def shards_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shards of the small corpus, which tests read and leave as they are."""
    # Not above: tests of a GPU run where there is no mido.
    from tests.corpus.small_corpus import write_shards

    return write_shards(tmp_path_factory.mktemp("shards"))


@pytest.fixture(scope="session")
def chromium_path(missing) -> str:
    """The system's Chromium, which the set-up installs."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    return path or missing("Chromium is missing: sh tools/system_packages.sh browser")


@pytest.fixture(scope="session")
def browser(chromium_path) -> Iterator["Browser"]:
    """One for all tests of a process: Playwright runs only once in each."""
    # Not above: tests of a GPU run where there is no Playwright.
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
        yield chromium
        chromium.close()
