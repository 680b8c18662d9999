"""Augmentation: music in other keys, louder, faster, with a part less or one that enters late."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from meloformer.data.config import LoaderConfig
from meloformer.tokens.annotate import bar_ends
from meloformer.tokens.infill import part_of_each
from meloformer.tokens.vocabulary import Kind, transposition, vocabulary


def vary(
    ids: NDArray[np.uint16], config: LoaderConfig, rng: np.random.Generator
) -> NDArray[np.uint16]:
    """Draw another key, loudness and tempo for a stream, all by one look-up table.

    Where a pitch would leave the range of MIDI, the key stays.
    """
    low, high = config.transpose
    semitones = int(rng.integers(low, high + 1))
    louder = int(rng.integers(-config.velocity_jitter, config.velocity_jitter + 1))
    faster = int(rng.integers(-config.tempo_jitter, config.tempo_jitter + 1))
    varied = variation(semitones, louder, faster)[ids]
    if (varied == vocabulary().id(Kind.PAD)).any():
        return variation(0, louder, faster)[ids]
    return varied


@cache
def variation(semitones: int, louder: int, faster: int) -> NDArray[np.uint16]:
    """Return the new id of each id; `PAD` where a pitch would leave 0..127. (V,), uint16.

    Args:
        semitones: How far chords and pitched notes move.
        louder: How many bins velocities move, clipped to those there are.
        faster: How many bins tempos move, clipped too.
    """
    table = transposition(semitones).copy()
    for kind, steps in ((Kind.VELOCITY, louder), (Kind.TEMPO, faster)):
        span = vocabulary().span(kind)
        table[span] = np.clip(np.arange(span.start, span.stop) + steps, span.start, span.stop - 1)
    table.setflags(write=False)
    return table


def drop_part(ids: NDArray[np.uint16], rng: np.random.Generator) -> NDArray[np.uint16]:
    """Take one part out of a stream that has at least two."""
    part = part_of_each(ids)
    parts = np.unique(part[part >= 0])
    if len(parts) < 2:
        return ids
    return np.asarray(ids[part != rng.choice(parts)])


def enter_late(
    ids: NDArray[np.uint16], max_tokens: int, rng: np.random.Generator
) -> NDArray[np.uint16]:
    """Take one part out of a stream of at least two, up to a bar in which it plays.

    So it enters while the others go on, as an instrument does that is added to what there is.

    Args:
        ids: A stream without GAP and FILL; it may stop anywhere. (T,), uint16.
        max_tokens: The bar of the entry begins within so many tokens, where `ids` will be cut.
        rng: Draws part and bar, one of those in which the part plays, but not the first.
    """
    part = part_of_each(ids)
    parts = np.unique(part[part >= 0])
    if len(parts) < 2:
        return ids
    is_chosen = part == rng.choice(parts)
    bar = np.searchsorted(bar_ends(ids), np.arange(len(ids)), side="right")
    entries = np.unique(bar[:max_tokens][is_chosen[:max_tokens]])[1:]
    if not len(entries):
        return ids
    return np.asarray(ids[~(is_chosen & (bar < rng.choice(entries)))])
