"""REMI streams side by side in rows, with the same musical facts that the model has of HID tokens.

A REMI token could be given to the network as a bare id. It gets more: bar, onset and program, each
from the tokens up to it, in the embeddings and angles that HID tokens have too. So the networks
differ in nothing but the tokens.

Axes: B rows, T positions.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray

from experiments.remi import remi
from meloformer.data.packing import NOT_SCORED, Batch
from meloformer.evaluation.bits_per_note import Costs
from meloformer.model.config import TokenType
from meloformer.model.transformer import MeloFormer
from meloformer.score.part import DRUM_PROGRAM, MAX_INSTANCES

Ints = NDArray[np.int64]

_TYPES = {
    "BOS": TokenType.SONG,
    "PAD": TokenType.PAD,
    "Bar": TokenType.SONG,
    "TimeSig": TokenType.SONG,
    # What has a place in the bar must be of a note's type, as only those have their onset embedded.
    "Position": TokenType.ONSET,
    "Tempo": TokenType.ONSET,
    "Program": TokenType.ONSET,
    "Pitch": TokenType.PITCH,
    "PitchDrum": TokenType.PITCH,
    "Velocity": TokenType.VELOCITY,
    "Duration": TokenType.DURATION,
}
_OF_NOTE = ("Program", "Pitch", "PitchDrum", "Velocity", "Duration")


def pack(rows: Sequence[Sequence[Ints]]) -> Batch:
    """Lay streams side by side in rows as long as the longest needs.

    Args:
        rows: The streams of each row, from BOS on.
    """
    nothing = np.zeros((8, 0), dtype=np.int64)
    columns = [
        np.concatenate([nothing, *(_columns(ids, doc) for doc, ids in enumerate(row))], 1)
        for row in rows
    ]
    length = max(one.shape[1] for one in columns)
    padding = np.array([remi().id_of["PAD_None"], NOT_SCORED, TokenType.PAD, 0, -1, -1, 0, -1])
    packed = np.repeat(padding[:, None, None], len(rows), 1).repeat(length, 2)
    for row, one in enumerate(columns):
        packed[:, row, : one.shape[1]] = one
    order = np.broadcast_to(np.arange(length), packed.shape[1:])
    return Batch(*torch.from_numpy(np.concatenate([packed, order[None]])))


@torch.inference_mode()
def costs(model: MeloFormer, streams: Sequence[Ints]) -> Costs:
    """Return the bits that the model gives each token of each stream but the first."""
    found: Costs = []
    for ids in streams:
        batch = pack([[ids]])
        logits = model(batch.inputs)[0, :-1]
        nats = torch.nn.functional.cross_entropy(logits, batch.targets[0, :-1], reduction="none")
        found.append(nats.double().numpy() / np.log(2.0))
    return found


def _columns(ids: Ints, doc: int) -> Ints:
    """Return the fields of a `Batch` but the last, for one stream. (8, T)."""
    kind = kinds()[ids]
    place = np.arange(len(ids))

    def latest(wanted: str) -> Ints:
        """Return the position of the last token of a kind, or -1."""
        return np.maximum.accumulate(np.where(kind == wanted, place, -1))

    bar = np.maximum(np.cumsum(kind == "Bar") - 1, 0)
    position, program = latest("Position"), latest("Program")
    in_bar = position > latest("Bar")  # a new bar has no position yet
    onset = np.where(in_bar, _values()[ids[position]], 0)
    part = np.where(np.isin(kind, _OF_NOTE), _values()[ids[program]] * MAX_INSTANCES, -1)
    targets = np.append(ids[1:], NOT_SCORED)
    note = np.where(np.isin(kind, _OF_NOTE), np.cumsum(kind == "Program") - 1, -1)
    return np.stack([ids, targets, _types()[ids], bar, part, note, onset, np.full(len(ids), doc)])


@cache
def kinds() -> NDArray[np.str_]:
    """Return MidiTok's type of each token. (V,)."""
    return np.array([name.split("_")[0] for name in remi().names])


@cache
def _types() -> Ints:
    return np.array([_TYPES[kind] for kind in kinds()], dtype=np.int64)


@cache
def _values() -> Ints:
    """Return the onset of positions, number of programs, else 0. (V,)."""
    values = [
        int(name.split("_")[1]) if name.startswith(("Position", "Program")) else 0
        for name in remi().names
    ]
    values[remi().id_of["Program_-1"]] = DRUM_PROGRAM
    return np.array(values, dtype=np.int64)
