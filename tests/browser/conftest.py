import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import torch
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect

from meloformer.audio import find_soundfont
from meloformer.audio.library import load_library
from meloformer.checkpoint import Card, save
from meloformer.errors import AudioError
from meloformer.model import MeloFormer
from meloformer.model.config import SIZES, ModelConfig
from meloformer.runs.processes import end_processes
from meloformer.runs.workspace import list_runs
from meloformer.tokens import vocabulary

PATIENCE_MS = 60_000
"""A machine that does other things as well is slow."""
expect.set_options(timeout=PATIENCE_MS)

ROOT = Path(__file__).parents[2]
CONTEXT = {"viewport": {"width": 1400, "height": 900}, "accept_downloads": True}


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory) -> Path:
    """An untrained model: it writes nonsense, in whole bars."""
    config = replace(SIZES["tiny"], num_layers=1, dim=64, num_heads=1, num_kv_heads=1, ffn_dim=64)
    return save_untrained(tmp_path_factory.mktemp("model") / "untrained", config)


def save_untrained(folder: Path, config: ModelConfig) -> Path:
    """Save a model that has learned nothing, and return its folder."""
    torch.manual_seed(0)
    card = Card(
        name="untrained",
        model=config,
        vocabulary=vocabulary().fingerprint,
        context_tokens=512,
        steps=0,
        tokens_seen=0,
        infill=True,
    )
    save(folder, MeloFormer(config).eval(), card)
    return folder


@pytest.fixture(scope="session")
def workspace(tmp_path_factory) -> Iterator[Path]:
    """Where the app keeps music to train on and runs; no run outlives the tests."""
    folder = tmp_path_factory.mktemp("workspace") / "runs"
    yield folder
    for run in list_runs(folder):
        end_processes(run.folder, 0)


@pytest.fixture(scope="session")
def slow_checkpoint(tmp_path_factory) -> Path:
    """A model that still writes 64 bars when a test has looked at the page and presses Cancel."""
    config = replace(SIZES["small"], num_layers=16)
    return save_untrained(tmp_path_factory.mktemp("model") / "slow", config)


@pytest.fixture(scope="session")
def url(checkpoint, workspace, tmp_path_factory) -> Iterator[str]:
    """The real app on a free port."""
    with serving(checkpoint, workspace, tmp_path_factory.mktemp("home")) as address:
        yield address


@pytest.fixture(scope="session")
def slow_url(slow_checkpoint, tmp_path_factory) -> Iterator[str]:
    """The real app with the slow model, for what happens while it writes."""
    home = tmp_path_factory.mktemp("slow")
    with serving(slow_checkpoint, home / "runs", home) as address:
        yield address


@contextmanager
def serving(checkpoint: Path, workspace: Path, home: Path, *options: str) -> Iterator[str]:
    log = home / "log.txt"
    with log.open("w") as errors:
        app = subprocess.Popen(
            [
                *(sys.executable, "app.py", "--port", "0", "--model", str(checkpoint)),
                *("--workspace", str(workspace), *options),
            ],
            cwd=ROOT,
            env={**os.environ, "MELOFORMER_HOME": str(home), "OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        assert app.stdout is not None
        try:
            said = app.stdout.readline()
            assert "http://" in said, log.read_text()
            yield said.split()[-1]
        finally:
            app.terminate()
            app.wait(120)
            app.stdout.close()


LEFT: set[Page] = set()
"""Pages that are being left."""


def reload(page: Page) -> None:
    """Load a page again; that its streams are cut short, which Gradio logs, is no fault."""
    LEFT.add(page)
    page.reload()
    LEFT.remove(page)


@pytest.fixture
def visit(browser, url) -> Iterator[Callable[..., Page]]:
    """Open the app as a new visitor; nothing may be logged as an error or fetched elsewhere."""
    with visitors(browser, url) as open_page:
        yield open_page


@pytest.fixture
def visit_slow(browser, slow_url) -> Iterator[Callable[..., Page]]:
    """The same, where the model is slow."""
    with visitors(browser, slow_url) as open_page:
        yield open_page


@contextmanager
def visitors(browser: Browser, url: str) -> Iterator[Callable[..., Page]]:
    complaints: list[str] = []
    contexts = []

    def listen(page: Page) -> None:
        def on_console(message: ConsoleMessage) -> None:
            if message.type == "error" and page not in LEFT:
                complaints.append(f"console: {message.text}")

        def on_request(request: Request) -> None:
            if urlsplit(request.url).hostname not in (None, "127.0.0.1"):
                complaints.append(f"request: {request.url}")

        page.on("console", on_console)
        page.on("request", on_request)
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))

    def open_page(**settings: object) -> Page:
        context = browser.new_context(**{**CONTEXT, **settings})
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        listen(page)
        page.goto(url)
        # Examples wake when the visitor has a session; a file that comes before has no place to go.
        expect(page.get_by_role("button", name="Melody", exact=True)).to_be_enabled()
        return page

    yield open_page
    seen = list(complaints)
    for context in contexts:
        context.close()
    assert seen == []


@pytest.fixture(scope="session")
def sound(missing) -> None:
    """Only where FluidSynth is."""
    try:
        load_library()
        find_soundfont(ROOT / "soundfonts")
    except AudioError as error:
        missing(str(error))
