"""Fingers on a page: drags and pinches, as a touch screen sends them."""

from playwright.sync_api import Page

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}
"""Settings of a browser context."""
STEPS = 8
STEP_MS = 20
Place = tuple[float, float]


class Fingers:
    """Touches of one page; places are in pixels of its window."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._protocol = page.context.new_cdp_session(page)

    def drag(self, start: Place, end: Place) -> None:
        """Draw one finger from a place to another."""
        self._touch("touchStart", start)
        for step in range(1, STEPS + 1):
            self._touch("touchMove", _between(start, end, step))
        self._touch("touchEnd")

    def pinch(self, middle: Place, before: float, after: float) -> None:
        """Move two fingers, side by side around a place, from one distance to another."""
        x, y = middle
        self._touch("touchStart", (x - before / 2, y))
        self._touch("touchStart", (x - before / 2, y), (x + before / 2, y))
        for step in range(1, STEPS + 1):
            half = _between((before / 2, 0), (after / 2, 0), step)[0]
            self._touch("touchMove", (x - half, y), (x + half, y))
        self._touch("touchEnd")

    def _touch(self, kind: str, *places: Place) -> None:
        points = [{"x": x, "y": y, "id": index} for index, (x, y) in enumerate(places)]
        self._protocol.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        self._page.wait_for_timeout(STEP_MS)


def _between(start: Place, end: Place, step: int) -> Place:
    share = step / STEPS
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
