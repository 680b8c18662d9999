"""Notes edited on the roll, in a real browser with the real app."""

import re

import pytest
from playwright.sync_api import Page, expect

from meloformer.score import read_midi
from tests.browser.axe import complaints
from tests.browser.conftest import reload
from tests.browser.test_musician import EXAMPLES, download, finish, open_example

pytestmark = pytest.mark.browser

SHOWN = "document.querySelector('[data-mf=root]')"


def edit(page: Page):
    return page.get_by_role("button", name="Edit", exact=True)


def heard(page: Page):
    """The live region that a screen reader reads out."""
    return page.locator("[data-mf=live]")


def chosen(page: Page) -> list[dict]:
    return page.evaluate(f"{SHOWN}.editing.chosen")


def shown(page: Page) -> int:
    return page.evaluate(f"{SHOWN}.roll.notes.length")


def saved(page: Page) -> None:
    """Wait until the app has answered."""
    page.wait_for_function(f"!{SHOWN}.editing.isSent")


def band_over(page: Page, quarters: float) -> None:
    """Drag a rubber band over all pitches from the first quarter on."""
    canvas = page.get_by_role("application")
    box = canvas.bounding_box()
    assert box is not None
    zoom = page.evaluate(f"{SHOWN}.roll.zoom")
    canvas.hover(position={"x": 41, "y": 50})
    page.mouse.down()
    canvas.hover(position={"x": 60, "y": 90})
    canvas.hover(position={"x": 40 + zoom * quarters - 4, "y": box["height"] - 4})
    page.mouse.up()


def notes(data: bytes) -> list[tuple[int, ...]]:
    return sorted(tuple(n) for track in read_midi(data).tracks for n in track.notes.tolist())


def test_a_rubber_band_selects_and_what_is_moved_is_kept_undone_and_downloaded(visit):
    page = visit()
    open_example(page, "Melody")
    before = notes((EXAMPLES / "solo-melody.mid").read_bytes())
    edit(page).click()
    expect(edit(page)).to_have_attribute("aria-pressed", "true")
    assert complaints(page) == []
    band_over(page, 4)
    some = chosen(page)
    assert 1 <= len(some) < len(before)
    expect(heard(page)).to_have_text(re.compile("selected|velocity"))

    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    saved(page)
    moved = chosen(page)
    assert [n["pitch"] - m["pitch"] for n, m in zip(moved, some, strict=True)] == [12] * len(some)
    assert moved[0]["start"] == pytest.approx(some[0]["start"] + 0.25, abs=0.01)
    page.screenshot(path="/tmp/edit-moved.png")

    page.keyboard.press("Delete")
    saved(page)
    assert shown(page) == len(before) - len(some)
    page.get_by_role("button", name="Undo").click()
    finish(page, "Back to the version before.")
    assert shown(page) == len(before)

    reload(page)
    expect(page.get_by_role("button", name="Undo")).to_be_enabled()
    page.wait_for_function(f"{SHOWN}.roll.notes.length === {len(before)}")
    now = notes(download(page, "Whole piece (MIDI)"))
    changed = [note for note in now if note not in before]
    assert len(now) == len(before)
    assert 1 <= len(changed) <= len(some)


def test_all_is_edited_by_keyboard_and_read_out(visit):
    page = visit()
    open_example(page, "Band")
    number = shown(page)
    page.get_by_role("application").focus()
    page.keyboard.press("e")
    expect(heard(page)).to_have_text(re.compile(r"bar 1 beat 1"))
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(heard(page)).to_have_text(re.compile(r"bar 2 beat 1\.25"))
    page.keyboard.press("Enter")
    saved(page)
    assert shown(page) in (number, number + 1)
    page.keyboard.press(".")
    expect(heard(page)).to_have_text(re.compile("velocity"))
    one = chosen(page)[0]
    page.keyboard.press("Alt+ArrowRight")
    page.keyboard.press("Alt+ArrowDown")
    saved(page)
    longer = chosen(page)[0]
    assert longer["velocity"] == one["velocity"] - 8
    assert longer["length"] > one["length"]
    page.keyboard.press("b")
    several = len(chosen(page))
    assert several > 1
    page.keyboard.press("q")
    page.keyboard.press("Control+c")
    saved(page)
    number = shown(page)
    page.keyboard.press("Escape")
    for _ in range(4):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Control+v")
    saved(page)
    assert number < shown(page) <= number + several
    page.keyboard.press("Control+a")
    assert len(chosen(page)) == shown(page)
    page.keyboard.press("ArrowDown")
    saved(page)
    expect(page.get_by_role("status").filter(has_text="notes changed")).to_be_visible()
    page.screenshot(path="/tmp/edit-band.png")
    page.keyboard.press("Control+z")
    finish(page, "Back to the version before.")


def test_a_drag_moves_a_note_and_a_double_click_draws_one(visit):
    page = visit()
    open_example(page, "Melody")
    edit(page).click()
    number = shown(page)
    x, y = page.evaluate(
        f"""() => {{
            const view = {SHOWN};
            const state = view.roll;
            const note = state.notes[0];
            const canvas = view.querySelector("canvas");
            const row = (canvas.clientHeight - 44) / (state.high - state.low + 1);
            const y = canvas.clientHeight - (note.pitch - state.low + 0.5) * row;
            return [40 + (note.start + note.length / 2) * state.zoom, y];
        }}"""
    )
    first = page.evaluate(f"{SHOWN}.roll.notes[0]")
    canvas = page.get_by_role("application")
    canvas.hover(position={"x": x, "y": y})
    page.mouse.down()
    canvas.hover(position={"x": x + 10, "y": y})
    canvas.hover(position={"x": x + page.evaluate(f"{SHOWN}.roll.zoom"), "y": y})
    page.mouse.up()
    saved(page)
    assert chosen(page)[0]["start"] == pytest.approx(first["start"] + 1, abs=0.01)
    assert chosen(page)[0]["pitch"] == first["pitch"]
    canvas.dblclick(position={"x": 120, "y": 60})
    saved(page)
    assert shown(page) == number + 1


def test_a_version_that_is_edited_is_gone_on_from(visit):
    page = visit()
    open_example(page, "Melody")
    page.get_by_role("button", name="Continue", exact=True).click()
    finish(page, "bars written")
    bars = page.evaluate(f"{SHOWN}.roll.all.length")
    edit(page).click()
    page.keyboard.press("Control+a")
    page.keyboard.press("ArrowUp")
    finish(page, "You go on from this version now.")
    assert page.evaluate(f"{SHOWN}.roll.all.length") == bars
    page.get_by_role("button", name="Continue", exact=True).click()
    finish(page, "bars written")
    assert page.evaluate(f"{SHOWN}.roll.all.length") > bars
    page.get_by_role("button", name="Go on from As you opened it").click()
    finish(page, "Continue from here.")
    edited = page.get_by_role("listitem").filter(has_text="Version 1, edited")
    edited.get_by_role("button", name="Go on from Version 1, edited").click()
    expect(edited).to_contain_text("continued from here")
    assert page.evaluate(f"{SHOWN}.roll.all.length") == bars
    page.screenshot(path="/tmp/edit-version.png")
