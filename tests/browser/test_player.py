"""Hearing it: the notes at once, the mixer, the loop, and the studio sound."""

import re
from statistics import median

import pytest
from playwright.sync_api import Page, Response, expect

from benchmarks.render import EXAMPLE, repeated
from benchmarks.versions import with_more_parts
from meloformer.midi.write import write_midi
from meloformer.score import read_midi
from tests.browser.conftest import reload
from tests.browser.listening import hear, hear_nothing, listen, playhead
from tests.browser.test_musician import (
    SLOW_MS,
    ask_for,
    ask_for_a_lot,
    finish,
    open_example,
    press_continue,
    roll,
    status,
    upload,
)
from tests.browser.test_rewrite import drag_over_bars, go

pytestmark = pytest.mark.browser


def play(page: Page) -> None:
    roll(page).get_by_role("button", name="Play", exact=True).click()


def open_and_listen(page: Page, name: str) -> None:
    open_example(page, name)
    expect(roll(page)).to_have_attribute("data-synth", "ready")
    listen(page)


def test_music_sounds_while_it_is_still_being_written(visit_slow):
    page = visit_slow()
    open_and_listen(page, "Band")
    ask_for_a_lot(page)
    press_continue(page)
    expect(status(page)).to_contain_text(re.compile(r"bar \d+ of 64"), timeout=SLOW_MS)
    seam = page.evaluate("document.querySelector('[data-mf=root]').roll.seam")
    assert playhead(page) == pytest.approx(seam - 1)  # one beat of lead-in
    play(page)
    hear(page)
    expect(roll(page)).to_have_attribute("data-state", "composing")
    page.wait_for_function(
        f"document.querySelector('[data-mf=root]').quarter() > {seam + 2}", timeout=20_000
    )
    hear(page)
    page.get_by_role("button", name="Cancel").click()
    finish(page, "bars kept")
    expect(roll(page)).to_have_attribute("data-playing", "live")


def test_five_minutes_of_eleven_parts_sound_before_they_are_rendered(visit):
    song = repeated(with_more_parts(read_midi(EXAMPLE.read_bytes())), 145)
    page = visit()
    data = write_midi(song)
    upload(page, {"name": "song.mid", "mimeType": "audio/midi", "buffer": data})
    expect(roll(page)).to_have_attribute("data-notes", str(song.num_notes), timeout=SLOW_MS)
    expect(roll(page)).to_have_attribute("data-synth", "ready")
    listen(page)
    play(page)
    hear(page)
    expect(roll(page)).to_have_attribute("data-playing", "live")
    page.wait_for_function("document.querySelector('[data-mf=root]').quarter() > 4")
    hear(page)


def test_audio_can_be_downloaded_as_it_is_heard(visit):
    page = visit()
    open_example(page, "Choir")
    expect(page.get_by_role("link", name="WAV", exact=True)).to_be_enabled(timeout=SLOW_MS)
    as_heard = page.get_by_label("Audio as heard")
    expect(as_heard).to_be_hidden()
    roll(page).get_by_role("button", name=re.compile("^Mute ")).first.click()
    as_heard.check(timeout=SLOW_MS)
    with page.expect_download(timeout=SLOW_MS) as coming:
        page.get_by_role("button", name="MP3").click()
    assert coming.value.suggested_filename.endswith(".mp3")
    roll(page).get_by_role("button", name=re.compile("^Mute ")).first.click()
    expect(as_heard).to_be_hidden(timeout=SLOW_MS)


def tells_of_a_fader_at_the_bottom(response: Response) -> bool:
    """Return whether the app has answered to that; it is told a moment after the last move."""
    return re.search(r'"volume":0[,}]', response.request.post_data or "") is not None


def test_muted_parts_are_silent_and_solo_ones_are_not_and_the_mix_is_kept(visit):
    page = visit()
    open_and_listen(page, "Choir")
    play(page)
    hear(page)
    mutes = roll(page).get_by_role("button", name=re.compile("^Mute "))
    for mute in mutes.all():
        mute.click()
    hear_nothing(page)
    mutes.first.click()
    hear(page)
    solos = roll(page).get_by_role("button", name=re.compile("^Solo "))
    solos.nth(1).click()  # solo, but muted
    hear_nothing(page)
    mutes.nth(1).click()
    hear(page)
    faders = roll(page).get_by_role("slider", name=re.compile("^Volume of "))
    with page.expect_response(tells_of_a_fader_at_the_bottom):
        faders.nth(1).fill("0")
    hear_nothing(page)

    expect(page.get_by_role("link", name="WAV", exact=True)).to_be_enabled(timeout=SLOW_MS)
    reload(page)
    expect(roll(page)).not_to_have_attribute("data-notes", "0")
    expect(solos.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(mutes.nth(2)).to_have_attribute("aria-pressed", "true")
    expect(faders.nth(1)).to_have_value("0")


def test_hiding_a_part_does_not_silence_it(visit):
    page = visit()
    open_and_listen(page, "Melody")
    roll(page).get_by_role("button", name=re.compile("^Hide ")).click()
    expect(roll(page)).to_have_attribute("data-drawn", "0")
    play(page)
    hear(page)


def test_marked_bars_are_repeated_and_the_handles_move(visit):
    page = visit()
    open_and_listen(page, "Band")
    drag_over_bars(page, 2, 3)
    expect(go(page)).to_have_text("Write bars 2–3 again")
    page.get_by_role("application").focus()
    page.keyboard.press("l")
    expect(roll(page)).to_contain_text("Loop: bars 2 to 3")
    page.keyboard.press(" ")
    hear(page)
    begin, end = page.evaluate("document.querySelector('[data-mf=root]').roll.loop")
    seen = page.evaluate(
        """async () => {
            const root = document.querySelector("[data-mf=root]");
            const seen = [];
            while (seen.length < 4000 && !seen.some((at, i) => i && at < seen[i - 1] - 1)) {
                await new Promise(requestAnimationFrame);
                seen.push(root.quarter());
            }
            return seen;
        }"""
    )
    assert min(seen) >= begin - 0.01
    assert max(seen) <= end + 0.01
    assert seen[-1] < begin + 1 < end - 1 < max(seen)

    handle = roll(page).get_by_role("slider", name="End of the loop")
    handle.focus()
    page.keyboard.press("ArrowRight")
    expect(handle).to_have_attribute("aria-valuetext", "bar 4")
    page.keyboard.press(" ")
    expect(roll(page)).to_have_attribute("data-playing", "no")


def test_another_version_goes_on_where_the_first_was_without_a_gap(visit):
    page = visit()
    open_and_listen(page, "Melody")
    ask_for(page, 4, 2)
    press_continue(page)
    finish(page)
    page.get_by_role("button", name="New bars").click()
    hear(page)
    places = page.evaluate(
        """async () => {
            const root = document.querySelector("[data-mf=root]");
            const places = [];
            for (let i = 0; i < 60; i += 1) {
                if (i === 20) root.querySelector("[data-take='1']").click();
                await new Promise(requestAnimationFrame);
                places.push([root.player.live.engine.context.currentTime, root.quarter()]);
            }
            return places;
        }"""
    )
    expect(roll(page)).to_have_attribute("data-playing", "live")
    expect(page.get_by_role("button", name="Continuation 2")).to_have_attribute(
        "aria-pressed", "true"
    )
    (first_s, first), (last_s, last) = places[0], places[-1]
    speed = (last - first) / (last_s - first_s)
    # On a busy machine single frames are late; a gap would stay for all that come after it.
    behind = [first + speed * (time_s - first_s) - quarter for time_s, quarter in places]
    assert median(behind[40:]) == pytest.approx(median(behind[:20]), abs=0.2)
    assert max(map(abs, behind)) < 1


def test_the_speed_is_that_of_the_slider_by_the_audio_clock(visit):
    page = visit()
    open_and_listen(page, "Melody")
    play(page)
    hear(page)
    speeds = []
    for percent in (100, 50, 150):
        roll(page).get_by_role("slider", name="Speed").fill(str(percent))
        speeds.append(
            page.evaluate(
                """async () => {
                    const root = document.querySelector("[data-mf=root]");
                    const { context } = root.player.live.engine;
                    const wait = (ms) => new Promise((done) => setTimeout(done, ms));
                    const look = () => [context.currentTime, root.quarter()];
                    await wait(400);
                    const [from, to] = [look(), await wait(500).then(look)];
                    return (to[1] - from[1]) / (to[0] - from[0]);
                }"""
            )
        )
    assert speeds[1] / speeds[0] == pytest.approx(0.5, rel=0.03)
    assert speeds[2] / speeds[0] == pytest.approx(1.5, rel=0.03)


def test_space_plays_wherever_nothing_is_written_and_new_bars_are_the_first(visit):
    page = visit()
    open_and_listen(page, "Band")
    page.get_by_label("Chords (optional)").fill("Am")
    page.keyboard.press(" ")
    expect(page.get_by_label("Chords (optional)")).to_have_value("Am ")
    expect(roll(page)).to_have_attribute("data-playing", "no")
    page.get_by_label("Chords (optional)").fill("")

    drag_over_bars(page, 2, 3)
    page.get_by_label(re.compile("guitar: Keep$")).first.check()
    page.keyboard.press(" ")  # on a choice that was clicked
    expect(roll(page)).to_have_attribute("data-playing", "live")
    page.keyboard.press(" ")
    expect(roll(page)).to_have_attribute("data-playing", "no")

    go(page).click()
    finish(page, "2 bars written")
    page.get_by_role("application").focus()
    page.keyboard.press("Home")
    page.get_by_role("button", name="New bars").click()
    hear(page)
    seam = page.evaluate("document.querySelector('[data-mf=root]').roll.seam")
    assert seam - 1 <= playhead(page) < seam + 2
    page.keyboard.press(" ")  # the button was clicked, and has been used
    expect(roll(page)).to_have_attribute("data-playing", "no")


def test_a_click_on_every_beat_and_a_bar_of_them_before(visit):
    page = visit()
    open_and_listen(page, "Melody")
    roll(page).get_by_role("button", name=re.compile("^Mute ")).click()
    for name in ("Metronome", "Count-in"):
        roll(page).get_by_role("button", name=name).click()
    play(page)
    hear(page)
    assert playhead(page) == 0
    page.wait_for_function("document.querySelector('[data-mf=root]').quarter() > 0.5")
    hear(page)


@pytest.mark.usefixtures("sound")
def test_the_studio_sound_waits_for_the_next_pause_and_yields_to_the_mixer(visit):
    page = visit()
    open_and_listen(page, "Choir")
    expect(roll(page)).to_have_attribute("data-audio", "ready", timeout=SLOW_MS)
    play(page)
    hear(page)
    roll(page).get_by_role("button", name="Studio sound").click()
    expect(roll(page)).to_contain_text("Instant sound, studio sound from the next pause")
    expect(roll(page)).to_have_attribute("data-playing", "live")
    page.keyboard.press(" ")
    page.keyboard.press(" ")
    expect(roll(page)).to_have_attribute("data-playing", "studio")
    page.wait_for_function("!document.querySelector('[data-mf=audio]').paused")
    roll(page).get_by_role("button", name=re.compile("^Mute ")).first.click()
    expect(roll(page)).to_have_attribute("data-playing", "live")
    expect(roll(page)).to_contain_text("Studio sound knows no mixer")
    hear(page)


@pytest.mark.usefixtures("sound")
def test_where_web_audio_is_missing_the_rendered_sound_plays(browser, url):
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script("delete window.AudioWorkletNode")
    page.goto(url)
    expect(page.get_by_role("button", name="Melody", exact=True)).to_be_enabled()
    open_example(page, "Melody")
    expect(roll(page)).to_have_attribute("data-audio", "ready", timeout=SLOW_MS)
    play(page)
    expect(roll(page)).to_have_attribute("data-playing", "studio")
    expect(roll(page)).to_contain_text("0:01 /", timeout=10_000)
    context.close()
