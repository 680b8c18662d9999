"""Lines played in: on a MIDI keyboard, on the computer keyboard and with fingers."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from meloformer.score import bar_grid, read_midi
from tests.browser.axe import complaints
from tests.browser.conftest import reload
from tests.browser.fingers import PHONE
from tests.browser.listening import hear, listen
from tests.browser.test_musician import download, finish, open_example, press_continue, roll

pytestmark = pytest.mark.browser

FAKE_MIDI = """
window.keyboards = [{ id: "one", name: "Fake keys", state: "connected" }];
navigator.requestMIDIAccess = async () => {
    const access = { inputs: new Map(window.keyboards.map((one) => [one.id, one])) };
    window.access = access;
    return access;
};
window.plays = (data, quarter) => {
    const { begins, latency, qpm } = document.querySelector("[data-pi=root]").desk.timing;
    const timeStamp = 1000 * (begins + latency + (quarter * 60) / qpm);
    window.keyboards[0].onmidimessage({ data: new Uint8Array(data), timeStamp });
};
"""
NO_MIDI = "delete Navigator.prototype.requestMIDIAccess;"
REFUSED = """
navigator.requestMIDIAccess = () => Promise.reject(new DOMException("no", "NotAllowedError"));
"""

SMALL = """(buttons) => buttons.filter((one) => {
    const { width, height } = one.getBoundingClientRect();
    return width && !one.matches(".pi-black") && Math.min(width, height) < 43;
}).map((one) => one.outerHTML)"""


def with_script(page: Page, script: str) -> Page:
    page.add_init_script(script)
    reload(page)
    expect(page.get_by_role("button", name="Melody", exact=True)).to_be_enabled()
    return page


def panel(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Play it in")


def open_panel(page: Page) -> Locator:
    page.get_by_role("button", name="Play it in…").click()
    expect(panel(page)).to_be_visible()
    expect(said(page)).to_contain_text("press Record", timeout=30_000)
    return panel(page)


def said(page: Page) -> Locator:
    return page.locator("[data-pi=said]")


def button(page: Page, name: str) -> Locator:
    return panel(page).get_by_role("button", name=name, exact=True)


def phase(page: Page, name: str) -> None:
    expect(page.locator("[data-pi=root]")).to_have_attribute("data-phase", name)


def choice(page: Page, label: str) -> Locator:
    return panel(page).get_by_role("combobox", name=label, exact=True)


def chosen(page: Page, label: str, option: str) -> None:
    choice(page, label).select_option(label=option)


def sounds(data: bytes) -> list[tuple[int, ...]]:
    """Starts and lengths in sixteenths, pitches and velocities."""
    score = read_midi(data)
    step = score.ticks_per_quarter // 4
    return [
        (round(start / step), round(length / step), pitch, velocity)
        for track in score.tracks
        for start, length, pitch, velocity in track.notes.tolist()
    ]


def test_a_midi_keyboard_is_recorded_quantised_and_continued(visit):
    page = with_script(visit(), FAKE_MIDI)
    open_panel(page)
    assert complaints(page) == []
    button(page, "Connect a MIDI keyboard").click()
    expect(panel(page)).to_contain_text("Fake keys plays.")
    chosen(page, "Instrument", "Flute")
    chosen(page, "Metre", "3/4")
    chosen(page, "Bars", "2 bars")
    panel(page).get_by_label("Tempo, ♩ a minute").fill("120")
    button(page, "Record").click()
    phase(page, "counting")
    expect(page.locator("[data-pi=count]")).to_have_text("2")
    page.screenshot(path="/tmp/play-in-counting.png")
    phase(page, "recording")
    for data, quarter in (
        ([0x90, 60, 71], 0.07),
        ([0xB0, 64, 127], 0.2),
        ([0x80, 60, 0], 0.95),
        ([0x93, 64, 90], 1.03),
        ([0x93, 64, 0], 1.46),
        ([0xF8], 1.5),
        ([0xB0, 64, 0], 2.5),
        ([0x90, 67, 110], 2.96),
    ):
        page.evaluate("([data, quarter]) => window.plays(data, quarter)", [data, quarter])
    phase(page, "done")
    expect(said(page)).to_have_text("3 notes in 2 bars")
    page.screenshot(path="/tmp/play-in-done.png")
    button(page, "Record again").click()
    phase(page, "counting")
    page.keyboard.press("Escape")  # by mistake: the take before is there again
    phase(page, "done")
    expect(said(page)).to_have_text("3 notes in 2 bars")

    listen(page)
    button(page, "Hear it").click()
    hear(page)
    button(page, "Stop hearing").click()
    button(page, "Use this").click()
    expect(panel(page)).to_be_hidden()
    expect(roll(page)).to_have_attribute("data-notes", "3")
    expect(roll(page)).to_contain_text(re.compile(r"Played in.*♩ = 120.*3/4.*2 bars"))
    data = download(page, "Whole piece (MIDI)")
    assert sounds(data) == [(0, 4, 60, 71), (4, 2, 64, 90), (12, 12, 67, 110)]
    assert data.count(bytes([0xB0, 64, 127])) == 1

    press_continue(page)
    finish(page)
    assert bar_grid(read_midi(download(page, "Whole piece (MIDI)"))).num_bars == 2 + 8
    page.screenshot(path="/tmp/play-in-continued.png")


def test_all_is_played_by_keyboard_alone_beside_music_that_stops(visit):
    page = visit()
    open_example(page, "Melody")
    page.get_by_role("application").focus()
    page.keyboard.press(" ")
    expect(roll(page).get_by_role("button", name="Pause")).to_be_visible()
    page.get_by_role("button", name="Play it in…").focus()
    page.keyboard.press("Enter")
    expect(panel(page)).to_be_visible()
    expect(said(page)).to_contain_text("press Record", timeout=30_000)
    expect(roll(page)).to_have_attribute("data-playing", "no")
    expect(button(page, "Record")).to_be_focused()

    listen(page)
    page.keyboard.down("KeyA")  # sounds before anything is recorded
    hear(page)
    page.keyboard.up("KeyA")
    panel(page).get_by_label("Tempo, ♩ a minute").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("240")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("End")  # until I stop
    assert choice(page, "Bars").input_value() == "0"
    button(page, "Record").focus()
    page.keyboard.press(" ")
    phase(page, "recording")
    for code in ("KeyA", "KeyD", "KeyX", "KeyA"):
        page.keyboard.press(code, delay=60)
    page.screenshot(path="/tmp/play-in-recording.png")
    page.keyboard.press(" ")
    phase(page, "done")
    expect(said(page)).to_contain_text("3 notes in")
    assert panel(page).is_visible()

    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(choice(page, "Quantise")).to_be_focused()
    page.keyboard.press("Tab")
    expect(button(page, "Use this")).to_be_focused()
    page.keyboard.press("Enter")
    expect(roll(page)).to_have_attribute("data-notes", "3")
    expect(page.get_by_role("button", name="Play it in…")).to_be_focused()
    notes = sounds(download(page, "Whole piece (MIDI)"))
    assert [note[2] for note in notes] == [60, 64, 72]
    assert {note[3] for note in notes} == {80}
    expect(page.locator("[data-mr=pieces]").get_by_text("Played in").first).to_be_attached()


def test_fingers_play_on_a_phone(visit):
    page = visit(**PHONE)
    open_panel(page)
    assert complaints(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert panel(page).get_by_role("button").evaluate_all(SMALL) == []
    panel(page).get_by_label("Tempo, ♩ a minute").fill("240")
    chosen(page, "Bars", "1 bar")
    chosen(page, "Quantise", "Eighths")
    button(page, "Record").tap()
    phase(page, "recording")
    for key in ("C4", "E4"):
        button(page, key).tap(position={"x": 15, "y": 120})
    button(page, "F♯4").tap()
    page.screenshot(path="/tmp/play-in-phone.png")
    phase(page, "done")
    assert page.evaluate("document.querySelector('[data-pi=root]').desk.take.notes.length") >= 1
    button(page, "Use this").tap()
    expect(roll(page)).not_to_have_attribute("data-notes", "0")
    expect(roll(page)).to_contain_text("Played in")


@pytest.mark.parametrize(
    ("script", "sentence"),
    [(NO_MIDI, "lets no MIDI keyboard in here"), (REFUSED, "did not let the MIDI keyboard in")],
)
def test_without_midi_a_sentence_says_so_and_keys_play(visit, script, sentence):
    page = with_script(visit(), script)
    open_panel(page)
    connect = button(page, "Connect a MIDI keyboard")
    if connect.is_visible():
        connect.click()
    expect(panel(page)).to_contain_text(sentence)
    listen(page)
    page.keyboard.down("KeyG")  # heard as soon as the sound is there
    hear(page)
    page.keyboard.up("KeyG")
    button(page, "Record").click()
    phase(page, "counting")
    page.keyboard.press("Escape")  # stops, and leaves the panel open
    phase(page, "idle")
    expect(said(page)).to_have_text("No note was played.")
    expect(button(page, "Use this")).to_be_disabled()
    page.keyboard.press("Escape")
    expect(panel(page)).to_be_hidden()
