"""Output that the verbs share: results and progress."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager


@contextmanager
def progress_bar(unit: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar with rate and time left.

    Yields:
        A function that is told how much is done, and how much there is.
    """
    from tqdm import tqdm

    bars: list[tqdm[None]] = []

    def tell(done: int, total: int) -> None:
        if not bars:  # what an earlier run has done says nothing about the rate
            pause_s = 0.1 if sys.stderr.isatty() else 30  # a log is read later
            bars.append(tqdm(initial=done, total=total, unit=unit, mininterval=pause_s))
        bars[0].update(done - int(bars[0].n))

    try:
        yield tell
    finally:
        for bar in bars:
            bar.close()


def show(data: object, lines: Sequence[str], as_json: bool) -> None:
    """Print a result, as lines to read or as JSON."""
    text = json.dumps(data, ensure_ascii=False) if as_json else "\n".join(lines)
    sys.stdout.write(text + "\n")
