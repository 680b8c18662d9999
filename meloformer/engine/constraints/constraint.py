"""Limits and biases on the next token of a stream, and how they combine.

Axes: V vocabulary.
"""

from collections.abc import Iterable, Sequence
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from meloformer.tokens import Cursor, State, vocabulary

Mask = NDArray[np.bool_]
"""Tokens that may come next. (V,), bool."""
Logits = NDArray[np.float32]
"""Of each token, or what is added to them. (V,), float32."""


class CurrentBar(NamedTuple):
    """The bar being written."""

    number: int = 0
    """Of the bars asked for, from 0."""
    num_tokens: int = 0
    """Tokens of it that are written."""

    def after(self, state: State) -> "CurrentBar":
        """Return the bar being written after one more token, which has led to this state."""
        if state == State.BAR_END:
            return CurrentBar(self.number + 1)
        return CurrentBar(self.number, self.num_tokens + 1)


class Choice(NamedTuple):
    """The logits and the legal tokens from which the next one is drawn."""

    logits: Logits
    legal: Mask


class Constraint:
    """One limit or bias on the next token; a subclass overrides one of the two methods.

    A token is legal if every mask has it, and the masks of one list must always have some token in
    common. One object serves all candidates, so it keeps nothing of a stream, changes nothing that
    it is given, and what it returns is not changed by others.
    """

    states: ClassVar[tuple[State, ...]] = tuple(State)
    """Of the grammar, in which there is something to limit; in others it is not asked."""

    def mask(self, cursor: Cursor, bar: CurrentBar) -> Mask | None:
        """Return the tokens that may come next, or None for all.

        Args:
            cursor: After the last token of the stream.
            bar: The one being written.
        """
        return None

    def bias(self, cursor: Cursor, bar: CurrentBar, choice: Choice) -> Logits | None:
        """Return what is added to the logits, or None for nothing.

        Args:
            cursor: After the last token of the stream.
            bar: The one being written.
            choice: After all masks, and the biases before this one.
        """
        return None


class Constraints:
    """All that limits and biases the next token, by the state in which it comes.

    Args:
        constraints: In any order; biases are added in theirs.
    """

    def __init__(self, constraints: Iterable[Constraint]) -> None:
        every = tuple(constraints)
        self._of_state = [_in_state(every, state) for state in State]

    def choice(self, cursor: Cursor, bar: CurrentBar, logits: Logits) -> Choice:
        """Return what all constraints together leave of a model's logits.

        Args:
            cursor: After the last token of the stream.
            bar: The one being written.
            logits: As the model gives them.
        """
        limits, biases = self._of_state[cursor.state]
        masks = [mask for limit in limits if (mask := limit.mask(cursor, bar)) is not None]
        legal = masks[0] if masks else np.ones(len(logits), dtype=bool)
        for mask in masks[1:]:
            legal = legal & mask
        for one in biases:
            bias = one.bias(cursor, bar, Choice(logits, legal))
            if bias is not None:
                logits = logits + bias
        return Choice(logits, legal)


def _in_state(
    constraints: tuple[Constraint, ...], state: State
) -> tuple[list[Constraint], list[Constraint]]:
    """Return those that limit the token after this state, and those that bias it."""
    asked = [each for each in constraints if state in each.states]
    limits = [each for each in asked if type(each).mask is not Constraint.mask]
    return limits, [each for each in asked if type(each).bias is not Constraint.bias]


def all_but(ids: Sequence[int] | NDArray[np.integer] | slice) -> Mask:
    """Return a mask of all tokens but these, which must not be changed."""
    mask = np.ones(vocabulary().size, dtype=bool)
    mask[ids] = False
    mask.setflags(write=False)
    return mask
