"""Counts of calls, for tests that say how often something costly is done."""

import importlib
import sys
from collections import Counter
from contextlib import contextmanager
from functools import wraps

import pytest

READING = {
    "read_container": "meloformer.midi.container",
    "read_events": "meloformer.midi.events",
    "read_notes": "meloformer.midi.note_table",
    "follow_beats": "meloformer.midi.retime",
    "bar_grid": "meloformer.score.grid",
    "parts_of": "meloformer.score.part",
    "encode": "meloformer.tokens.encode",
}
"""What is done once for a file, and the module of each function."""


@contextmanager
def counted(modules_of: dict[str, str] = READING):
    """Count the calls of functions, whoever has imported them by name."""
    counts = Counter()
    with pytest.MonkeyPatch.context() as patch:
        for name, module in modules_of.items():
            plain = getattr(importlib.import_module(module), name)
            for user in list(sys.modules.values()):
                if user.__name__.startswith(("meloformer", "ui")) and vars(user).get(name) is plain:
                    patch.setattr(user, name, _counting(plain, name, counts))
        yield counts


def _counting(plain, name, counts):
    @wraps(plain)
    def counting(*args, **kwargs):
        counts[name] += 1
        return plain(*args, **kwargs)

    return counting
