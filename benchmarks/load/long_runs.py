"""One visitor with a small wish beside others with large ones."""

import asyncio
from contextlib import AsyncExitStack
from statistics import median
from time import perf_counter

import httpx

from benchmarks.load.melody import melody
from benchmarks.load.page import Page
from benchmarks.load.visitor import Job, Tally, ask_for
from benchmarks.report import report

SHORT, LONG = (4, 1), (64, 4)
"""Bars and versions."""
REPEATS = 3


async def beside_long_runs(url: str, num_long: int) -> None:
    """Measure small jobs alone and beside long ones, and how soon closed pages free their place.

    Args:
        url: Of the app.
        num_long: Visitors who ask for much.
    """
    async with Page.open(url) as page:
        alone = await _short_jobs(page)
        async with AsyncExitStack() as stack:
            long = [await stack.enter_async_context(Page.open(url)) for _ in range(num_long)]
            runs = [asyncio.create_task(_long_job(one, index)) for index, one in enumerate(long)]
            await asyncio.sleep(3)
            beside = await _short_jobs(page)
            for run in runs:
                run.cancel()
        closed = perf_counter()
        while await _num_writing(url) > 0 and perf_counter() - closed < 60:
            await asyncio.sleep(0.1)
        report("long_runs_freed_after", perf_counter() - closed, "s")
    bar_s = median(job.whole_s for job in alone) / SHORT[0]
    for name, jobs in (("alone", alone), ("beside", beside)):
        report(f"short_job_{name}_first_bar", median(job.first_bar_s for job in jobs), "s")
        report(f"short_job_{name}_whole", median(job.whole_s for job in jobs), "s")
    late = median(job.whole_s for job in beside) - median(job.whole_s for job in alone)
    report("short_job_held_up", late, "s")
    report("short_job_held_up_by", late / bar_s, "bars")


async def _short_jobs(page: Page) -> list[Job]:
    jobs = []
    for number in range(REPEATS):
        own = melody(10_000, number)
        await page.upload("short.mid", own)
        await page.ask("prepare")
        jobs.append(await ask_for(page, Tally(), own, *SHORT))
    return jobs


async def _long_job(page: Page, visitor: int) -> None:
    own = melody(20_000 + visitor, 0)
    await page.upload("long.mid", own)
    await page.ask("prepare")
    await ask_for(page, Tally(), own, *LONG)


async def _num_writing(url: str) -> float:
    """Return how many runs are being written or wait, as the app tells it."""
    async with httpx.AsyncClient(base_url=url) as client:
        lines = (await client.get("/metrics")).text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("meloformer_writing "))
