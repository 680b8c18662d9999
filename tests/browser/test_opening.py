"""A piece from nothing: an ensemble is chosen, the opening written, kept and continued."""

import pytest
from playwright.sync_api import Page, expect

from meloformer.score import bar_grid, read_midi
from tests.browser.conftest import reload
from tests.browser.test_musician import (
    SLOW_MS,
    ask_for,
    download,
    finish,
    press_continue,
    roll,
    status,
)

pytestmark = pytest.mark.browser


def choose(page: Page, ensemble: str) -> None:
    page.get_by_role("button", name="Start from nothing").click()
    page.get_by_label("Ensemble").click()
    page.get_by_role("option", name=ensemble).click()


def test_an_ensemble_writes_an_opening_that_is_continued_and_downloaded(visit):
    page = visit()
    choose(page, "Waltz")
    expect(page.get_by_label("Tempo", exact=True)).to_have_value("132")
    page.get_by_label("Length in bars").fill("3")
    page.get_by_label("How many versions").fill("2")
    page.get_by_role("button", name="Write the opening").click()
    finish(page, "3 bars written")
    expect(roll(page)).to_contain_text("D major")
    expect(roll(page)).to_have_attribute("data-new-bars", "3")
    assert page.get_by_label("Violin: Every bar").is_checked()
    reload(page)
    expect(roll(page)).to_have_attribute("data-new-bars", "3", timeout=SLOW_MS)
    page.get_by_role("button", name="Keep this one").click()
    expect(status(page)).to_contain_text("Kept")
    page.get_by_role("button", name="More").click()
    page.get_by_label("New tempo").fill("5=90")
    page.get_by_label("New metre").fill("5=4/4")
    ask_for(page, 2, 1)
    press_continue(page)
    finish(page, "2 bars written")
    score = read_midi(download(page, "Whole piece (MIDI)"))
    assert bar_grid(score).whole_metres.tolist() == [[3, 4]] * 4 + [[4, 4]]
    assert [round(tempo.qpm) for tempo in score.tempos] == [132, 90]
    for left in ("0", "3", "0"):
        page.get_by_role("button", name="Undo").click()
        expect(roll(page)).to_have_attribute("data-new-bars", left)
    expect(roll(page)).to_contain_text("from nothing")
    expect(page.get_by_label("New tempo")).to_have_value("")
    press_continue(page)
    finish(page, "2 bars written")
