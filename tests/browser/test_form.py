"""Form and ending, in a real browser with the real app."""

import re

import pytest
from playwright.sync_api import expect

from meloformer.score import bar_grid, read_midi
from tests.browser.test_musician import (
    EXAMPLES,
    ask_for,
    download,
    finish,
    open_example,
    press_continue,
)

pytestmark = pytest.mark.browser


def notes_of_bar(score, lines, bar):
    """Return onset and pitch of all notes that begin in a bar, from 0."""
    return sorted(
        (start - lines[bar], pitch)
        for track in score.tracks
        for start, _, pitch, _ in track.notes.tolist()
        if lines[bar] <= start < lines[bar + 1]
    )


def test_bars_come_again_and_the_piece_comes_to_an_end(visit):
    page = visit()
    open_example(page, "Piano")
    before = read_midi((EXAMPLES / "piano.mid").read_bytes())
    seam = bar_grid(before).num_bars
    ask_for(page, 9, 1)
    page.get_by_text("Form", exact=True).click()
    sections = page.get_by_role("textbox", name=re.compile("^Sections"))
    sections.fill("AABA")
    press_continue(page)
    expect(page.get_by_text(re.compile("9 bars can't be shared equally"))).to_be_visible()
    sections.fill("ABA")
    like = page.get_by_role("textbox", name=re.compile("^Bars like others"))
    like.fill(f"{seam + 4}={seam + 19}")
    press_continue(page)
    expect(page.get_by_text(re.compile(f"There is no bar {seam + 19}"))).to_be_visible()
    like.fill(f"{seam + 4}=1")
    alike = page.get_by_label("number input for How alike")
    alike.fill("1")
    alike.press("Tab")
    page.get_by_label("Come to an end").check()
    press_continue(page)
    finish(page, "9 bars written")

    after = read_midi(download(page, "Whole piece (MIDI)"))
    lines = bar_grid(after).starts.tolist()
    assert len(lines) - 1 == seam + 9
    bars = [notes_of_bar(after, lines, seam + bar) for bar in range(9)]
    assert bars[6] == bars[0]  # the two after it are the cadence, whose chords are other ones
    assert bars[3] == notes_of_bar(after, lines, 0)
    assert {onset for onset, _ in bars[8]} == {0}
