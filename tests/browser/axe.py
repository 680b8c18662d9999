"""What axe-core holds against a page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SERIOUS = ("serious", "critical")
LIES_UNDER_CONTINUE = """(selector) => {
    const [node, go] = [document.querySelector(selector), document.querySelector("#go")];
    if (!node || !go || go.contains(node)) return false;
    const [own, above] = [node, go].map((one) => one.getBoundingClientRect());
    return own.bottom > above.top && own.top < above.bottom;
}"""
"""Continue stays in view, and what it covers is taken for text on its colour."""


def complaints(page: Page) -> list[str]:
    """Rules that are broken in a way that keeps people out, and the elements that break them."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['html'][:200]} ({node['failureSummary']})"
        for one in found
        if one["impact"] in SERIOUS
        for node in one["nodes"]
        if one["id"] != "color-contrast"
        or not page.evaluate(LIES_UNDER_CONTINUE, str(node["target"][0]))
    ]
