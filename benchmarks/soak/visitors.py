"""Visitors of a soak: each plays a melody, asks for bars, hears them, and comes again."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

import httpx

from benchmarks.load.melody import melody
from benchmarks.load.page import Page, PageError
from benchmarks.soak.app import SoakedApp

NUM_BARS, NUM_VERSIONS = 6, 2
_PAUSE_S = 0.5


@dataclass(slots=True)
class Told:
    """What visitors were told, which must be true for ever."""

    bars: dict[str, Counter[int]] = field(default_factory=dict)
    """By the name of a piece: how many bars of each version were finished."""
    jobs: int = 0
    """That came to their end."""
    refused: Counter[str] = field(default_factory=Counter)
    """Sentences with which the app has refused something."""

    @property
    def num_bars(self) -> int:
        """All bars together."""
        return sum(sum(versions.values()) for versions in self.bars.values())


async def visit(app: SoakedApp, visitor: int, told: Told, is_over: asyncio.Event) -> None:
    """Come again and again until it is over, whatever becomes of the app."""
    number = 0
    while not is_over.is_set():
        if not app.is_up:
            await asyncio.sleep(_PAUSE_S)
            continue
        try:
            async with Page.open(app.url) as page:
                number += 1
                await _one_piece(page, visitor, number, told)
        except PageError as error:
            told.refused[_sentence(str(error))] += 1
            await asyncio.sleep(_PAUSE_S)
        except (httpx.HTTPError, ValueError):  # killed in the middle of an answer
            await asyncio.sleep(_PAUSE_S)


async def _one_piece(page: Page, visitor: int, number: int, told: Told) -> None:
    name = f"visitor{visitor}-{number}"
    await page.upload(f"{name}.mid", melody(visitor, number))
    page.put("Bars to add", NUM_BARS)
    page.put("Versions to compare", NUM_VERSIONS)
    await page.ask("begin")
    bars = told.bars.setdefault(name, Counter())
    async for roll in page.follow("compose"):
        if roll and roll.get("kind") == "bars":
            for bar in roll["bars"]:
                bars[bar["take"]] = max(bars[bar["take"]], bar["bar"] + 1)
    await page.ask("settle")
    told.jobs += 1
    await page.ask("play")


def _sentence(error: str) -> str:
    """Return an error without the number that differs each time."""
    return error.split("The log has it")[0].split("<br>")[0].strip()[:120]
