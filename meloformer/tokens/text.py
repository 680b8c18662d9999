"""The TXT form: the same stream, readable, one bar per line."""

import numpy as np
from numpy.typing import NDArray

from meloformer.errors import TokenError
from meloformer.tokens.vocabulary import Kind, vocabulary

_LINE_ENDS = (Kind.BOS, Kind.SUM, Kind.FILL, Kind.EOS)


def to_text(ids: NDArray[np.integer]) -> str:
    """Write ids as words: parts are set off by two spaces, bars by line breaks."""
    vocab = vocabulary()
    words: list[str] = []
    at_line_start = True
    for index in ids.tolist():
        kind = vocab.kind[index]
        if at_line_start:
            gap = "" if kind in (Kind.BOS, Kind.EOS, Kind.FILL) else " "
        else:
            gap = "  " if kind in (Kind.PROGRAM, Kind.SUM) else " "
        at_line_start = kind in _LINE_ENDS
        words.append(gap + vocab.names[index] + ("\n" if at_line_start else ""))
    return "".join(words)


def from_text(text: str) -> NDArray[np.uint16]:
    """Read ids from words between any white space.

    Raises:
        TokenError: A word that is no token.
    """
    id_of = vocabulary().id_of
    ids = []
    for number, line in enumerate(text.splitlines(), start=1):
        for word in line.split():
            if word not in id_of:
                raise TokenError(f"`{word[:40]}` in line {number} is not a token.")
            ids.append(id_of[word])
    return np.array(ids, dtype=np.uint16)
