"""Paths in sentences: a visitor needs the name of a file, and not where the server has it."""

import re

_PATH = re.compile(r"(?<![\w.:/])(?:[A-Za-z]:)?[/\\](?:[^\s/\\:,;“”\"'`]+[/\\])+(?=[^\s/\\])")
"""The folders of an absolute path, up to its last name. Names with spaces are left half."""


def without_folders(sentence: str) -> str:
    """Return a sentence in which each absolute path is only its last name."""
    return _PATH.sub("", sentence)
