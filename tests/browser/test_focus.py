"""The whole journey by keyboard: the focus is always somewhere."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_kept import button, versions
from tests.browser.test_musician import ask_for, finish, roll, upload

pytestmark = pytest.mark.browser

SETTLED_MS = 100
IS_SOMEWHERE = "document.activeElement !== document.body && document.activeElement !== null"


def press(page: Page, what: Locator, key: str = "Enter") -> None:
    """Press a key on something, and see that the focus is there or has gone on."""
    what.focus()
    page.keyboard.press(key)
    is_somewhere(page)


def is_somewhere(page: Page) -> None:
    page.wait_for_timeout(SETTLED_MS)
    page.wait_for_function(IS_SOMEWHERE, timeout=10_000)


def test_the_focus_never_falls_to_the_body(visit):
    page = visit()
    press(page, button(page, "Melody"))
    expect(roll(page)).not_to_have_attribute("data-notes", "0")
    page.get_by_label("Add an instrument").focus()
    page.keyboard.type("Vibra")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Vibraphone: Every bar")).to_be_checked()
    press(page, button(page, "Remove Vibraphone"))
    ask_for(page, 2, 2)
    is_somewhere(page)

    press(page, button(page, "Continue"))
    finish(page)
    is_somewhere(page)
    expect(page.get_by_role("application")).to_be_focused()
    for key in ("2", "Shift+ArrowRight", "Escape", "l", "l", "+", "-"):
        page.keyboard.press(key)
        is_somewhere(page)
    press(page, button(page, "Continuation 1"))
    expect(button(page, "Continuation 1")).to_be_focused()

    press(page, button(page, "Rename Version 1"))
    page.keyboard.type("Quiet")
    page.keyboard.press("Enter")
    expect(button(page, "Rename Quiet")).to_be_focused()
    press(page, button(page, "Quiet: star"))
    press(page, button(page, "Show Version 2"))
    expect(versions(page).nth(2)).to_have_attribute("aria-current", "true")
    is_somewhere(page)
    press(page, button(page, "Delete Version 2"))
    expect(versions(page)).to_have_count(2)
    is_somewhere(page)

    press(page, button(page, "Keep this one"))
    finish(page, "Kept")
    is_somewhere(page)
    press(page, button(page, "Undo"))
    is_somewhere(page)
    press(page, button(page, "Redo"))
    is_somewhere(page)
    for key in ("Control+z", "Control+z", "Control+Shift+Z"):
        page.keyboard.press(key)
        page.wait_for_timeout(600)
        is_somewhere(page)

    page.keyboard.press("?")
    is_somewhere(page)
    page.keyboard.press("Escape")
    is_somewhere(page)
    press(page, page.locator("summary").filter(has_text="Recent pieces"))
    press(page, page.get_by_role("button", name="Delete solo-melody…").first)
    press(page, page.get_by_role("button", name="Keep solo-melody"))


def test_the_focus_goes_on_from_cancel_and_from_what_an_error_leaves(visit_slow):
    page = visit_slow()
    press(page, button(page, "Band"))
    expect(roll(page)).not_to_have_attribute("data-notes", "0")
    ask_for(page, 64, 4)
    press(page, button(page, "Continue"))
    expect(button(page, "Cancel")).to_be_focused()
    page.keyboard.press("Enter")
    is_somewhere(page)
    expect(button(page, "Continue")).to_be_enabled()
    is_somewhere(page)
    expect(page.get_by_role("application")).to_be_focused()

    page.get_by_label("Write bars again").check()
    bars = page.get_by_role("textbox", name="Bars to write again")
    bars.fill("3-900")
    page.keyboard.press("Enter")
    is_somewhere(page)
    press(page, page.get_by_role("button", name="Close").last)
    expect(page.get_by_text("At most 16")).to_have_count(0)
    is_somewhere(page)

    upload(page, {"name": "cat.mid", "mimeType": "audio/midi", "buffer": bytes(2000)})
    is_somewhere(page)
