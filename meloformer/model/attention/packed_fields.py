"""The fields of tokens as the kernels that make tiles read them: five integers each.

What `rule.visible` asks of a pair, packed for a GPU. Sets are bits, so which rule is followed is a
matter of data and not of the kernel: another batch or another rule compiles nothing anew.

Axes: B row, T position.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from meloformer.errors import ConfigError, DataError
from meloformer.model.attention.rule import (
    ALL_KINDS,
    FAR,
    GLOBAL_KINDS,
    SUM_KIND,
    attended_types,
)
from meloformer.model.config import ModelConfig, TokenType
from meloformer.model.inputs import Inputs

PART_BITS, DOC_BITS = 11, 20
"""Of `who`: room for a part + 1 and for a document; `check` refuses what has none."""
NOTE_BITS, BAR_BITS = 16, 15
"""Of `where`: room for a note + 1 and for a bar."""
_NOTE_MASK = (1 << NOTE_BITS) - 1
BY_TYPE_AT, ALWAYS_AT, IS_NOTE_AT = (part * len(TokenType) for part in (1, 2, 3))
SUMS_UP_AT = IS_NOTE_AT + 1
"""Where in `kinds` lie the types attended to in other notes, and those attended to always; before
them, its own type; after them, whether it is of a note, and whether it sums up its bar."""
_INT_BITS = 31
"""Of a signed 32-bit integer that is not negative."""
if max(PART_BITS + DOC_BITS, NOTE_BITS + BAR_BITS, SUMS_UP_AT + 1, FAR) > _INT_BITS:
    raise ConfigError(
        f"The packed fields of a mask do not fit into {_INT_BITS} bits each: there are "
        f"{len(TokenType)} token types, and two sets of them, one type and two flags go into one."
    )


class PackedFields(NamedTuple):
    """Packed rows. All (B, T), int32."""

    order: Tensor
    who: Tensor
    """Document, then part + 1: `DOC_BITS`, `PART_BITS`."""
    where: Tensor
    """Bar, then note + 1: `BAR_BITS`, `NOTE_BITS`."""
    kinds: Tensor
    """Its own type, and the types it attends to."""
    near: Tensor
    """Bit n: it attends to every part n bars away."""

    @classmethod
    def of(cls, inputs: Inputs, config: ModelConfig) -> "PackedFields":
        """Return packed rows.

        Raises:
            DataError: The fields contradict each other, or what they say has no room.
        """
        check(inputs, config)
        rule = torch.tensor(attended_types(config), device=inputs.type.device)
        is_token, is_note = inputs.doc >= 0, inputs.note >= 0
        kind = torch.where(is_token, torch.bitwise_left_shift(1, inputs.type), 0)
        sums_up = SUM_KIND if config.summaries else 0
        always = ALL_KINDS if config.dense else sums_up | GLOBAL_KINDS
        offsets = sum(1 << offset for offset in set(config.cross_offsets))
        near = torch.tensor(offsets, device=inputs.type.device)
        fields = (
            inputs.order,
            torch.where(is_token, inputs.doc, 0) << PART_BITS | inputs.part + 1,
            inputs.bar << NOTE_BITS | inputs.note + 1,
            kind
            | rule[inputs.type] << BY_TYPE_AT
            | torch.where(is_token, always, 0) << ALWAYS_AT
            | is_note.long() << IS_NOTE_AT
            | ((kind & sums_up) != 0).long() << SUMS_UP_AT,
            near.expand_as(inputs.type),
        )
        return cls(*(field.int().contiguous() for field in fields))


def check(inputs: Inputs, config: ModelConfig) -> None:
    """Refuse rows whose fields contradict each other: a mask made of them would hide or leak.

    Raises:
        DataError: They do, or a number is too large for its place in `PackedFields`.
    """
    shape = inputs.ids.shape
    odd = [name for name, field in zip(inputs._fields, inputs, strict=True) if field.shape != shape]
    if odd:
        raise DataError(f"a batch of {tuple(shape)} tokens has {', '.join(odd)} of another shape")
    order = inputs.order.sort(dim=1).values
    wrong = {
        "a type that does not exist": (inputs.type < 0) | (inputs.type >= len(TokenType)),
        "padding within a document": (inputs.doc >= 0) == (inputs.type == TokenType.PAD),
        "a note index where there is no note": (inputs.note >= 0)
        != (inputs.type >= TokenType.ONSET),
        "two tokens at one place of the stream": order[:, 1:] == order[:, :-1],
        "a part beyond the model's": (inputs.part < -1) | (inputs.part >= config.num_parts),
        "a part that has no room": inputs.part + 1 >> PART_BITS > 0,
        "too many documents": inputs.doc >> DOC_BITS > 0,
        "too many bars": (inputs.bar < 0) | (inputs.bar >> BAR_BITS > 0),
        "too many notes": inputs.note + 1 >> NOTE_BITS > 0,
    }
    found: list[bool] = torch.stack([one.any() for one in wrong.values()]).tolist()
    if any(found):
        causes = ", ".join(cause for cause, is_so in zip(wrong, found, strict=True) if is_so)
        raise DataError(f"a batch cannot be attended to: it has {causes}")
