"""Readers that end their process, for tests that run them in processes of their own."""

import os
import signal
import time
from pathlib import Path

from meloformer.corpus.config import FilterConfig
from meloformer.corpus.pieces import Reading, read_piece


def read_or_die(path: Path, config: FilterConfig) -> Reading:
    """Files called `deadly` kill whoever reads them."""
    if path.stem == "deadly":
        os.kill(os.getpid(), signal.SIGKILL)
    return read_piece(path, config)


def read_or_die_once(path: Path, config: FilterConfig) -> Reading:
    """The first to read a file called `unlucky` is killed, as by an accident."""
    seen = path.with_suffix(".seen")
    if path.stem == "unlucky" and not seen.exists():
        seen.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return read_piece(path, config)


def read_slowly(path: Path, config: FilterConfig) -> Reading:
    """Time enough to be killed from outside."""
    time.sleep(0.05)
    return read_piece(path, config)
