"""Trainings of a soak, asked for as the page does, and what may be killed of them."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil

from benchmarks.load.page import Page
from benchmarks.soak.app import SoakedApp
from meloformer.app.training.datasets import DATASETS, DatasetStatus
from meloformer.checkpoint import load
from meloformer.errors import MeloFormerError
from meloformer.resources import EXAMPLES
from meloformer.runs.processes import processes_of
from meloformer.runs.workspace import Run, list_runs

MINUTES = 2.0
"""Of a run; killed ones take longer by what was not saved."""
_LONGEST_S = 1_200.0
"""Longer than anything takes on a slow machine: what takes longer hangs."""
_LOOKED_EVERY_S = 0.5
_MUSIC = "Soak"


async def bring_music(page: Page) -> None:
    """Bring the examples to train on."""
    files = []
    for example in sorted(EXAMPLES.glob("*.mid")):
        path = await page.send(example.name, example.read_bytes())
        files.append({"path": path, "name": f"{_MUSIC}/{example.name}"})
    await page.ask("bring_1", event={"files": files})


async def start_run(app: SoakedApp) -> None:
    """Bring music, wait until it is read, and start a short run of a small model."""
    async with Page.open(app.url) as page:
        await bring_music(page)

        async def is_read() -> bool:
            await page.ask("look")
            return page.value("music")["status"] != "reading"

        await wait_for(is_read)
        page.put("What becomes of it", "scratch")
        page.put("Size", "tiny")
        page.put("Minutes", MINUTES)
        page.put("Context (tokens)", 128)
        page.put("Rows at once", 2)
        await page.ask("start")


async def go_on(app: SoakedApp, runs: Path) -> None:
    """Resume what was killed, or start a run where none can go on."""
    for run in list_runs(runs):
        if not run.state().is_over:
            return
        if run.state().status != "finished":
            async with Page.open(app.url) as page:
                await page.ask("ask", event={"run": run.name, "what": "resume"})
            return
    await start_run(app)


async def wait_until_it_trains(runs: Path) -> Run:
    """Wait until a run makes steps, and return it."""
    at_first = {run.name: run.state().step for run in list_runs(runs)}

    async def is_training() -> bool:
        return any(_has_stepped(run, at_first) for run in list_runs(runs))

    await wait_for(is_training)
    return next(run for run in list_runs(runs) if _has_stepped(run, at_first))


def kill_one_of(run: Run, choose: random.Random) -> str:
    """Kill any one of the processes of a run, and return what it was."""
    found = processes_of(run.folder)
    if not found:
        return "nothing"
    victim = choose.choice(found)
    words = " ".join(victim.cmdline())
    victim.kill()
    known = ("supervisor", "distributed.run", "worker", "resource_tracker", "multiprocessing")
    return next((word for word in known if word in words), "process")


async def kill_what_reads_music(app: SoakedApp) -> str:
    """Kill `prepare` while it reads; the music is then told to have failed, and is deleted."""
    async with Page.open(app.url) as page:
        await bring_music(page)

        async def is_over() -> bool:  # it may not have begun, or not have been missed yet
            for process in psutil.process_iter(["cmdline"]):
                words = process.info["cmdline"] or []
                if "prepare" in words and any(str(app.place.runs) in word for word in words):
                    process.kill()
            await page.ask("look")
            return str(page.value("music")["status"]) != DatasetStatus.READING

        await wait_for(is_over)
        message = page.value("music")
        await page.ask("ask_music", event={"dataset": message["chosen"], "what": "delete"})
    return str(message["status"])


async def end_all(app: SoakedApp, runs: Path) -> None:
    """Stop what still trains, as the page does, and wait for its end."""
    async with Page.open(app.url) as page:
        for run in list_runs(runs):
            if processes_of(run.folder):  # those that make samples of a run that is over, too
                await page.ask("ask", event={"run": run.name, "what": "end"})

    async def have_ended() -> bool:
        return not any(processes_of(run.folder) for run in list_runs(runs))

    await wait_for(have_ended)


def unreadable_checkpoints(runs: Path) -> list[str]:
    """Return the checkpoints that Compose would take and that cannot be loaded."""
    broken = []
    for run in list_runs(runs):
        for folder in filter(None, (run.best(), run.last())):
            try:
                load(folder)
            except MeloFormerError as error:
                broken.append(f"{run.name}/{folder.name}: {error}")
    return broken


def music_folders(runs: Path) -> list[Path]:
    """Return the folders of all music that was brought."""
    return sorted((runs / DATASETS).glob("*/upload"))


async def wait_for(is_so: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something is so; the longest wait is an error, not a measure."""
    until = time.monotonic() + _LONGEST_S
    while not await is_so():
        if time.monotonic() > until:
            raise SystemExit(f"Nothing came of it in {_LONGEST_S:.0f} s.")
        await asyncio.sleep(_LOOKED_EVERY_S)


def _has_stepped(run: Run, at_first: dict[str, int]) -> bool:
    state = run.state()
    return not state.is_over and state.step > max(0, at_first.get(run.name, 0))
