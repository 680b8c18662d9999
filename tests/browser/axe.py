"""What axe-core holds against a page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SERIOUS = ("serious", "critical")
SETTLED = """() => document.getAnimations().every(
    (one) => one.playState !== "running" || one.effect.getComputedTiming().endTime === Infinity
)"""
"""Nothing is on its way from one colour to another; what turns for as long as it is there may."""


def complaints(page: Page) -> list[str]:
    """Rules that are broken in a way that keeps people out, and the elements that break them."""
    page.wait_for_function(SETTLED)
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['html'][:200]} ({node['failureSummary']})"
        for one in found
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]
