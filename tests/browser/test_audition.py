"""Notes are heard as they are edited."""

import pytest

from tests.browser.listening import LOUD, hear, hear_nothing, listen
from tests.browser.test_edit import SHOWN, edit, saved
from tests.browser.test_musician import open_example, roll

pytestmark = pytest.mark.browser


def test_notes_that_are_drawn_moved_and_selected_are_heard_unless_they_are_muted(visit):
    page = visit()
    open_example(page, "Melody")
    page.wait_for_function(f"{SHOWN}.dataset.synth === 'ready'")
    listen(page)
    edit(page).click()
    page.keyboard.press(".")  # selects
    hear(page)
    hear_nothing(page)
    page.keyboard.press("ArrowUp")
    hear(page)
    hear_nothing(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")  # draws
    hear(page)
    saved(page)
    hear_nothing(page)

    roll(page).get_by_role("button", name="Mute").first.click()
    page.get_by_role("application").focus()
    page.keyboard.press(".")
    page.evaluate(
        """() => {
            window.loudest = 0;
            window.setInterval(() => { loudest = Math.max(loudest, level()); }, 10);
        }"""
    )
    page.keyboard.press("ArrowUp")
    saved(page)
    page.wait_for_timeout(500)
    assert page.evaluate("window.loudest") < LOUD
    assert page.evaluate(f"{SHOWN}.player.playing") is None
