"""A soak of the real app: visitors, trainings, kills of everything in turn, a full disk.

`python -m benchmarks.soak --minutes 20` does all kinds of harm in turn, as often as there is time;
`--minutes 0` each once. The last lines are a table of what was lost and what was
left behind; where that is anything, the exit status is 1. A disk is filled only where a small one
may be mounted (as root on Linux).
"""

import argparse
import asyncio
import random
import sys
import time
from collections.abc import Awaitable, Callable, Sequence

from benchmarks.soak import remains, trainings
from benchmarks.soak.app import SoakedApp
from benchmarks.soak.place import Place, small_disk
from benchmarks.soak.visitors import Told, visit
from meloformer.app.library.library import PieceLibrary

CALM = 0.25
"""Share of the time at the end in which nothing is harmed, so that memory can be compared."""
LEAST_JOBS = 3
"""Before and after each harm, and in the calm before memory is looked at first."""
WARM_JOBS = 50
"""Before memory is looked at first, if half of the calm is long enough: instruments are loaded, and
as many pages were closed as go again."""
FULL_S = 5.0
LEAST_CALM_S = 60.0
"""Before memory is judged."""
MEMORY_MAY_GROW = 1.15


class Soak:
    """One soak.

    Args:
        app: The app.
        place: Where it works.
        seed: Of what is killed.
    """

    def __init__(self, app: SoakedApp, place: Place, seed: int) -> None:
        self.app = app
        self.place = place
        self.told = Told()
        self.harm: list[str] = []
        self.memory_mb: list[float] = []
        self.was_calm = False
        self._choose = random.Random(seed)

    async def run(self, num_visitors: int, minutes: float, kinds: Sequence[str]) -> None:
        """Let visitors come and do them harm, then let them be."""
        begun, is_over = time.monotonic(), asyncio.Event()
        self.app.start()
        visitors = [
            asyncio.create_task(visit(self.app, one, self.told, is_over))
            for one in range(num_visitors)
        ]
        number = 0
        while number < len(kinds) or time.monotonic() - begun < minutes * 60 * (1 - CALM):
            await self._jobs(LEAST_JOBS)
            kind = kinds[number % len(kinds)]
            said = await self._kinds[kind]()
            self._say(f"{kind}: {said}")
            number += 1
        await self._calm(begun + minutes * 60)
        is_over.set()
        await asyncio.gather(*visitors)
        await trainings.end_all(self.app, self.place.runs)
        self.app.end()

    @property
    def _kinds(self) -> dict[str, Callable[[], Awaitable[str]]]:
        return {
            "app": self._kill_app,
            "training": self._kill_training,
            "music": self._kill_music,
            "disk": self._fill_disk,
        }

    async def _kill_app(self) -> str:
        self.app.kill()
        await asyncio.to_thread(self.app.start)
        return "killed, and started again"

    async def _kill_training(self) -> str:
        runs = self.place.runs
        await trainings.go_on(self.app, runs)
        run = await trainings.wait_until_it_trains(runs)
        victim = trainings.kill_one_of(run, self._choose)
        return f"{victim} of {run.name} killed at step {run.state().step}"

    async def _kill_music(self) -> str:
        return f"prepare killed, music {await trainings.kill_what_reads_music(self.app)}"

    async def _fill_disk(self) -> str:
        if not self.place.has_disk:
            return "left out: nothing may be mounted here"
        refused = sum(self.told.refused.values())
        await asyncio.to_thread(self.place.fill)
        await asyncio.sleep(FULL_S)
        self.place.empty()
        more = sum(self.told.refused.values()) - refused
        return f"filled for {FULL_S:.0f} s, {more} requests refused"

    async def _calm(self, until: float) -> None:
        await self._jobs(LEAST_JOBS)
        begun = time.monotonic()
        warm = self.told.jobs + WARM_JOBS
        while self.told.jobs < warm and time.monotonic() < (begun + until) / 2:
            await asyncio.sleep(1)
        self.memory_mb.append(self.app.resident_mb())
        self._say(f"calm, {self.memory_mb[0]:.0f} MB")
        await self._jobs(LEAST_JOBS)
        while time.monotonic() < until:
            await asyncio.sleep(1)
        self.memory_mb.append(self.app.resident_mb())
        self.was_calm = time.monotonic() - begun > LEAST_CALM_S

    async def _jobs(self, number: int) -> None:
        """Wait until so many more jobs of visitors have come to their end."""
        wanted = self.told.jobs + number

        async def are_done() -> bool:
            return self.told.jobs >= wanted

        await trainings.wait_for(are_done)

    def _say(self, what: str) -> None:
        self.harm.append(what)
        print(f"{self.told.jobs:5} jobs, {self.told.num_bars:6} bars; {what}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--visitors", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--harm",
        nargs="+",
        default=["app", "training", "music", "app", "disk"],
        metavar="KIND",
        help="what is done in turn: app, training, music, disk",
    )
    wanted = parser.parse_args()
    shared_before = remains.shared_memory()
    with small_disk() as place:
        soak = Soak(SoakedApp(place), place, wanted.seed)
        try:
            asyncio.run(soak.run(wanted.visitors, wanted.minutes, wanted.harm))
            found = _look(soak, shared_before)
        finally:
            for process in remains.processes(place):
                process.kill()
    _tell(soak, found)
    sys.exit(any(found.values()))


def _look(soak: Soak, shared_before: set[str]) -> dict[str, list[str]]:
    """Return what was lost and what was left behind, by kind."""
    place = soak.place
    time.sleep(2)  # processes that were ended need a moment to be gone
    found = {
        "processes left": remains.living_processes(place),
        "locks held": remains.held_locks(place),
        "temporary files left": remains.temporary_files(place),
        "shared memory left": remains.shared_memory_left(shared_before),
        "checkpoints that do not load": trainings.unreadable_checkpoints(place.runs),
        "tracebacks in the log": _tracebacks(place),
    }
    library = PieceLibrary(place.home / "library")
    found["damage in the library"] = remains.damage(library)
    found["finished bars lost"] = remains.lost_bars(library, soak.told)
    library.close()
    first, last = soak.memory_mb
    grown = soak.was_calm and last > first * MEMORY_MAY_GROW
    found["memory grown"] = [f"{first:.0f} MB to {last:.0f} MB"] if grown else []
    return found


def _tracebacks(place: Place) -> list[str]:
    """Return the last lines of tracebacks of the app: bugs, as all else is a sentence."""
    lines = place.log.read_text(errors="replace").splitlines()
    ends, is_inside = [], False
    for line in lines:
        if line.startswith("Traceback"):
            is_inside = True
        elif is_inside and line and not line[0].isspace():
            ends.append(line)
            is_inside = False
    return ends


def _tell(soak: Soak, found: dict[str, list[str]]) -> None:
    told = soak.told
    first, last = soak.memory_mb
    rows = [
        ("harm done", len(soak.harm)),
        ("apps started", soak.app.num_starts),
        ("jobs that came to their end", told.jobs),
        ("finished bars told to visitors", told.num_bars),
        ("requests refused with a sentence", sum(told.refused.values())),
        ("memory of the last app, MB", f"{first:.0f} to {last:.0f}"),
    ]
    for sentence, count in told.refused.most_common(8):
        print(f"refused {count} times: {sentence}")
    for kind, items in found.items():
        for item in items[:8]:
            print(f"{kind}: {item}")
    print()
    for name, value in (*rows, *((kind, len(items)) for kind, items in found.items())):
        print(f"{name:36} {value:>12}")


if __name__ == "__main__":
    main()
