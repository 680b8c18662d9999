"""Making other music of the same music: transposed, louder, faster, with a part less."""

import numpy as np
from numpy.typing import NDArray

from meloformer.data.config import LoaderConfig
from meloformer.tokens.vocabulary import Kind, transposition, vocabulary


def augment(
    ids: NDArray[np.uint16], config: LoaderConfig, rng: np.random.Generator
) -> NDArray[np.uint16]:
    """Draw a variant of a stream; its bars and onsets stay."""
    if rng.random() < config.part_dropout:
        ids = drop_part(ids, rng)
    low, high = config.transpose
    ids = transpose(ids, int(rng.integers(low, high + 1)))
    louder = int(rng.integers(-config.velocity_jitter, config.velocity_jitter + 1))
    ids = shift(ids, Kind.VELOCITY, louder)
    faster = int(rng.integers(-config.tempo_jitter, config.tempo_jitter + 1))
    return shift(ids, Kind.TEMPO, faster)


def transpose(ids: NDArray[np.uint16], semitones: int) -> NDArray[np.uint16]:
    """Transpose a stream; one that would leave the range of MIDI stays as it is."""
    moved = transposition(semitones)[ids]
    return ids if (moved == vocabulary().id(Kind.PAD)).any() else moved


def shift(ids: NDArray[np.uint16], kind: Kind, steps: int) -> NDArray[np.uint16]:
    """Move all tokens of a kind by `steps`, clipped to the values the kind has."""
    kinds = vocabulary().kind
    first = vocabulary().id(kind)
    last = first + int(np.count_nonzero(kinds == kind)) - 1
    moved = np.clip(ids.astype(np.int32) + steps, first, last)
    return np.asarray(np.where(kinds[ids] == kind, moved, ids), dtype=np.uint16)


def drop_part(ids: NDArray[np.uint16], rng: np.random.Generator) -> NDArray[np.uint16]:
    """Take one part out of a stream that has at least two."""
    part = _header_part(ids)
    parts = np.unique(part[part >= 0])
    if len(parts) < 2:
        return ids
    dropped = int(rng.choice(parts))
    return np.delete(ids, np.flatnonzero(part == dropped))


def _header_part(ids: NDArray[np.uint16]) -> NDArray[np.int64]:
    """A number of the part that each note and header token belongs to, -1 for the others.

    Unlike `annotate`, a program token that an instance token follows counts for that instance:
    both must go together.
    """
    vocab = vocabulary()
    kind, value = vocab.kind[ids], vocab.value[ids].astype(np.int64)
    is_program = kind == Kind.PROGRAM
    instance = np.zeros(len(ids), dtype=np.int64)
    followed = np.flatnonzero(kind[1:] == Kind.INSTANCE)
    instance[followed] = value[followed + 1] + 1
    latest = np.maximum.accumulate(np.where(is_program, np.arange(len(ids)), 0))
    number = (value * 16 + instance)[latest]
    inside = is_program | (kind == Kind.INSTANCE) | (kind >= Kind.ONSET)
    return np.where(inside, number, -1)
