"""A musician's five minutes, in a real browser with the real app."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from meloformer.score import bar_grid, read_midi
from tests.browser.conftest import reload

pytestmark = pytest.mark.browser

EXAMPLES = Path(__file__).parents[2] / "assets" / "examples"
SLOW_MS = 180_000
"""What decodes is compiled once in a fresh clone: half a minute on two free cores."""


def roll(page: Page):
    return page.get_by_role("group", name="Piano roll and player")


def status(page: Page):
    return roll(page).get_by_role("status")


def open_example(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    expect(roll(page)).not_to_have_attribute("data-notes", "0")


def upload(page: Page, file: dict | Path) -> None:
    page.locator("input[type=file]").first.set_input_files(file)


def ask_for_a_lot(page: Page) -> None:
    """64 bars with every part in each of them, which takes a while."""
    ask_for(page, 64, 4)
    for part in page.get_by_label(re.compile(": Every bar$")).all():
        part.check()


def ask_for(page: Page, bars: int, versions: int) -> None:
    for label, value in (("Bars to add", bars), ("Versions to compare", versions)):
        number = page.get_by_label(f"number input for {label}")
        number.fill(str(value))
        number.press("Tab")


def press_continue(page: Page) -> None:
    page.get_by_role("button", name="Continue", exact=True).click()


def finish(page: Page, text: str = "bars written") -> None:
    expect(status(page)).to_contain_text(text, timeout=SLOW_MS)


def links(page: Page):
    return page.get_by_role("group", name="Download")


def download(page: Page, label: str) -> bytes:
    link = links(page).get_by_text(label, exact=True)
    expect(link).to_be_enabled(timeout=SLOW_MS)
    with page.expect_download() as started:
        link.click()
    return Path(started.value.path()).read_bytes()


def test_upload_continue_hear_and_download(visit):
    page = visit()
    upload(page, EXAMPLES / "piano.mid")
    expect(roll(page)).not_to_have_attribute("data-notes", "0")
    expect(roll(page)).to_contain_text(re.compile(r"♩ = \d+.*\d+ bars"))
    for part in page.get_by_label(re.compile(": Every bar$")).all():
        part.check()
    ask_for(page, 4, 2)
    press_continue(page)
    finish(page)
    expect(roll(page)).to_have_attribute("data-new-bars", "4")
    assert int(roll(page).get_attribute("data-new-notes")) > 0
    assert int(roll(page).get_attribute("data-drawn")) > 0

    assert download(page, "Picture").startswith(b"\x89PNG")
    original = read_midi((EXAMPLES / "piano.mid").read_bytes())
    whole = read_midi(download(page, "Whole piece (MIDI)"))
    assert bar_grid(whole).num_bars == bar_grid(original).num_bars + 4
    assert read_midi(download(page, "New bars (MIDI)")).num_notes > 0


@pytest.mark.usefixtures("sound")
def test_the_result_is_heard_and_the_playhead_moves(visit):
    page = visit()
    open_example(page, "Melody")
    ask_for(page, 2, 2)
    press_continue(page)
    finish(page)
    expect(roll(page)).to_have_attribute("data-audio", "ready", timeout=SLOW_MS)
    assert float(roll(page).get_attribute("data-duration")) > 5
    assert download(page, "WAV")[:4] == b"RIFF"
    assert len(download(page, "MP3")) > 1000

    page.get_by_role("application").focus()
    page.keyboard.press("Home")  # Play would begin before the new bars
    page.keyboard.press(" ")
    expect(roll(page).get_by_role("button", name="Pause")).to_be_visible()
    expect(roll(page)).to_contain_text("0:01 /", timeout=10_000)
    page.keyboard.press("2")
    expect(page.get_by_role("button", name="Continuation 2")).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(roll(page).get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press(" ")
    expect(roll(page).get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_a_seed_gives_the_same_music_again_which_is_kept_and_undone(visit):
    page = visit()
    open_example(page, "Melody")
    ask_for(page, 2, 1)
    page.get_by_role("button", name="More").click()
    page.get_by_label("Seed").fill("1234")
    written = []
    for again in (False, True):
        if again:
            open_example(page, "Melody")
            finish(page, "")
        press_continue(page)
        finish(page, "2 bars written (seed 1234)")
        written.append(download(page, "New bars (MIDI)"))
    assert written[0] == written[1]

    page.get_by_role("button", name="Keep this one").click()
    finish(page, "Kept")
    expect(roll(page)).to_have_attribute("data-new-bars", "0")
    page.get_by_role("button", name="Undo").click()
    finish(page, "before")


def test_a_photograph_gets_a_sentence_and_a_dropped_piece_is_read_out_and_survives_a_reload(visit):
    page = visit()
    photograph = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(2000)
    upload(page, {"name": "cat.mid", "mimeType": "audio/midi", "buffer": photograph})
    expect(page.get_by_text(re.compile("JPEG.*not a MIDI file"))).to_be_visible()
    expect(page.get_by_text("Traceback")).to_have_count(0)
    expect(roll(page)).to_have_attribute("data-notes", "0")

    page.evaluate(
        """async ([root, bytes]) => {
            const carried = new DataTransfer();
            carried.items.add(new File([new Uint8Array(bytes)], "dropped.mid"));
            const event = new DragEvent("drop", { dataTransfer: carried, bubbles: true });
            document.querySelector(root).dispatchEvent(event);
        }""",
        ["[role=application]", list((EXAMPLES / "choir.mid").read_bytes())],
    )
    expect(roll(page)).to_contain_text("dropped")
    expect(roll(page)).not_to_have_attribute("data-notes", "0")

    page.get_by_role("application").focus()
    page.keyboard.press("ArrowRight")
    expect(roll(page)).to_contain_text(re.compile(r"Bar 2, \S+: .+ [A-G]"))
    page.get_by_text("Notes as text, bar by bar").click()
    expect(page.get_by_role("listitem").first).to_contain_text("Bar 1")

    notes = roll(page).get_attribute("data-notes")
    expect(links(page).get_by_role("link", name="WAV")).to_be_enabled(timeout=SLOW_MS)
    reload(page)
    expect(roll(page)).to_have_attribute("data-notes", notes)


def test_two_visitors_neither_see_nor_stop_each_other_and_cancel_keeps_finished_bars(visit_slow):
    one, other = visit_slow(), visit_slow()
    open_example(one, "Band")
    open_example(other, "Choir")
    ask_for_a_lot(one)
    ask_for(other, 6, 1)
    press_continue(one)
    press_continue(other)
    expect(status(one)).to_contain_text(re.compile(r"bar \d+ of 64"), timeout=SLOW_MS)
    one.get_by_role("button", name="Cancel").click()
    finish(one, "bars kept")
    bars = int(roll(one).get_attribute("data-new-bars"))
    assert 1 <= bars < 64
    expect(status(one)).to_contain_text(f"{bars} of 64")
    expect(one.get_by_role("button", name="Continue", exact=True)).to_be_enabled()
    finish(other)
    expect(roll(other)).to_have_attribute("data-new-bars", "6")
    expect(roll(other)).to_contain_text("choir")
    expect(roll(one)).to_contain_text("band")


def test_chords_are_checked_while_they_are_typed_and_written_and_an_added_instrument_plays(visit):
    page = visit()
    open_example(page, "Melody")
    page.get_by_label("Chords (optional)").fill("Am Xyz")
    expect(page.get_by_text("Xyz").last).to_be_visible()
    page.get_by_label("Chords (optional)").fill("Am F")
    expect(page.get_by_text("then from the start again")).to_be_visible()
    page.get_by_label("Add an instrument").select_option(label="Vibraphone")
    expect(page.get_by_label("Vibraphone: Every bar")).to_be_checked()
    ask_for(page, 4, 1)
    press_continue(page)
    finish(page)
    page.get_by_text("Notes as text, bar by bar").click()
    lines = page.get_by_role("listitem").filter(has_text=", new")
    expect(lines.nth(0)).to_contain_text(", new, Am")
    expect(lines.nth(3)).to_contain_text(", new, F")
    expect(lines.filter(has_text="Vibraphone")).to_have_count(4)
