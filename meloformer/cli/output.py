"""Output that the verbs share: results and progress."""

import io
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

SCALED = 10_000
"""From so many on, units are counted in thousands or millions."""
LOG_PAUSE_S = 30
"""Between two lines of progress where nobody watches."""


class _Lines(io.TextIOBase):
    """The standard error output for a bar that nobody watches: each state of it is a line."""

    def __init__(self) -> None:
        self._last = ""

    def write(self, text: str) -> int:
        """Write a state of a bar, unless it is the last one."""
        state = text.strip()
        if state not in ("", self._last):
            sys.stderr.write(state + "\n")
            self._last = state
        return len(text)

    def flush(self) -> None:
        """Send what is written on its way."""
        sys.stderr.flush()


@contextmanager
def progress_bars(unit: str) -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar for each phase, with rate and time left; in a log a line now and then.

    Yields:
        A function that is told the phase, how much of it is done, and how much there is. The
        phase before is over when it is told the next.
    """
    from tqdm import tqdm

    watched = sys.stderr.isatty()
    bars: dict[str, tqdm[None]] = {}

    def tell(phase: str, done: int, total: int) -> None:
        if phase not in bars:
            for bar in bars.values():
                bar.close()
            bars[phase] = tqdm(
                desc=phase or None,
                initial=done,  # what an earlier run has done says nothing about the rate
                total=total,
                unit=unit,
                unit_scale=total >= SCALED,
                mininterval=0.1 if watched else LOG_PAUSE_S,
                miniters=1,
                file=None if watched else _Lines(),
            )
        bars[phase].update(done - int(bars[phase].n))

    try:
        yield tell
    finally:
        for bar in bars.values():
            bar.close()


@contextmanager
def progress_bar(unit: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar with rate and time left.

    Yields:
        A function that is told how much is done, and how much there is.
    """
    with progress_bars(unit) as tell:
        yield partial(tell, "")


def show(data: object, lines: Sequence[str], as_json: bool) -> None:
    """Print a result, as lines to read or as JSON."""
    text = json.dumps(data, ensure_ascii=False) if as_json else "\n".join(lines)
    sys.stdout.write(text + "\n")
