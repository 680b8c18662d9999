"""New notes held by scale, density and locks, in a real browser with the real app."""

import re

import pytest
from playwright.sync_api import Page, expect

from meloformer.engine.recipe_event import read_recipe
from meloformer.midi.read import read_file
from meloformer.score import read_midi
from meloformer.score.scales import Scale
from tests.browser.axe import complaints
from tests.browser.conftest import reload
from tests.browser.test_edit import SHOWN, chosen, edit
from tests.browser.test_musician import (
    EXAMPLES,
    ask_for,
    download,
    finish,
    open_example,
    press_continue,
    roll,
    upload,
)
from tests.browser.test_rewrite import drag_over_bars, go

pytestmark = pytest.mark.browser


def shape(page: Page):
    return page.get_by_role("button", name=re.compile("^Shape"))


def held(page: Page):
    return page.locator("#held-line")


def more(page: Page, name: str):
    return page.get_by_role("button", name=f"{name}: density, range, notes at once")


def test_new_notes_keep_to_scale_density_and_range_which_travel_with_the_file(visit):
    page = visit()
    open_example(page, "Band")
    expect(held(page)).to_be_hidden()
    shape(page).click()
    page.get_by_role("combobox", name="Scale").select_option("D")
    page.get_by_role("combobox", name="Mode", exact=True).select_option("dorian")
    more(page, "Bass").click()
    page.get_by_role("spinbutton", name="Bass: times as many notes as before").fill("0.5")
    page.get_by_role("combobox", name="Bass: lowest note").select_option("E1")
    page.get_by_role("combobox", name="Bass: highest note").select_option("E3")
    expect(held(page)).to_have_text("D dorian · Bass half as busy, E1–E3")
    assert complaints(page) == []
    page.screenshot(path="/tmp/shape.png", full_page=True)
    ask_for(page, 4, 1)
    press_continue(page)
    finish(page)
    before = read_midi((EXAMPLES / "band.mid").read_bytes())
    data = download(page, "Whole piece (MIDI)")
    after, allowed = read_midi(data), Scale(2, "dorian").pitch_classes
    new = 0
    for track in after.tracks:
        rows = track.notes[track.notes[:, 0] >= before.end_tick]
        new += len(rows)
        assert track.is_drum or set((rows[:, 2] % 12).tolist()) <= allowed
        if track.name == "Bass" and len(rows):
            assert 28 <= rows[:, 2].min() <= rows[:, 2].max() <= 52
    assert new > 0
    handles = read_recipe(read_file(data)).recipe.handles
    assert (handles.scale, handles.densities[0].times) == (Scale(2, "dorian"), 0.5)

    page.get_by_role("button", name="Keep this one").click()
    finish(page, "Kept")
    expect(held(page)).to_have_text("D dorian · Bass half as busy, E1–E3")
    reload(page)
    expect(held(page)).to_have_text("D dorian · Bass half as busy, E1–E3")
    page.get_by_role("button", name="Reset", exact=True).click()
    expect(held(page)).to_be_hidden()
    shape(page).click()
    expect(page.get_by_role("combobox", name="Scale")).to_have_value("")

    other = visit()
    upload(other, {"name": "held.mid", "mimeType": "audio/midi", "buffer": data})
    expect(held(other)).to_have_text("D dorian · Bass half as busy, E1–E3")


def part_bars(data: bytes, part: str, quarters: tuple[float, float]) -> list[tuple[int, ...]]:
    score = read_midi(data)
    (track,) = (one for one in score.tracks if one.name == part)
    first, last = (quarter * score.ticks_per_quarter for quarter in quarters)
    return [tuple(note) for note in track.notes.tolist() if first <= note[0] < last]


def test_locked_notes_and_no_others_stay_where_bars_are_written_again(visit):
    page = visit()
    open_example(page, "Band")
    drag_over_bars(page, 2, 3)
    expect(go(page)).to_have_text("Write bars 2–3 again")
    edit(page).click()
    bass = page.evaluate(f"{SHOWN}.roll.parts.find((part) => part.short === 'Bass').number")
    bar = page.get_by_role("toolbar", name="Edit notes")
    bar.get_by_role("combobox").first.select_option(str(bass))
    page.get_by_role("application").focus()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press(".")
    (one,) = chosen(page)
    page.keyboard.press("h")
    expect(held(page)).to_have_text("1 note locked")
    expect(page.locator("[data-mf=status]")).to_have_text("1 note locked")
    page.keyboard.press("h")
    expect(held(page)).to_be_hidden()
    for _ in range(5):  # faster than the app answers
        page.keyboard.press("h")
    expect(held(page)).to_have_text("1 note locked")
    page.screenshot(path="/tmp/locked.png")
    before = (EXAMPLES / "band.mid").read_bytes()
    go(page).click()
    finish(page, "2 bars written")
    again = download(page, "Whole piece (MIDI)")
    old, new = (set(part_bars(data, "Bass", (4, 12))) for data in (before, again))
    start = round(one["start"] * read_midi(before).ticks_per_quarter)
    (locked,) = (note for note in old if (note[0], note[2]) == (start, one["pitch"]))
    assert locked in new
    assert old != new
    # What stays is drawn as locked in the version, too, and is still locked after a reload.
    assert page.evaluate(f"{SHOWN}.roll.locks.length") == 1
    reload(page)
    expect(held(page)).to_have_text("1 note locked")
    page.wait_for_function(f"{SHOWN}.roll.locks.length === 1")


def test_all_is_held_by_keyboard_and_contradictions_are_said_beside_the_form(visit):
    page = visit()
    open_example(page, "Piano")
    shape(page).focus()
    page.keyboard.press("Enter")
    scale = page.get_by_label("Scale")
    expect(scale).to_be_enabled()
    scale.focus()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    expect(held(page)).to_have_text("D♭ major")
    chords = page.get_by_label("Chords (optional)")
    chords.focus()
    page.keyboard.type("Db E7")
    said = "The scale and the chords contradict each other: E7 is not in Db major."
    expect(held(page)).to_contain_text(said)
    press_continue(page)
    expect(page.get_by_text(said)).to_have_count(2)  # beside the form, and where it was pressed
    expect(roll(page)).to_have_attribute("data-new-bars", "0")
    page.screenshot(path="/tmp/contradiction.png")
    chords.fill("Db")
    expect(held(page)).not_to_contain_text("contradict")
    unfold = more(page, page.locator("[data-more]").first.get_attribute("aria-label").split(":")[0])
    unfold.focus()
    page.keyboard.press("Enter")
    expect(unfold).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowLeft")
    expect(held(page)).to_contain_text("0.93 times as busy")
    page.get_by_role("button", name="Reset", exact=True).focus()
    page.keyboard.press("Enter")
    expect(held(page)).to_be_hidden()
