"""What the attention kernel reads of each token: five integers, and the mask in terms of them.

The same table as `masks.visible`, packed for a GPU. Sets are bits, so which rule is followed is a
matter of data and not of the kernel, and nothing but tensors is captured: another batch or another
rule compiles nothing anew.

Axes: B row, T position.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from meloformer.errors import DataError
from meloformer.model.attention.rule import GLOBAL_KINDS, SUM_KIND, rule_of_type
from meloformer.model.config import ModelConfig, TokenType
from meloformer.model.inputs import Inputs

_PART_BITS, _DOC_BITS = 11, 20
_NOTE_BITS, _BAR_BITS = 16, 15
_HEARD, _ALWAYS, _IS_NOTE, _SUMS_UP = 8, 16, 24, 25
"""Where in `sees` lie the types heard in other notes, and those always seen; before them, its own
type; after them, whether it is of a note, and whether it sums up its bar."""
_ALL_KINDS = (1 << len(TokenType)) - 1
_NOTE_MASK = (1 << _NOTE_BITS) - 1
_FAR = 31
"""A distance in bars at which nobody hears another part."""


MaskMod = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]


class PackedFields(NamedTuple):
    """Packed rows. All (B, T), int32."""

    order: Tensor
    who: Tensor
    """Document, then part + 1."""
    where: Tensor
    """Bar, then note + 1."""
    sees: Tensor
    near: Tensor
    """Bit n: it hears every part n bars away."""

    @classmethod
    def of(cls, inputs: Inputs, config: ModelConfig) -> "PackedFields":
        """Pack rows.

        Raises:
            DataError: The fields contradict each other, or what they say has no room.
        """
        check(inputs, config)
        rule = torch.tensor(rule_of_type(config), device=inputs.type.device)
        is_token, is_note = inputs.doc >= 0, inputs.note >= 0
        kind = torch.where(is_token, torch.bitwise_left_shift(1, inputs.type), 0)
        sums_up = SUM_KIND if config.summaries else 0
        always = _ALL_KINDS if config.dense else sums_up | GLOBAL_KINDS
        offsets = sum(1 << offset for offset in set(config.cross_offsets))
        near = torch.tensor(offsets, device=inputs.type.device)
        fields = (
            inputs.order,
            torch.where(is_token, inputs.doc, 0) << _PART_BITS | inputs.part + 1,
            inputs.bar << _NOTE_BITS | inputs.note + 1,
            kind
            | rule[inputs.type] << _HEARD
            | torch.where(is_token, always, 0) << _ALWAYS
            | is_note.long() << _IS_NOTE
            | ((kind & sums_up) != 0).long() << _SUMS_UP,
            near.expand_as(inputs.type),
        )
        return cls(*(field.int().contiguous() for field in fields))

    def mask_mod(self) -> MaskMod:
        """`masks.visible` for FlexAttention, one pair of positions at a time."""
        order, who, where, sees, near = self

        def visible(b: Tensor, h: Tensor, q: Tensor, kv: Tensor) -> Tensor:
            del h
            q_who, k_who = who[b, q], who[b, kv]
            q_where, k_where = where[b, q], where[b, kv]
            q_sees, k_kind = sees[b, q], sees[b, kv] & _ALL_KINDS
            is_note = q_sees >> _IS_NOTE & 1 == 1
            distance = ((q_where >> _NOTE_BITS) - (k_where >> _NOTE_BITS)).abs()
            is_near = near[b, q] >> distance.clamp(max=_FAR) & 1 == 1
            heard = (q_sees >> _HEARD & k_kind) != 0
            always = (q_sees >> _ALWAYS & k_kind) != 0
            own_bar = (q_sees >> _SUMS_UP & 1 == 1) & (distance == 0)
            own_note = is_note & ((q_where ^ k_where) & _NOTE_MASK == 0)
            seen = heard & (is_near | is_note & (q_who == k_who)) | always | own_bar | own_note
            # Padding is of no kind: a key to itself only.
            same_doc = ((q_who ^ k_who) >> _PART_BITS == 0) & (k_kind != 0)
            return seen & same_doc & (order[b, kv] <= order[b, q]) | (q == kv)

        return visible


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
        "a part that has no room": inputs.part + 1 >> _PART_BITS > 0,
        "too many documents": inputs.doc >> _DOC_BITS > 0,
        "too many bars": (inputs.bar < 0) | (inputs.bar >> _BAR_BITS > 0),
        "too many notes": inputs.note + 1 >> _NOTE_BITS > 0,
    }
    found: list[bool] = torch.stack([one.any() for one in wrong.values()]).tolist()
    if any(found):
        causes = ", ".join(cause for cause, is_so in zip(wrong, found, strict=True) if is_so)
        raise DataError(f"a batch cannot be attended to: it has {causes}")
