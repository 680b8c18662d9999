"""The music of `experiments.baselines`: the same bars of the same pieces for every model.

The trainer's rows stop where they are full, in the middle of a bar, which in one order of tokens is
the end of the melody and in another the end of the bar. So all streams are cut at bar lines.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from meloformer.data.loader import Loader
from meloformer.data.packing import Batch
from meloformer.data.shards import Shards
from meloformer.evaluation.windows import Window, cut_windows
from meloformer.tokens import Kind, bar_ends, vocabulary

Stream = NDArray[np.uint16]


def training_rows(loader: Loader) -> Iterator[list[list[Stream]]]:
    """Yield the streams of each row of each batch, HID, in whole bars, without end."""
    for batch in loader.batches():
        yield [
            [one for one in map(whole_bars, streams) if len(one) > 1] for streams in _streams(batch)
        ]


def held_out_windows(shards: Shards, context_tokens: int) -> tuple[Window, ...]:
    """Return the openings of held-out pieces in whole bars, of pieces whose first bar fits.

    Args:
        shards: Held-out pieces.
        context_tokens: Longest window, in HID tokens.
    """
    windows = cut_windows(shards, context_tokens, windows_per_document=1)
    return tuple(one for one in windows if len(whole_bars(one.ids)) == len(one.ids))


def whole_bars(ids: Stream) -> Stream:
    """Return a stream up to the last SUM, and EOS if it follows. At least BOS."""
    if ids[-1] == vocabulary().id(Kind.EOS):
        return ids
    ends = bar_ends(ids)
    return ids[: ends[-1] if len(ends) else 1]


def _streams(batch: Batch) -> Iterator[list[Stream]]:
    for ids, doc in zip(batch.ids.numpy(), batch.doc.numpy(), strict=True):
        yield [ids[doc == one].astype(np.uint16) for one in range(int(doc.max()) + 1)]
