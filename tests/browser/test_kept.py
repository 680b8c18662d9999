"""Nothing is lost: the page is loaded again, and the app killed, at any moment."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from meloformer.app.users import convert_users
from tests.browser.conftest import CONTEXT, ROOT, reload
from tests.browser.test_musician import (
    EXAMPLES,
    SLOW_MS,
    ask_for,
    ask_for_a_lot,
    finish,
    open_example,
    press_continue,
    roll,
    status,
    upload,
)

pytestmark = pytest.mark.browser


class App:
    """The real app, which can be killed and started again on the same port."""

    def __init__(self, checkpoint: Path, home: Path, *words: str) -> None:
        self._words = (*words, "--model", str(checkpoint), "--workspace", str(home / "runs"))
        self._home = home
        self._process: subprocess.Popen[str] | None = None
        self.url = ""
        self.start("0")

    def start(self, port: str = "") -> None:
        with (self._home / "log.txt").open("a") as errors:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "app.py",
                    "--port",
                    port or self.url.rpartition(":")[2],
                    *self._words,
                ],
                cwd=ROOT,
                env={**os.environ, "MELOFORMER_HOME": str(self._home), "OMP_NUM_THREADS": "1"},
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        assert "http://" in said, (self._home / "log.txt").read_text()
        self.url = said.split()[-1]

    def kill(self, how: int = signal.SIGKILL) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        self._process.send_signal(how)
        self._process.wait(120)
        self._process.stdout.close()


@pytest.fixture
def app(checkpoint, tmp_path) -> Iterator[App]:
    app = App(checkpoint, tmp_path)
    yield app
    app.kill(signal.SIGTERM)


@pytest.fixture
def slow_app(slow_checkpoint, tmp_path) -> Iterator[App]:
    """With a model that needs longer for its bars than a page needs to be loaded again."""
    app = App(slow_checkpoint, tmp_path)
    yield app
    app.kill(signal.SIGTERM)


@pytest.fixture
def opened(browser) -> Iterator[Callable[..., Page]]:
    """Open an app as a new visitor; a page that is loaded again complains of streams cut short."""
    contexts = []

    def open_page(url: str, user: dict[str, str] | None = None) -> Page:
        context = browser.new_context(**CONTEXT)
        contexts.append(context)
        if user:
            assert context.request.post(f"{url}/login", form=user).ok
        page = context.new_page()
        page.goto(url)
        is_ready(page)
        return page

    yield open_page
    for context in contexts:
        context.close()


def is_ready(page: Page) -> None:
    expect(page.get_by_role("button", name="Melody", exact=True)).to_be_enabled()


def load_again(page: Page) -> None:
    reload(page)
    is_ready(page)


def versions(page: Page):
    return page.get_by_role("list", name="Versions of this piece").get_by_role("listitem")


def recent(page: Page):
    return page.get_by_role("list", name="Recent pieces").get_by_role("listitem")


def button(page: Page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def test_a_page_that_is_loaded_again_shows_what_was_there(opened, url):
    page = opened(url)
    load_again(page)
    expect(roll(page)).to_have_attribute("data-state", "empty")
    upload(page, EXAMPLES / "piano.mid")
    expect(roll(page)).not_to_have_attribute("data-notes", "0")
    notes = roll(page).get_attribute("data-notes")
    ask_for(page, 3, 2)
    page.get_by_label("Chords (optional)").fill("Am F")
    expect(page.get_by_text("then from the start again")).to_be_visible()
    page.wait_for_timeout(500)
    load_again(page)
    expect(roll(page)).to_have_attribute("data-notes", notes)
    expect(page.get_by_label("number input for Bars to add")).to_have_value("3")
    expect(page.get_by_label("Chords (optional)")).to_have_value("Am F")

    press_continue(page)
    finish(page)
    button(page, "Continuation 2").click()
    expect(versions(page).nth(2)).to_have_attribute("aria-current", "true")
    made = roll(page).get_attribute("data-new-notes")
    load_again(page)
    expect(roll(page)).to_have_attribute("data-new-bars", "3")
    expect(roll(page)).to_have_attribute("data-new-notes", made)
    expect(button(page, "Continuation 2")).to_have_attribute("aria-pressed", "true")
    finish(page, "3 bars written")

    mute = roll(page).get_by_role("button", name=re.compile("^Mute ")).first
    mute.click()
    button(page, "Loop").click()
    page.get_by_text("More", exact=True).click()
    page.get_by_label("Settings travel in the MIDI file").uncheck()
    page.wait_for_timeout(1000)
    load_again(page)
    expect(mute).to_have_attribute("aria-pressed", "true")
    expect(button(page, "Loop")).to_have_attribute("aria-pressed", "true")
    page.get_by_text("More", exact=True).click()
    expect(page.get_by_label("Settings travel in the MIDI file")).not_to_be_checked()

    button(page, "Keep this one").click()
    finish(page, "Kept")
    kept = roll(page).get_attribute("data-notes")
    load_again(page)
    expect(roll(page)).to_have_attribute("data-notes", kept)
    button(page, "Undo").click()
    expect(roll(page)).to_have_attribute("data-new-bars", "3")
    button(page, "Redo").click()
    expect(roll(page)).to_have_attribute("data-notes", kept)


def test_a_run_goes_on_while_the_page_is_loaded_again_and_is_cancelled_after(slow_app, opened):
    page = opened(slow_app.url)
    open_example(page, "Band")
    ask_for_a_lot(page)
    press_continue(page)
    expect(status(page)).to_contain_text(re.compile(r"bar \d+ of 64"), timeout=SLOW_MS)
    load_again(page)
    expect(status(page)).to_contain_text(re.compile(r"bar \d+ of 64"), timeout=SLOW_MS)
    before = int(roll(page).get_attribute("data-new-bars"))
    expect(roll(page)).to_have_attribute(
        "data-new-bars", re.compile(f"^(?!{before}$)"), timeout=SLOW_MS
    )
    expect(button(page, "Continue")).to_be_disabled()
    button(page, "Cancel").click()
    finish(page, "bars kept")
    expect(button(page, "Continue")).to_be_enabled()
    assert before < int(roll(page).get_attribute("data-new-bars")) < 64


def test_versions_are_starred_named_deleted_and_continued_from(visit):
    page = visit()
    open_example(page, "Melody")
    ask_for(page, 2, 2)
    press_continue(page)
    finish(page)
    expect(versions(page)).to_have_count(3)
    button(page, "Version 1: star").click()
    expect(button(page, "Version 1: star")).to_have_attribute("aria-pressed", "true")
    button(page, "Rename Version 1").click()
    page.get_by_label("New name of Version 1").fill("The quiet one")
    page.keyboard.press("Enter")
    expect(versions(page).nth(1)).to_contain_text("The quiet one")

    press_continue(page)
    expect(versions(page)).to_have_count(5, timeout=SLOW_MS)
    for name in ("Version 2", "The quiet one", "Version 2", "The quiet one"):
        button(page, f"Show {name}").click()  # faster than the app answers
    expect(versions(page).nth(1)).to_have_attribute("aria-current", "true")
    reload(page)
    expect(versions(page).nth(1)).to_have_attribute("aria-current", "true")
    button(page, "Delete Version 2").click()
    expect(versions(page)).to_have_count(4)
    page.get_by_role("application").focus()
    page.keyboard.press("Control+z")
    expect(versions(page)).to_have_count(5)
    page.keyboard.press("Control+Shift+Z")
    expect(versions(page)).to_have_count(4)
    page.keyboard.press("Control+z")
    expect(versions(page)).to_have_count(5)

    button(page, "Go on from Version 3").click()
    finish(page, "Continue from here")
    expect(roll(page)).to_have_attribute("data-new-bars", "0")
    page.get_by_label("Chords (optional)").fill("Am")
    page.keyboard.press("Control+z")  # of what is typed
    expect(roll(page)).to_have_attribute("data-new-bars", "0")


def test_killed_and_started_again_the_app_shows_the_piece_and_all_its_versions(slow_app, opened):
    app = slow_app
    page = opened(app.url)
    open_example(page, "Band")
    ask_for(page, 2, 2)
    press_continue(page)
    finish(page)
    ask_for_a_lot(page)
    press_continue(page)
    expect(status(page)).to_contain_text(re.compile(r"bar ([3-9]|\d\d) of 64"), timeout=SLOW_MS)
    app.kill()
    app.start()
    load_again(page)
    expect(roll(page)).to_contain_text("band")
    finish(page, "of 64 bars kept")
    assert int(roll(page).get_attribute("data-new-bars")) >= 3
    expect(versions(page).filter(has_text="not finished")).not_to_have_count(0)
    finished = versions(page).filter(has_text="2 bars more", has_not_text="not finished")
    expect(finished).to_have_count(2)
    expect(button(page, "Continue")).to_be_enabled()
    button(page, "Undo").click()
    expect(roll(page)).to_have_attribute("data-new-bars", "2")

    other = opened(app.url)  # another browser, another day
    expect(roll(other)).to_have_attribute("data-state", "empty")
    expect(recent(other)).to_have_count(1)
    recent(other).get_by_role("button").first.click()
    expect(roll(other)).to_have_attribute("data-new-bars", "2")


def test_recent_pieces_are_listed_opened_and_deleted_after_asking_once(app, opened):
    page = opened(app.url)
    for name in ("Melody", "Choir"):
        open_example(page, name)
        expect(roll(page)).to_contain_text(re.compile("choir" if name == "Choir" else "melody"))
    page.get_by_text("Recent pieces").click()
    expect(recent(page)).to_have_count(2)
    expect(recent(page).nth(0)).to_contain_text(re.compile(r"choir.*bars · today", re.DOTALL))
    recent(page).nth(1).get_by_role("button").first.click()
    expect(roll(page)).to_contain_text("solo-melody")
    page.get_by_role("button", name="Delete choir…").click()
    page.get_by_role("button", name="Keep choir").click()
    expect(recent(page)).to_have_count(2)
    page.get_by_role("button", name="Delete choir…").click()
    page.get_by_role("button", name="Delete choir with all its versions").click()
    expect(recent(page)).to_have_count(1)
    expect(page.get_by_text(re.compile(r"Your pieces take .* of 1,000 MB"))).to_be_visible()


def test_each_user_has_a_library_of_their_own(checkpoint, tmp_path, opened):
    users = tmp_path / "users.txt"
    users.write_text("anna:one\nbob:two\n")
    convert_users(users)
    app = App(checkpoint, tmp_path, "--users", str(users))
    try:
        anna = opened(app.url, {"username": "anna", "password": "one"})
        open_example(anna, "Choir")
        bob = opened(app.url, {"username": "bob", "password": "two"})
        open_example(bob, "Melody")
        for page, piece in ((anna, "choir"), (bob, "melody")):
            load_again(page)
            expect(roll(page)).to_contain_text(piece)
            page.get_by_text("Recent pieces").click()
            expect(recent(page)).to_have_count(1)
        again = opened(app.url, {"username": "anna", "password": "one"})  # another browser
        expect(recent(again)).to_have_count(1)
        expect(recent(again)).to_contain_text("choir")
    finally:
        app.kill(signal.SIGTERM)


def test_two_tabs_of_a_browser_do_not_change_each_others_piece(app, opened):
    page = opened(app.url)
    open_example(page, "Melody")
    other = page.context.new_page()
    other.goto(app.url)
    is_ready(other)
    expect(roll(other)).to_contain_text("melody")
    open_example(other, "Choir")
    expect(roll(other)).to_contain_text("choir")
    load_again(page)
    expect(roll(page)).to_contain_text("melody")
    load_again(other)
    expect(roll(other)).to_contain_text("choir")
