"""The order in which held-out songs are drawn."""

from collections.abc import Sequence

import numpy as np

from meloformer.data.shards import Shards
from meloformer.errors import DataError


def drawn_songs(
    shards: Shards, rng: np.random.Generator, sets: Sequence[str] = ()
) -> tuple[tuple[int, str], ...]:
    """Return the songs in a drawn order, each with its document set.

    Args:
        shards: Held-out songs.
        rng: Draws the order, which is that of all songs whichever sets are wanted.
        sets: Only songs of these; of all if empty.

    Raises:
        DataError: There is no set of such a name.
    """
    names = [one.name for one in shards.sets for _ in range(one.documents)]
    for name in sets:
        if name not in names:
            known = ", ".join(one.name for one in shards.sets if one.documents)
            raise DataError(f"No held-out song is of a set `{name}`.", hint=f"There are {known}.")
    order = rng.permutation(len(names)).tolist()
    return tuple((song, names[song]) for song in order if not sets or names[song] in sets)
