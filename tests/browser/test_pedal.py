"""A held pedal is heard at once, as in the rendered sound."""

import pytest
from playwright.sync_api import expect

from tests.browser.listening import LOUD, hear, hear_nothing, listen, playhead
from tests.browser.test_musician import roll, upload
from tests.midi.hostile import END, container, control, off, on, program, track

pytestmark = pytest.mark.browser

QUARTER = 96
ORGAN = 19
"""Does not die away; a piano may be silent before its pedal comes up."""

RINGS = f"""() => {{
    const quarter = document.querySelector("[data-mf=root]").quarter();
    return quarter > 3 && quarter < 16 && window.level() > {LOUD / 2};
}}"""
"""Long after its end, and before the pedal comes up, a note is heard."""


def test_notes_ring_while_the_pedal_is_down(visit):
    page = visit()
    held = [(0, program(ORGAN)), (0, control(64, 127))]
    first = [(0, on(60, 110)), (QUARTER, off(60))]
    later = [(15 * QUARTER, control(64, 0)), (14 * QUARTER, on(60, 110)), (QUARTER, off(60))]
    music = container(track(*held, *first, *later, END))
    upload(page, {"name": "pedal.mid", "mimeType": "audio/midi", "buffer": music})
    expect(roll(page)).to_have_attribute("data-notes", "2")
    expect(roll(page)).to_have_attribute("data-synth", "ready")
    listen(page)
    page.get_by_role("application").focus()
    page.keyboard.press(" ")
    hear(page)
    page.wait_for_function(RINGS)
    hear_nothing(page)
    assert 10 <= playhead(page) < 30
