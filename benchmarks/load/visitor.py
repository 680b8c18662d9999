"""Visitors who ask for bars again and again, and what came of each job."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

import httpx

from benchmarks.load.melody import begins_with, melody
from benchmarks.load.page import Page, PageError
from meloformer.errors import MidiError

JOBS = ((4, 1), (8, 2))
"""Bars and versions that a visitor asks for after each melody."""
MELODIES = 2
"""On one page, which is then closed, and another opened."""


@dataclass(frozen=True, slots=True)
class Job:
    """One press of Continue."""

    num_bars: int
    """Of all versions together."""
    first_bar_s: float
    whole_s: float
    is_own: bool
    """Whether the download begins with the visitor's melody."""


@dataclass(slots=True)
class Tally:
    """What all visitors have seen together."""

    jobs: list[Job] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    """What those who waited were told."""


async def visit(
    url: str, visitor: int, tally: Tally, is_over: Callable[[], bool], *, has_sound: bool
) -> None:
    """Come, play melodies, ask for bars, leave and come again, until it is over.

    Args:
        url: Of the app.
        visitor: Who; no two visitors have a melody in common.
        tally: Receives what is seen.
        is_over: Tells when to stop.
        has_sound: Whether the page asks for audio, as a browser does by itself.
    """
    number = 0
    while not is_over():
        try:
            async with Page.open(url) as page:
                for _ in range(MELODIES):
                    own, number = melody(visitor, number), number + 1
                    await page.upload(f"visitor-{visitor}.mid", own)
                    await page.ask("prepare")
                    for bars, versions in JOBS:
                        if is_over():
                            return
                        tally.jobs.append(await ask_for(page, tally, own, bars, versions))
                        if has_sound:
                            await page.ask("play")
        except (PageError, httpx.HTTPError, KeyError, MidiError) as error:  # counted
            tally.errors.append(f"{type(error).__name__}: {error}")
            await asyncio.sleep(1)


async def ask_for(page: Page, tally: Tally, own: bytes, bars: int, versions: int) -> Job:
    """Press Continue, wait for all bars, and look at the download."""
    page.put("Bars to add", bars)
    page.put("Versions to compare", versions)
    pressed = perf_counter()
    first: float | None = None
    await page.ask("begin")
    async for roll in page.follow("compose"):
        if roll and roll.get("kind") == "bars" and first is None:
            first = perf_counter() - pressed
        elif roll and roll.get("kind") == "status" and "before you" in roll["status"]:
            tally.places.append(roll["status"])
    whole = perf_counter() - pressed
    await page.ask("settle")
    download = await page.download("Whole piece (MIDI)")
    return Job(
        bars * versions, whole if first is None else first, whole, begins_with(download, own)
    )
