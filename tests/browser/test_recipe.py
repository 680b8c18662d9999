"""Settings that travel in a MIDI file, in a real browser with the real app."""

import re

import pytest
from playwright.sync_api import expect

from meloformer.engine.recipe_event import read_recipe
from meloformer.midi.read import read_file
from tests.browser.test_musician import (
    ask_for,
    download,
    finish,
    open_example,
    press_continue,
    roll,
    status,
    upload,
)

pytestmark = pytest.mark.browser


def test_a_downloaded_piece_brings_its_settings_back_and_can_go_without(visit):
    page = visit()
    open_example(page, "Band")
    page.get_by_label("Piano: Silent").check()
    page.get_by_label("Chords (optional)").fill("Em C")
    ask_for(page, 3, 1)
    page.get_by_role("button", name="More").click()
    page.get_by_label("Seed").fill("1234")
    press_continue(page)
    finish(page, "3 bars written (seed 1234)")
    whole = download(page, "Whole piece (MIDI)")
    assert read_recipe(read_file(whole)).recipe.seed == 1234
    link = page.get_by_role("link", name="Whole piece (MIDI)")
    with_recipe = link.get_attribute("href")
    page.get_by_label("Settings travel in the MIDI file").uncheck()
    expect(link).not_to_have_attribute("href", with_recipe)
    assert read_recipe(read_file(download(page, "Whole piece (MIDI)"))).recipe is None

    other = visit()
    upload(other, {"name": "longer.mid", "mimeType": "audio/midi", "buffer": whole})
    expect(status(other)).to_have_text(
        "The settings of this file are back: 3 bars after bar 12, seed 1234."
    )
    expect(roll(other)).to_contain_text("15 bars")
    expect(other.get_by_label("Piano: Silent")).to_be_checked()
    expect(other.get_by_label("Chords (optional)")).to_have_value("Em C")
    expect(other.get_by_label("number input for Bars to add")).to_have_value("3")
    other.get_by_role("button", name="More").click()
    expect(other.get_by_label("Seed")).to_have_value("1234")
    press_continue(other)
    finish(other, "3 bars written (seed 1234)")
    expect(roll(other)).to_have_attribute("data-new-bars", "3")


def test_bars_that_were_written_again_are_marked_again(visit):
    page = visit()
    open_example(page, "Choir")
    page.get_by_label("Write bars again").check()
    bars = page.get_by_role("textbox", name="Bars to write again")
    bars.fill("3-4")
    bars.press("Enter")
    again = page.get_by_role("button", name=re.compile("^Write "))
    expect(again).to_have_text("Write bars 3–4 again")
    page.get_by_label(re.compile(": Keep$")).first.check()
    again.click()
    finish(page, "2 bars written")
    whole = download(page, "Whole piece (MIDI)")

    other = visit()
    upload(other, {"name": "other.mid", "mimeType": "audio/midi", "buffer": whole})
    expect(status(other)).to_contain_text("are back: bars 3–4 written again")
    expect(other.get_by_role("button", name="Write bars 3–4 again")).to_be_enabled()
    expect(other.get_by_label(re.compile(": Keep$")).first).to_be_checked()
    marked = other.evaluate("document.querySelector('[data-mf=root]').roll.chosen")
    assert marked == [2, 4]
