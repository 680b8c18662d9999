"""New notes held by scale, density and locks, in a real browser with the real app."""

import pytest
from playwright.sync_api import Page, expect

from meloformer.engine.recipe_event import read_recipe
from meloformer.midi.read import read_file
from meloformer.score import read_midi
from meloformer.score.scales import Scale
from tests.browser.axe import complaints
from tests.browser.conftest import reload
from tests.browser.test_musician import (
    EXAMPLES,
    ask_for,
    download,
    finish,
    open_example,
    press_continue,
    upload,
)

pytestmark = pytest.mark.browser


def shape(page: Page):
    return page.get_by_role("button", name="Shape", exact=True)


def held(page: Page):
    return page.locator("#held-line")


def more(page: Page, name: str):
    return page.get_by_role("button", name=f"{name}: density, range, notes at once")


def notes(data: bytes) -> list[tuple[int, ...]]:
    return sorted(tuple(n) for track in read_midi(data).tracks for n in track.notes.tolist())


def test_new_notes_keep_to_scale_density_and_range_which_travel_with_the_file(visit):
    page = visit()
    open_example(page, "Band")
    expect(held(page)).to_be_hidden()
    shape(page).click()
    page.get_by_role("combobox", name="Scale").select_option("D")
    page.get_by_role("combobox", name="Mode").select_option("dorian")
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
    page.get_by_role("button", name="Reset").click()
    expect(held(page)).to_be_hidden()
    expect(page.get_by_role("combobox", name="Scale")).to_have_value("")

    other = visit()
    upload(other, {"name": "held.mid", "mimeType": "audio/midi", "buffer": data})
    expect(held(other)).to_have_text("D dorian · Bass half as busy, E1–E3")
