"""Faults that musicians met, in a real browser with the real app: each is gone, and stays away."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_musician import EXAMPLES, open_example, roll, upload
from tests.browser.test_rewrite import drag_over_bars, go

pytestmark = pytest.mark.browser


COLOUR = "input => getComputedStyle(input).backgroundColor"


def state_of(page: Page, name: str):
    return page.evaluate(f"document.querySelector('[data-mf=root]').roll.{name}")


def test_what_was_chosen_for_the_parts_outlasts_marking_and_letting_go(visit):
    page = visit()
    open_example(page, "Band")
    page.get_by_label("Piano: Silent").check()
    page.get_by_label(re.compile("[Ss]trings.*: Free$")).check()
    drag_over_bars(page, 2, 3)
    expect(go(page)).to_have_text("Write bars 2–3 again")
    page.get_by_label(re.compile("Drums.*: Keep$")).check()
    page.get_by_role("application").focus()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Continue", exact=True)).to_be_visible()
    expect(page.get_by_label("Piano: Silent")).to_be_checked()
    expect(page.get_by_label(re.compile("[Ss]trings.*: Free$"))).to_be_checked()
    drag_over_bars(page, 4, 5)
    expect(go(page)).to_have_text("Write bars 4–5 again")
    expect(page.get_by_label(re.compile("Drums.*: Keep$"))).to_be_checked()


def test_the_seam_moves_with_the_keys_of_its_slider(visit):
    page = visit()
    open_example(page, "Choir")
    before = state_of(page, "seam")
    page.get_by_role("button", name="More").click()
    slider = page.get_by_label("range slider for Continue after bar")
    expect(slider).to_have_value("12")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    bar = before - state_of(page, "bars")[-2]
    page.wait_for_function(
        "seam => document.querySelector('[data-mf=root]').roll.seam === seam",
        arg=before - 2 * bar,
    )
    expect(slider).to_be_focused()


def test_after_an_error_one_task_looks_chosen(visit):
    page = visit()
    open_example(page, "Choir")
    page.get_by_label("Write bars again").check()
    bars = page.get_by_role("textbox", name="Bars to write again")
    bars.fill("3-900")
    bars.press("Enter")
    expect(page.get_by_text(re.compile("At most 16"))).to_be_visible()
    chosen, other = page.get_by_label("Write bars again"), page.get_by_label("Continue", exact=True)
    expect(chosen).to_be_checked()
    chosen.hover()
    paper = other.evaluate(COLOUR)
    expect(chosen).not_to_have_css("background-color", paper)


def test_the_cross_of_an_upload_leaves_its_download_free(visit):
    page = visit()
    upload(page, EXAMPLES / "piano.mid")
    expect(roll(page)).not_to_have_attribute("data-notes", "0")
    boxes = [
        page.locator("#upload").locator(one).first.bounding_box()
        for one in ("a[download]", "button[aria-label=Clear], button[title=Clear]")
    ]
    (left, right) = sorted(boxes, key=lambda box: box["x"])
    apart = left["x"] + left["width"] <= right["x"]
    above = any(one["y"] + one["height"] <= other["y"] for one, other in (boxes, reversed(boxes)))
    assert apart or above


def picture(page: Page) -> str:
    """The canvas as it is once it has been drawn anew."""
    return page.evaluate(
        """() => new Promise((done) => {
            const canvas = document.querySelector("[data-mf=canvas]");
            requestAnimationFrame(() => requestAnimationFrame(() => done(canvas.toDataURL())));
        })"""
    )


def test_hiding_a_part_fades_nothing_while_the_pointer_stays(visit):
    page = visit()
    open_example(page, "Band")
    chip = roll(page).get_by_role("button", name="Hide Strings")
    whole = picture(page)
    chip.hover()
    assert picture(page) != whole  # the others step back
    chip.click()
    hidden = picture(page)
    page.mouse.move(5, 5)
    assert picture(page) == hidden
    chip.click()
    page.mouse.move(5, 5)
    assert picture(page) == whole


@pytest.mark.parametrize("name", ["song.kar", "song.RMI", "song.midi"])
def test_midi_files_are_known_by_all_their_names(visit, name):
    data = (EXAMPLES / "choir.mid").read_bytes()
    if name.endswith("RMI"):
        data = b"RIFF\0\0\0\0RMIDdata" + len(data).to_bytes(4, "little") + data
    page = visit()
    upload(page, {"name": name, "mimeType": "", "buffer": data})
    expect(roll(page)).not_to_have_attribute("data-notes", "0")
    expect(roll(page)).to_contain_text("song")
