"""Seconds that a musician waits on the page: for the roll, for sound, for bars, for files.

`python -m benchmarks.page`: the real app and the shipped model, in Debian's Chromium. A band of
eleven parts is continued by eight bars in three ways; then five minutes of it are only opened. Each
is dropped in a page of its own. Needs the packages of `requirements-dev.txt`.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from playwright.sync_api import Browser, Locator, Page, Playwright, expect, sync_playwright

from benchmarks.app_process import app_process, resident_mb
from benchmarks.render import EXAMPLE, repeated
from benchmarks.report import report
from benchmarks.versions import SIZES, with_more_parts
from meloformer.midi.write import write_midi
from meloformer.score import read_midi

CHROMIUM = "/usr/bin/chromium"
LONGEST_MS = 300_000
REST_MS = 3_000
BARS, VERSIONS = 8, 3
LOUD = 0.003
SOUNDS = f"""() => {{
    const {{ live }} = document.querySelector("[data-mf=root]").player;
    if (!live.engine) return false;
    if (!live.analyser) {{
        live.analyser = live.engine.context.createAnalyser();
        live.engine.output.connect(live.analyser);
    }}
    const samples = new Float32Array(live.analyser.fftSize);
    live.analyser.getFloatTimeDomainData(samples);
    return samples.some((sample) => Math.abs(sample) > {LOUD});
}}"""


def main() -> None:
    expect.set_options(timeout=LONGEST_MS)
    band = with_more_parts(read_midi(EXAMPLE.read_bytes()))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        place = Path(folder)
        for name, num_bars in SIZES.items():
            (place / f"{name}.mid").write_bytes(write_midi(repeated(band, num_bars)))
        with app_process(place) as (url, app), _browser(playwright) as browser:
            report("page_app_at_rest", resident_mb(app), "MB")
            for name in SIZES:
                page = browser.new_page()
                page.goto(url)
                expect(page.get_by_role("button", name="Melody", exact=True)).to_be_enabled()
                _open(page, place / f"{name}.mid", name)
                if name == "16_bars":
                    _continue(page, name)
                page.close()
            report("page_app_at_the_end", resident_mb(app), "MB")


def _open(page: Page, file: Path, name: str) -> None:
    roll = _roll(page)
    with _timed(f"page_{name}_shown"):
        page.locator("input[type=file]").first.set_input_files(file)
        expect(roll).not_to_have_attribute("data-notes", "0")
    for times in ("first", "next"):  # the first loads the SoundFont, unless it is there by then
        with _timed(f"page_{name}_sounds_after_{times}_play"):
            _press(page, "Play")
            page.wait_for_function(SOUNDS, timeout=LONGEST_MS, polling=20)
        _press(page, "Pause")
        page.wait_for_timeout(REST_MS)


def _continue(page: Page, name: str) -> None:
    for label, value in (("Bars to add", BARS), ("Versions to compare", VERSIONS)):
        number = page.get_by_label(f"number input for {label}")
        number.fill(str(value))
        number.press("Tab")
    started = perf_counter()
    _press(page, "Continue")
    expect(_roll(page)).not_to_have_attribute("data-new-bars", "0")
    report(f"page_{name}_first_bar", perf_counter() - started, "s")
    _press(page, "Play")
    page.wait_for_function(SOUNDS, timeout=LONGEST_MS, polling=20)
    report(f"page_{name}_first_sound", perf_counter() - started, "s")
    expect(_roll(page).get_by_role("status")).to_contain_text("bars written")
    report(f"page_{name}_all_written", perf_counter() - started, "s")
    with _timed(f"page_{name}_wavs_after_written"):
        page.wait_for_function(
            "count => document.querySelector('[data-mf=root]').roll.sounds.size >= count",
            arg=VERSIONS,
            timeout=LONGEST_MS,
        )


def _roll(page: Page) -> Locator:
    return page.get_by_role("group", name="Piano roll and player")


def _press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


@contextmanager
def _timed(name: str) -> Iterator[None]:
    started = perf_counter()
    yield
    report(name, perf_counter() - started, "s")


@contextmanager
def _browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    try:
        yield browser
    finally:
        browser.close()


if __name__ == "__main__":
    main()
