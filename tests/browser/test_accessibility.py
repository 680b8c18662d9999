"""Nobody is kept out: both tabs, light and dark. A training is looked at in test_training.py."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import complaints

pytestmark = pytest.mark.browser

TALL = {"width": 1400, "height": 2000}
"""Nothing lies under the button that stays at the bottom of the window."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_anybody_from_composing(visit, scheme):
    page = visit(color_scheme=scheme, viewport=TALL)
    page.get_by_role("button", name="Melody", exact=True).click()
    roll = page.get_by_role("group", name="Piano roll and player")
    expect(roll).not_to_have_attribute("data-notes", "0")
    assert complaints(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_anybody_from_training(visit, scheme):
    page = visit(color_scheme=scheme, viewport=TALL)
    page.get_by_role("tab", name="Training").click()
    expect(page.get_by_text("Your trainings")).to_be_visible()
    page.get_by_role("button", name="Details").click()
    page.get_by_role("button", name="The same from a shell").click()
    assert complaints(page) == []
