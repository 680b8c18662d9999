"""The listening page as a musician meets it: by keyboard, and on a phone in the dark."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from meloformer.evaluation.listening.pairs import read_test
from meloformer.evaluation.listening.votes import Answer, VoteFile
from tests.browser.axe import complaints as axe_complaints
from tests.evaluation.listening.small_test import SETS, write_small_test

pytestmark = pytest.mark.browser
PHONE = {
    "viewport": {"width": 375, "height": 700},
    "color_scheme": "dark",
    "has_touch": True,
    "is_mobile": True,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_small_test(tmp_path / "test")
    return tmp_path / "test"


@contextmanager
def opened(browser: Browser, folder: Path, **settings: object) -> Iterator[Page]:
    """Serve a listening test and open its page; nothing may be logged as an error."""
    words = [sys.executable, "-m", "meloformer", "listen", "open", str(folder), "--port", "0"]
    environment = {**os.environ, "MELOFORMER_HOME": str(folder / "home")}
    server = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment)
    context = browser.new_context(**settings)
    complaints: list[str] = []
    try:
        assert server.stdout is not None
        address = server.stdout.readline().split()[2]
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else 0)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        yield page
    finally:
        context.close()
        server.terminate()
        server.wait(20)
        server.stdout.close()
    assert complaints == []


def hear_both(page: Page) -> None:
    """Listen to both past the seam; the questions can be answered then."""
    page.keyboard.press("b")
    expect(page.get_by_role("button", name="B playing")).to_be_visible()
    place = page.get_by_label("Place in the music")
    place.fill("400")
    expect(place).not_to_have_value("400")
    page.keyboard.press("a")
    # Of an answer, as Playwright takes every fieldset for enabled.
    expect(page.get_by_role("radio", name="A", exact=True).first).to_be_enabled()


def test_all_pairs_are_judged_by_keyboard_and_the_votes_are_kept(
    browser: Browser, folder: Path
) -> None:
    with opened(browser, folder) as page:
        liked_first = page.get_by_role("radio", name="A", exact=True).first
        for number in range(1, len(SETS) + 1):
            expect(page.get_by_role("status")).to_have_text(f"Pair {number} of {len(SETS)}")
            page.keyboard.press("1")  # not before both were heard
            expect(liked_first).not_to_be_checked()
            hear_both(page)
            page.keyboard.press("1")
            page.keyboard.press("5")
            expect(liked_first).to_be_checked()
            page.keyboard.press("Enter")
        expect(page.get_by_role("heading")).to_have_text("That was all. Thank you!")
        expect(page.get_by_role("row")).to_have_count(1 + len(SETS))
        assert axe_complaints(page) == []
    votes, test = VoteFile(folder).read(), read_test(folder)
    assert [vote.real for vote in votes] == [Answer.NEITHER] * len(SETS)
    for vote in votes:
        is_true_first = test.is_true_first(vote.listener, vote.pair)
        assert vote.liked is (Answer.TRUE if is_true_first else Answer.WRITTEN)


def test_a_phone_shows_all_of_it_and_a_reload_goes_on_where_it_was(
    browser: Browser, folder: Path
) -> None:
    with opened(browser, folder, **PHONE) as page:
        expect(page.get_by_role("button", name="A listen")).to_be_enabled()
        assert axe_complaints(page) == []
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["viewport"]["width"]
        hear_both(page)
        page.get_by_text("Both equally").tap()
        page.get_by_text("Can't tell").tap()
        page.get_by_role("button", name="Next pair").tap()
        expect(page.get_by_role("status")).to_have_text(f"Pair 2 of {len(SETS)}")
        page.reload()
        expect(page.get_by_role("status")).to_have_text(f"Pair 2 of {len(SETS)}")
        page.get_by_role("button", name="Back").tap()
        expect(page.get_by_role("radio", name="Both equally")).to_be_checked()
