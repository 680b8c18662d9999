"""A musician's phone: the roll comes into sight, its player stays, and fingers mark and zoom."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.fingers import PHONE, Fingers
from tests.browser.test_musician import finish, open_example, roll
from tests.browser.test_rewrite import go

pytestmark = pytest.mark.browser

ROLL = "document.querySelector('[data-mf=root]').roll"
TARGET_PX = 44
RULER_Y = 15
UNCOVERED = """(field) => {
    const { left, top, width, height } = field.getBoundingClientRect();
    const above = document.elementFromPoint(left + width / 2, top + height / 2);
    return top >= 0 && top + height <= innerHeight && (above === field || field.contains(above));
}"""
SMALL = """([least]) => [...document.querySelectorAll("#roll :is(button, input, summary)")]
    .map((node) => [node.outerHTML.slice(0, 80), node.getBoundingClientRect()])
    .filter(([, box]) => box.width && (box.width < least || box.height < least))
    .map(([name]) => name)"""


def canvas(page: Page) -> dict[str, float]:
    box = page.get_by_role("application").bounding_box()
    assert box is not None
    return {**box}


def bar_x(page: Page, bar: int) -> float:
    """The middle of a bar of the piece, from 1, in pixels of the window."""
    middle = page.evaluate(
        f"(bar) => ({ROLL}.bars[bar - 1] + {ROLL}.bars[bar]) / 2 * {ROLL}.zoom + 40"
        " - document.querySelector('[data-mf=scroll]').scrollLeft",
        bar,
    )
    return canvas(page)["x"] + middle


def test_the_roll_comes_into_sight_and_its_player_stays(visit):
    page = visit(**PHONE)
    open_example(page, "Band")
    page.get_by_label("Chords (optional)").scroll_into_view_if_needed()
    page.get_by_role("button", name="Continue", exact=True).tap()
    finish(page)
    expect(page.get_by_role("application")).to_be_in_viewport(ratio=1)
    for place in ("0", "document.body.scrollHeight"):
        page.evaluate(f"window.scrollTo(0, {place})")
        for name in ("Play", "New bars", "Loop", "Continuation 2"):
            expect(roll(page).get_by_role("button", name=name, exact=True)).to_be_in_viewport(
                ratio=1
            )
    roll(page).get_by_role("button", name="Continuation 2").tap()
    assert page.evaluate(f"{ROLL}.selected") == 1
    assert page.evaluate(SMALL, [TARGET_PX - 0.5]) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_nothing_covers_the_field_that_has_the_focus(visit):
    page = visit(**PHONE)
    open_example(page, "Band")
    for field in (
        page.get_by_label("Chords (optional)"),
        page.get_by_label("number input for Bars to add"),
        page.get_by_label("number input for Versions to compare"),
    ):
        field.focus()
        assert field.evaluate(UNCOVERED)
        expect(page.get_by_role("button", name="Play", exact=True)).to_be_hidden()
        page.set_viewport_size({"width": 390, "height": 420})  # a keyboard comes
        field.scroll_into_view_if_needed()
        assert field.evaluate(UNCOVERED)
        page.set_viewport_size(PHONE["viewport"])
        field.blur()
        expect(page.get_by_role("button", name="Play", exact=True)).to_be_in_viewport()


def test_fingers_mark_bars_move_the_ends_and_zoom(visit):
    page = visit(**PHONE)
    open_example(page, "Band")
    fingers = Fingers(page)
    page.get_by_role("application").scroll_into_view_if_needed()
    page.get_by_role("button", name="Fit", exact=True).tap()
    y = canvas(page)["y"] + RULER_Y
    fingers.drag((bar_x(page, 3), y), (bar_x(page, 5), y))
    expect(go(page)).to_have_text("Write bars 3–5 again")
    end = (bar_x(page, 5) + bar_x(page, 6)) / 2
    fingers.drag((end + 12, y), (bar_x(page, 8), y))
    expect(go(page)).to_have_text("Write bars 3–8 again")
    start = (bar_x(page, 2) + bar_x(page, 3)) / 2
    fingers.drag((start - 8, y), (bar_x(page, 6), y))
    expect(go(page)).to_have_text("Write bars 6–8 again")

    box, before = canvas(page), page.evaluate(f"{ROLL}.zoom")
    middle = (bar_x(page, 7), box["y"] + 180)
    fingers.pinch(middle, 60, 240)
    assert page.evaluate(f"{ROLL}.zoom") == pytest.approx(4 * before, rel=0.02)
    assert bar_x(page, 7) == pytest.approx(middle[0], abs=3)
    assert page.evaluate("visualViewport.scale") == 1
    fingers.pinch(middle, 240, 60)
    assert page.evaluate(f"{ROLL}.zoom") == pytest.approx(before, rel=0.02)
    expect(go(page)).to_have_text("Write bars 6–8 again")

    fingers.pinch(middle, 60, 240)
    left = page.evaluate("document.querySelector('[data-mf=scroll]').scrollLeft")
    fingers.drag((box["x"] + 300, middle[1]), (box["x"] + 100, middle[1]))
    page.wait_for_function(
        f"document.querySelector('[data-mf=scroll]').scrollLeft > {left + 100}"
    )  # one finger moves the roll
    expect(go(page)).to_have_text("Write bars 6–8 again")
