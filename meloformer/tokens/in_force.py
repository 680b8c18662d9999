"""Metres and tempos in force: a stream says them where they change, and they hold until then."""

import numpy as np
from numpy.typing import NDArray

from meloformer.tokens.vocabulary import Kind


def in_force(kind: NDArray[np.uint8], of: Kind) -> NDArray[np.int64]:
    """Find the token of kind `of` that is in force at the end of each bar.

    Args:
        kind: The kind of each token; one of kind `of` comes in the first bar. (T,).
        of: `METRE` or `TEMPO`.

    Returns:
        Indices of tokens. (n,).
    """
    changes = np.flatnonzero(kind == of)
    bar_ends = np.flatnonzero(kind == Kind.SUM)
    return changes[np.searchsorted(changes, bar_ends) - 1]
