"""Nobody is kept out, in any state of the page. A training is looked at in test_training.py."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import complaints
from tests.browser.fingers import PHONE
from tests.browser.test_kept import button, recent
from tests.browser.test_musician import (
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

TALL = {"viewport": {"width": 1400, "height": 4000}}
"""Nothing lies under what stays at the bottom of the window."""
TALL_PHONE = {**PHONE, "viewport": {"width": 390, "height": 6000}, "device_scale_factor": 1}


def read_a_piece(page: Page) -> None:
    open_example(page, "Melody")
    expect(page.get_by_label(re.compile(": Every bar$")).first).to_be_visible()


def mark_bars(page: Page) -> None:
    page.get_by_role("application").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.get_by_role("button", name="Write bar 1 again")).to_be_visible()
    page.keyboard.press("l")


def let_go_and_write_a_lot(page: Page) -> None:
    page.get_by_role("application").focus()
    page.keyboard.press("l")
    page.keyboard.press("Escape")
    expect(button(page, "Continue")).to_be_enabled()
    ask_for_a_lot(page)
    press_continue(page)
    expect(status(page)).to_contain_text(re.compile(r"bar \d+ of 64"), timeout=60_000)


def cancel(page: Page) -> None:
    button(page, "Cancel").click()
    for name in ("Continue", "Keep this one", "Undo"):
        expect(button(page, name)).to_be_enabled()


def write_two_versions(page: Page) -> None:
    ask_for(page, 2, 2)
    press_continue(page)
    finish(page, "2 bars written")


def show_another_version(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Show ")).first.click()
    expect(roll(page)).not_to_have_attribute("data-new-bars", "2")


def use_the_mixer(page: Page) -> None:
    for name in ("Mute", "Hide"):
        roll(page).get_by_role("button", name=re.compile(f"^{name} ")).first.click()
    expect(roll(page).locator(".mf-silent")).not_to_have_count(0)
    page.get_by_text("Notes as text, bar by bar").click()


def list_recent_pieces(page: Page) -> None:
    page.get_by_text("Recent pieces").click()
    page.get_by_role("button", name="Delete solo-melody…").first.click()
    expect(recent(page).first).to_be_visible()


def open_the_sheet(page: Page) -> None:
    page.get_by_role("application").focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


def close_it_and_bring_a_photograph(page: Page) -> None:
    page.keyboard.press("Escape")
    photograph = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(2000)
    upload(page, {"name": "cat.mid", "mimeType": "audio/midi", "buffer": photograph})
    expect(page.get_by_text(re.compile("JPEG.*not a MIDI file"))).to_be_visible()
    page.wait_for_timeout(1000)  # until it has faded in


def look_at_training(page: Page) -> None:
    page.get_by_role("tab", name="Training").click()
    expect(page.get_by_text("Your trainings")).to_be_visible()
    page.get_by_role("button", name="Details").click()
    page.get_by_role("button", name="The same from a shell").click()


STATES: tuple[Callable[[Page], None], ...] = (
    read_a_piece,
    mark_bars,
    let_go_and_write_a_lot,
    cancel,
    write_two_versions,
    show_another_version,
    use_the_mixer,
    list_recent_pieces,
    open_the_sheet,
    close_it_and_bring_a_photograph,
    look_at_training,
)
"""Each goes on from the one before; the first from an empty page."""


DEVICES = {
    "desktop in the light": {**TALL, "color_scheme": "light"},
    "phone in the dark": {**TALL_PHONE, "color_scheme": "dark"},
}


@pytest.mark.parametrize("device", DEVICES.values(), ids=DEVICES)
def test_nothing_keeps_anybody_out_in_any_state(visit_slow, device):
    page = visit_slow(**device)
    assert complaints(page) == []
    for go_on in STATES:
        go_on(page)
        assert (go_on.__name__, complaints(page)) == (go_on.__name__, [])


@pytest.mark.parametrize("device", [{**TALL, "color_scheme": "dark"}, TALL_PHONE])
def test_the_other_colours_keep_nobody_out_either(visit, device):
    page = visit(**device)
    for go_on in (read_a_piece, mark_bars, use_the_mixer, look_at_training):
        go_on(page)
        assert (go_on.__name__, complaints(page)) == (go_on.__name__, [])


def test_nothing_is_wider_than_the_screen(visit):
    page = visit(viewport={"width": 390, "height": 844})
    open_example(page, "Band")
    for tab, shown in (("Compose", roll(page)), ("Training", page.get_by_text("Your trainings"))):
        page.get_by_role("tab", name=tab).click()
        expect(shown).to_be_visible()
        for width, height in ((390, 844), (1400, 900)):
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
