"""A prompt for samples from a run's own music: the opening of a piece that is held back.

It loads the MIDI libraries, so it is imported where a prompt is made.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from meloformer.data.shards import open_shards
from meloformer.files import write_bytes
from meloformer.midi.write import write_midi
from meloformer.runs.samples import OWN, PROMPT_BARS, own_prompt_path
from meloformer.tokens.annotate import bar_ends
from meloformer.tokens.crop import crop
from meloformer.tokens.decode import decode
from meloformer.tokens.vocabulary import Kind, vocabulary

__all__ = ["OWN", "held_out_opening", "write_own_prompt"]

_MOST_LOOKED_AT = 200
"""Pieces among which one that is long enough is looked for."""
_LEAST_NOTES = 8
"""In an opening; what begins with a long rest tells a model nothing."""


def write_own_prompt(shards: Path, samples: Path) -> bool:
    """Write the opening of a held-back piece beside the samples of a run, unless it is there.

    Args:
        shards: Folder made by `prepare`.
        samples: Folder of the samples.

    Returns:
        Whether there is such a prompt now; not if nothing is held back.

    Raises:
        DataError: The shards cannot be read.
        OSError: The prompt cannot be written.
    """
    path = own_prompt_path(samples)
    if path.is_file():
        return True
    opening = held_out_opening(shards / "held_out")
    if opening is None:
        return False
    samples.mkdir(exist_ok=True)
    write_bytes(path, write_midi(decode(opening)))
    return True


def held_out_opening(folder: Path) -> NDArray[np.uint16] | None:
    """Return the first bars of a piece, at most `PROMPT_BARS`, as tokens. (T,), uint16.

    The first piece with so many bars and some notes in them is taken, else the opening that has
    most notes: where the last bars of a few files are held back, there may be no more than two.

    Args:
        folder: Shards; may be missing or empty.

    Returns:
        None if there is not a single note.
    """
    tokens = folder / "tokens.bin"
    if not tokens.is_file() or not tokens.stat().st_size:
        return None
    shards = open_shards(folder)
    best, most = None, 0
    for index in range(min(shards.num_documents, _MOST_LOOKED_AT)):
        ids = np.asarray(shards.document(index))
        bars = len(bar_ends(ids))
        if not bars:
            continue
        opening = crop(ids, 0, PROMPT_BARS)
        notes = _num_notes(opening)
        if bars >= PROMPT_BARS and notes >= _LEAST_NOTES:
            return opening
        if notes > most:
            best, most = opening, notes
    return best


def _num_notes(ids: NDArray[np.uint16]) -> int:
    kinds = vocabulary().kind[ids]
    return int(((kinds == Kind.PITCH) | (kinds == Kind.DRUM)).sum())
