"""Random but plausible streams: bars of parts of notes, and bars filled in a second pass."""

import numpy as np
import torch

from meloformer.model.config import TokenType
from meloformer.model.inputs import Inputs

VOCAB_SIZE = 100
PARTS = (1024, 264, 0, 1)
BAR_TICKS = 48

Row = tuple[int, int, int, int, int]  # type, bar, onset, part, note


def random_stream(seed: int, num_tokens: int = 120, *, gaps: bool = False) -> Inputs:
    """One document cut at `num_tokens`; with gaps, its last bars fill earlier ones. (1, T)."""
    rng = np.random.default_rng(seed)
    rows: list[Row] = [(TokenType.SONG, 0, 0, -1, -1)]
    bar = 0
    while len(rows) < num_tokens * (0.7 if gaps else 1.0):
        _add_bar(rows, rng, bar, opens=bar == 0)
        bar += 1
    if gaps:
        rows.append((TokenType.HEADER, bar, 0, -1, -1))  # FILL
        gap_bar = 0
        while len(rows) < num_tokens:
            _add_bar(rows, rng, gap_bar, opens=False)
            gap_bar += 1
    rows = rows[:num_tokens]
    ids = rng.integers(0, VOCAB_SIZE, len(rows))
    types, bars, onsets, parts, notes = np.array(rows).T
    return Inputs.from_stream(ids, types, bars, onsets, parts, notes)


def _add_bar(rows: list[Row], rng: np.random.Generator, bar: int, *, opens: bool) -> None:
    note = max(row[4] for row in rows)
    rows.append((TokenType.HEADER, bar, 0, -1, -1))
    if opens:
        rows += [(TokenType.SONG, bar, 0, -1, -1)] * 2
    for part in PARTS:
        if rng.random() < 0.4:
            continue
        rows.append((TokenType.HEADER, bar, 0, part, -1))
        for onset in np.sort(rng.integers(0, BAR_TICKS, rng.integers(1, 3))):
            note += 1
            rows += [(TokenType(kind), bar, int(onset), part, note) for kind in range(4, 8)]
    rows.append((TokenType.SUM, bar, BAR_TICKS, -1, -1))


def stack(*streams: Inputs) -> Inputs:
    """Streams of equal length as rows of a batch."""
    return Inputs(*(torch.cat(fields) for fields in zip(*streams, strict=True)))


def pack(*streams: Inputs, padding: int = 0) -> Inputs:
    """Streams one after the other in one row, each a document, padding at the end."""
    ends = [
        torch.tensor([[0, TokenType.PAD, 0, 0, -1, -1, -1, 0]]).T[..., None].expand(8, 1, padding)
    ]
    docs = [
        torch.stack(list(stream._replace(doc=torch.full_like(stream.doc, doc))))
        for doc, stream in enumerate(streams)
    ]
    columns = torch.cat([*docs, *ends], dim=2)
    columns[-1] = torch.arange(columns.shape[2])
    return Inputs(*columns)


def permute(inputs: Inputs, permutation: torch.Tensor) -> Inputs:
    """The same tokens at other places in memory; their order stays what it was."""
    return Inputs(*(field[:, permutation] for field in inputs))
