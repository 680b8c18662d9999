"""Places in held-out songs where a continuation can be compared with the true one.

An excerpt is three neighbouring passages: a prompt, its true continuation, and what follows that.
What follows is the measure of all comparison. It is real music of the same song, by the same parts
and in most cases in the same key, and it is no more the true continuation than what a model writes:
a model that comes as near to the truth as the song itself does a little later can't be told from
real music. Another song would be a floor far easier to reach; its key and parts differ.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from meloformer.data.shards import Shards
from meloformer.errors import DataError
from meloformer.evaluation.study.songs import drawn_songs
from meloformer.score.score import Score
from meloformer.tokens import Kind, bar_ends, crop, decode, vocabulary


@dataclass(frozen=True, slots=True)
class Passage:
    """Some bars of music on the grid; tick 0 is where they begin."""

    score: Score
    chords: tuple[int, ...]
    """The chord that each bar is headed with."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Three passages of a song, one after the other."""

    document: int
    document_set: str
    first_bar: int
    prompt: Passage
    truth: Passage
    """The bars after the prompt."""
    following: Passage
    """As many bars again."""


def choose_excerpts(
    shards: Shards,
    count: int,
    *,
    prompt_bars: int = 8,
    num_bars: int = 8,
    draw: int = 0,
    seed: int = 0,
    sets: Sequence[str] = (),
) -> tuple[Excerpt, ...]:
    """Draw songs that are long enough, and a place in each.

    No song is drawn twice, so that excerpts are independent. Prompts and true continuations have
    notes.

    Args:
        shards: Held-out songs.
        count: How many; fewer if there are not so many songs.
        prompt_bars: Bars to continue.
        num_bars: Bars of the continuation.
        draw: 0 takes the first `count` songs of the order that the seed gives, 1 the next, and so
            on: what was chosen by the songs of one draw is judged by those of another.
        seed: The same seed draws the same excerpts.
        sets: Only songs of these document sets; of all if empty.

    Raises:
        DataError: No song is long enough, earlier draws took them all, or a set is not known.
    """
    rng = np.random.default_rng(seed)
    found: list[Excerpt] = []
    for document, document_set in drawn_songs(shards, rng, sets):
        if len(found) == count * (draw + 1):
            break
        ids = np.asarray(shards.document(document))
        places = list(_places(ids, prompt_bars, num_bars))
        if places:
            first = places[int(rng.integers(len(places)))]
            borders = np.cumsum([first, prompt_bars, num_bars, num_bars]).tolist()
            passages = (_passage(ids, *ends) for ends in pairwise(borders))
            found.append(Excerpt(document, document_set, first, *passages))
    drawn = tuple(found[count * draw :])
    if found and not drawn:
        raise DataError(
            f"All {len(found)} held-out songs that are long enough come in earlier draws.",
            hint="Ask for an earlier draw, or for fewer songs in each.",
        )
    if not found:
        raise DataError(
            f"No held-out song has {prompt_bars + 2 * num_bars} bars.",
            hint="Hold out longer songs, or ask for fewer bars.",
        )
    return drawn


def _places(ids: NDArray[np.uint16], prompt_bars: int, num_bars: int) -> Iterator[int]:
    """Yield the first bar of each excerpt with notes in the prompt and in the true continuation."""
    is_note = vocabulary().kind[ids] == Kind.ONSET
    notes = np.concatenate(([0], np.cumsum(is_note)[bar_ends(ids) - 1]))
    for first in range(len(notes) - prompt_bars - 2 * num_bars):
        seam = first + prompt_bars
        if notes[first] < notes[seam] < notes[seam + num_bars]:
            yield first


def _passage(ids: NDArray[np.uint16], first_bar: int, last_bar: int) -> Passage:
    cut, vocab = crop(ids, first_bar, last_bar), vocabulary()
    chords = vocab.value[cut[vocab.kind[cut] == Kind.CHORD]]
    return Passage(decode(cut), tuple(chords.tolist()))
