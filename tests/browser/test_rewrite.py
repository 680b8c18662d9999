"""Bars written again, in a real browser with the real app."""

import re

import pytest
from playwright.sync_api import Page, expect

from meloformer.score import bar_grid, read_midi
from tests.browser.test_musician import EXAMPLES, download, finish, open_example, roll

pytestmark = pytest.mark.browser


def drag_over_bars(page: Page, first: int, last: int) -> None:
    """From the middle of one bar to the middle of another, on their numbers; both from 1."""
    expect(page.get_by_label(re.compile(": Every bar$")).first).to_be_visible()
    canvas = page.get_by_role("application")
    from_x, to_x = page.evaluate(
        """([first, last]) => {
            const { bars, zoom } = document.querySelector("[data-mf=root]").roll;
            return [first, last].map((bar) => 40 + zoom * (bars[bar - 1] + bars[bar]) / 2);
        }""",
        [first, last],
    )
    canvas.hover(position={"x": from_x, "y": 12})  # waits until the page lies still
    page.mouse.down()
    canvas.hover(position={"x": (from_x + to_x) / 2, "y": 12})
    canvas.hover(position={"x": to_x, "y": 12})
    page.mouse.up()


def go(page: Page):
    return page.get_by_role("button", name=re.compile("^Write "))


def test_bars_dragged_over_are_written_again_and_all_else_stays(visit):
    page = visit()
    open_example(page, "Band")
    drag_over_bars(page, 2, 3)
    expect(go(page)).to_have_text("Write bars 2–3 again")
    expect(page.get_by_role("textbox", name="Bars to write again")).to_have_value("2-3")
    page.get_by_label(re.compile("guitar: Keep$")).first.check()
    go(page).click()
    finish(page, "2 bars written")
    expect(roll(page)).to_have_attribute("data-new-bars", "2")

    before = read_midi((EXAMPLES / "band.mid").read_bytes())
    after = read_midi(download(page, "Whole piece (MIDI)"))
    lines = bar_grid(before).starts
    names = {track.name: track for track in after.tracks}
    changed = 0
    for track in before.tracks:
        old, new = (
            {tuple(n) for n in one.notes.tolist() if not lines[1] <= n[0] < lines[3]}
            for one in (track, names[track.name])
        )
        assert old == new
        changed += track != names[track.name]
    assert 1 <= changed < len(before.tracks)

    page.get_by_role("button", name="Keep this one").click()
    finish(page, "Kept")
    expect(page.get_by_role("button", name="Continue", exact=True)).to_be_visible()
    expect(roll(page)).to_contain_text("12 bars")


def test_bars_are_chosen_by_keyboard_let_go_and_typed_and_wrong_ones_get_a_sentence(visit):
    page = visit()
    open_example(page, "Choir")
    page.get_by_role("application").focus()
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    expect(go(page)).to_have_text("Write bars 1–3 again")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Continue", exact=True)).to_be_visible()

    page.get_by_label("Write bars again").check()
    bars = page.get_by_role("textbox", name="Bars to write again")
    bars.fill("3-900")
    bars.press("Enter")
    expect(page.get_by_text(re.compile("At most 16"))).to_be_visible()
    bars.fill("3")
    bars.press("Enter")
    expect(go(page)).to_have_text("Write bar 3 again")
    marked = page.evaluate("document.querySelector('[data-mf=root]').roll.chosen")
    assert marked == [2, 3]
