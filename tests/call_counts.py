"""Counts of calls, for tests that say how often something costly is done."""

import importlib
import sys
from collections import Counter
from contextlib import contextmanager
from functools import wraps

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
    """Count the calls of functions, whichever module has imported them by name."""
    counts = Counter()
    plain = {
        name: getattr(importlib.import_module(module), name) for name, module in modules_of.items()
    }
    counting = {name: _counting(function, name, counts) for name, function in plain.items()}
    _swap(plain, counting)
    try:
        yield counts
    finally:
        _swap(counting, plain)  # also in modules that were loaded meanwhile


def _counting(plain, name, counts):
    @wraps(plain)
    def counting(*args, **kwargs):
        counts[name] += 1
        return plain(*args, **kwargs)

    return counting


def _swap(old, new):
    for module in list(sys.modules.values()):
        if module.__name__.startswith(("meloformer", "ui")):
            for name, function in old.items():
                if vars(module).get(name) is function:
                    setattr(module, name, new[name])
