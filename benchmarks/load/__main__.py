"""The app under many visitors: throughput, waits, memory, and whether all get their own music.

`python -m benchmarks.load --visitors 50 --minutes 10`: each visitor opens a page, plays a melody of
their own, asks for 4 bars, then for 8 in two versions, closes the page after two melodies and comes
again. Everything goes over HTTP to the real app with the shipped model, as a page would ask.

`python -m benchmarks.load --long 8`: how much longer one visitor waits for 4 bars beside as many
others who have asked for 64 bars in 4 versions, and how soon those are gone who close their pages.
"""

import argparse
import asyncio
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import psutil

from benchmarks.app_process import app_process, resident_mb
from benchmarks.load.long_runs import beside_long_runs
from benchmarks.load.visitor import Tally, visit
from benchmarks.report import report

NOTED_AT = (50, 500)
"""Numbers of jobs after which memory is looked at."""
REST_S = 20.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--visitors", type=int, default=10)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument(
        "--jobs", type=int, default=0, help="stop after these, however long it takes"
    )
    parser.add_argument("--no-sound", action="store_true", help="pages do not ask for audio")
    parser.add_argument("--long", type=int, default=0, metavar="N", help="see above")
    parser.add_argument(
        "--option", action="append", default=[], help="of the app, as --option=--x=1"
    )
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        with app_process(Path(folder), *wanted.option) as (url, app):
            if wanted.long:
                asyncio.run(beside_long_runs(url, wanted.long))
            else:
                asyncio.run(_load(url, app, wanted))
        log = (Path(folder) / "log.txt").read_text()
    report("load_tracebacks_in_log", log.count("Traceback"), "")


async def _load(url: str, app: psutil.Process, wanted: argparse.Namespace) -> None:
    await asyncio.sleep(REST_S)  # meanwhile it compiles what it decodes with
    report("load_memory_at_rest", resident_mb(app), "MB")
    tally, started = Tally(), perf_counter()

    def is_over() -> bool:
        if wanted.jobs:
            return len(tally.jobs) >= wanted.jobs
        return perf_counter() - started > wanted.minutes * 60

    visits = [
        asyncio.create_task(visit(url, one, tally, is_over, has_sound=not wanted.no_sound))
        for one in range(wanted.visitors)
    ]
    watch = asyncio.create_task(_watch(app, tally))
    await asyncio.gather(*visits)
    took = perf_counter() - started
    watch.cancel()
    _tell(tally, took)
    report("load_memory_at_the_end", resident_mb(app), "MB")
    await asyncio.sleep(REST_S)
    report(f"load_memory_{REST_S:.0f}_s_later", resident_mb(app), "MB")


async def _watch(app: psutil.Process, tally: Tally) -> None:
    """Report memory after some numbers of jobs."""
    for number in NOTED_AT:
        while len(tally.jobs) < number:
            await asyncio.sleep(0.2)
        report(f"load_memory_after_{number}_jobs", resident_mb(app), "MB")


def _tell(tally: Tally, took_s: float) -> None:
    jobs = tally.jobs
    report("load_jobs", len(jobs), "")
    report("load_errors", len(tally.errors), "")
    for error in sorted(set(tally.errors))[:5]:
        print(error)
    if not jobs:
        return
    report("load_others_music", sum(not job.is_own for job in jobs), "")
    report("load_bars", sum(job.num_bars for job in jobs) / took_s, "bars/s")
    report("load_jobs_per_minute", len(jobs) / took_s * 60, "")
    for name, values in (
        ("first_bar", [job.first_bar_s for job in jobs]),
        ("whole", [job.whole_s for job in jobs]),
    ):
        report(f"load_{name}_p50", median(values), "s")
        report(f"load_{name}_p95", float(np.percentile(values, 95)), "s")
    report("load_places_told", len(tally.places), "")
    for place in tally.places[:3]:
        print(place)


if __name__ == "__main__":
    main()
