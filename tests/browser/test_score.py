"""The score view, stems and dragging files out of the page."""

import io
import re
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from meloformer.score import read_midi
from tests.browser.test_musician import SLOW_MS, download, links, open_example

pytestmark = pytest.mark.browser


def sheet(page: Page):
    return page.get_by_role("img", name="Sheet music of")


def open_score(page: Page) -> None:
    page.get_by_role("button", name="Score", exact=True).click()
    expect(sheet(page)).to_have_attribute("data-bars", "12", timeout=SLOW_MS)


def test_the_score_is_drawn_with_all_bars_printed_and_drawn_larger(visit):
    asked: list[str] = []
    page = visit()
    page.on("request", lambda request: asked.append(request.url))
    open_example(page, "Choir")
    assert not any("opensheetmusicdisplay" in url for url in asked)
    open_score(page)
    assert any("opensheetmusicdisplay" in url for url in asked)
    drawn = sheet(page).locator("svg")
    before = drawn.bounding_box()
    page.get_by_role("button", name="Larger notes").click()
    assert drawn.bounding_box()["height"] > before["height"]
    assert drawn.bounding_box()["width"] == pytest.approx(before["width"], abs=2)
    page.evaluate(
        "window.print = () => { window.printed = document.querySelectorAll("
        "'#score-on-paper svg').length; }; 0"
    )
    page.get_by_role("button", name="Print or PDF").click()
    page.wait_for_function("window.printed > 0")
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Continue", exact=True)).to_be_hidden()
    expect(page.locator("#score-on-paper svg").first).to_be_visible()
    page.emulate_media(media="screen")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    expect(page.locator("#score-on-paper")).to_have_count(0)
    page.get_by_role("button", name="Score", exact=True).click()
    expect(sheet(page)).to_be_hidden()


def test_an_open_score_shows_what_is_looked_at(visit):
    page = visit()
    open_example(page, "Choir")
    open_score(page)
    open_example(page, "Melody")
    expect(sheet(page)).to_have_attribute("data-bars", "13", timeout=SLOW_MS)


def test_a_cursor_on_the_score_goes_with_the_playhead(visit):
    page = visit()
    open_example(page, "Choir")
    open_score(page)
    cursor = sheet(page).locator("img")
    expect(cursor).to_be_visible()
    at_first = cursor.bounding_box()
    assert at_first["height"] > 100, "as tall as four staves"
    page.get_by_role("application").focus()
    page.keyboard.press(" ")
    expect(sheet(page)).to_have_attribute("data-quarter", re.compile("[2-9]"))
    page.keyboard.press(" ")
    moved = cursor.bounding_box()
    assert moved["height"] == at_first["height"]
    assert moved["x"] > at_first["x"]
    page.get_by_role("button", name="Smaller notes").click()
    expect(cursor).to_have_count(1)
    page.get_by_role("application").focus()
    page.keyboard.press("Home")
    expect(sheet(page)).to_have_attribute("data-quarter", "0")
    seen, box = sheet(page).bounding_box(), cursor.bounding_box()
    assert seen["y"] <= box["y"] < seen["y"] + seen["height"]


def test_stems_come_as_an_archive_and_the_score_as_musicxml(visit):
    page = visit()
    open_example(page, "Choir")
    with ZipFile(io.BytesIO(download(page, "Stems (MIDI)"))) as archive:
        names = archive.namelist()
        parts = [len(read_midi(archive.read(name)).tracks) for name in names]
    assert len(names) == 4
    assert parts == [1] * 4
    assert b"<score-partwise" in download(page, "MusicXML")


@pytest.mark.usefixtures("sound")
def test_stems_come_as_sound_too_and_all_of_it_at_once(visit):
    page = visit()
    open_example(page, "Melody")
    expect(links(page).get_by_role("link", name="WAV", exact=True)).to_be_enabled(timeout=SLOW_MS)
    with ZipFile(io.BytesIO(download(page, "Stems (WAV)"))) as archive:
        assert [name.endswith("01 Flute.wav") for name in archive.namelist()] == [True]
    with ZipFile(io.BytesIO(download(page, "Everything (ZIP)"))) as archive:
        endings = sorted(name.rsplit(".", 1)[1] for name in archive.namelist())
    assert endings == ["mid", "mid", "musicxml", "wav", "wav"]


def test_a_file_can_be_dragged_out_of_the_page(visit):
    page = visit()
    open_example(page, "Melody")
    link = links(page).get_by_text("Whole piece (MIDI)", exact=True)
    expect(link).to_have_attribute("href", re.compile("solo-melody"))
    said = link.evaluate(
        "(link) => { const data = new DataTransfer();"
        " link.dispatchEvent(new DragEvent('dragstart', { dataTransfer: data }));"
        " return data.getData('DownloadURL'); }"
    )
    kind, name, address = said.split(":", 2)
    assert (kind, name) == ("audio/midi", "solo-melody.mid")
    assert address.startswith("http://127.0.0.1:")
    assert page.request.get(address).body().startswith(b"MThd")
