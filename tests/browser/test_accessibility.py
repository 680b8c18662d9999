"""Nobody is kept out: both tabs, light and dark. A training is looked at in test_training.py."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import complaints

pytestmark = pytest.mark.browser

TALL = {"width": 1400, "height": 2000}
"""Nothing lies under the button that stays at the bottom of the window."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_anybody_from_composing_and_from_training(visit, scheme):
    page = visit(color_scheme=scheme, viewport=TALL)
    page.get_by_role("button", name="Melody", exact=True).click()
    roll = page.get_by_role("group", name="Piano roll and player")
    expect(roll).not_to_have_attribute("data-notes", "0")
    assert complaints(page) == []

    page.get_by_role("tab", name="Training").click()
    expect(page.get_by_text("Your trainings")).to_be_visible()
    page.get_by_role("button", name="Details").click()
    page.get_by_role("button", name="The same from a shell").click()
    assert complaints(page) == []


def test_nothing_is_wider_than_the_screen(visit):
    page = visit(viewport={"width": 390, "height": 844})
    page.get_by_role("button", name="Band", exact=True).click()
    roll = page.get_by_role("group", name="Piano roll and player")
    expect(roll).not_to_have_attribute("data-notes", "0")
    for tab, shown in (("Compose", roll), ("Training", page.get_by_text("Your trainings"))):
        page.get_by_role("tab", name=tab).click()
        expect(shown).to_be_visible()
        for width, height in ((390, 844), (1400, 900)):
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
