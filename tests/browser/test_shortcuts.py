"""The sheet of shortcuts and the names of chords, in a real browser with the real app."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import complaints
from tests.browser.test_musician import open_example

pytestmark = pytest.mark.browser


def test_a_question_mark_opens_the_sheet_and_the_focus_comes_back(visit):
    page = visit()
    open_example(page, "Choir")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    canvas = page.get_by_role("application")
    canvas.focus()
    page.keyboard.press("?")
    expect(sheet).to_be_visible()
    expect(sheet.get_by_role("button", name="Close")).to_be_focused()
    expect(sheet).to_contain_text("Play or pause")
    assert complaints(page) == []
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(canvas).to_be_focused()

    opener = page.get_by_role("button", name="Keyboard shortcuts")
    opener.click()
    page.keyboard.press("?")
    expect(sheet).to_be_hidden()
    expect(opener).to_be_focused()
    opener.click()
    sheet.get_by_role("button", name="Close").click()
    expect(opener).to_be_focused()

    chords = page.get_by_label("Chords (optional)")
    chords.press("?")
    expect(chords).to_have_value("?")
    expect(sheet).to_be_hidden()
    page.get_by_role("tab", name="Training").click()
    page.keyboard.press("?")
    expect(sheet).to_be_hidden()


def test_given_bars_are_told_with_their_chords(visit):
    page = visit()
    open_example(page, "Choir")
    page.get_by_text("Notes as text, bar by bar").click()
    bars = page.get_by_role("listitem").filter(has_text=re.compile(r"Bar \d+, [A-G]\S*: "))
    expect(bars.nth(7)).to_be_attached()
    assert page.evaluate("document.querySelector('[data-mf=root]').roll.chords.length") == 12
