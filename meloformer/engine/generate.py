"""Tokens, one by one: prefill once, then decode step by step, several candidates as one batch.

Each candidate has a stream of its own; the batch shares one static cache. When the cache is full
it is filled again with the last bars of every stream, so a continuation may be of any length.

Axes: B candidate, V vocabulary.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meloformer.engine.constraints import Constraints, CurrentBar
from meloformer.engine.plan import Plan
from meloformer.engine.request import SamplingConfig
from meloformer.engine.sampling import sample
from meloformer.engine.stream import Stream, as_inputs
from meloformer.model import DecodingCache, MeloFormer
from meloformer.tokens import State
from meloformer.tokens.cursor import AFTER_NOTE, BEFORE_CHORD

REFILL_SHARE = 0.75
"""How much of the context is filled with the past when the cache starts afresh."""
CACHE_CONTEXTS = 2
"""How many contexts a cache holds. By the attention rule a token reads the bars near it and the
summaries of all, which serves beyond the context that was trained with: see docs/evaluation.md. To
start afresh costs as much as some hundred tokens."""


@dataclass(eq=False)
class Prefilled:
    """A stream that the model has read."""

    stream: Stream
    cache: DecodingCache
    """One row."""
    logits: NDArray[np.float32]
    """What comes after the last token. (V,)."""
    context_tokens: int

    @property
    def num_bytes(self) -> int:
        """Return how much memory it takes."""
        return self.cache.num_bytes + self.logits.nbytes


def prefill(model: MeloFormer, stream: Stream, context_tokens: int) -> Prefilled:
    """Let the model read a stream, as far back as its context allows."""
    cache, logits = _fill(model, [stream], context_tokens)
    return Prefilled(stream, cache, logits[0], context_tokens)


class Generation:
    """Candidates being written after one prompt, a token of each at a time.

    Args:
        model: Writes them.
        prompt: What they go on from.
        plan: What is asked for.
        sampling: How tokens are drawn.
        seeds: One for each candidate.
        pause: Called before each token: may wait, for those who share the model.
    """

    def __init__(
        self,
        model: MeloFormer,
        prompt: Prefilled,
        *,
        plan: Plan,
        sampling: SamplingConfig,
        seeds: list[int],
        pause: Callable[[], None] | None = None,
    ) -> None:
        self._model = model
        self._pause = pause
        self._context_tokens = prompt.context_tokens
        self._num_bars = plan.num_bars
        self._constraints = Constraints(plan.constraints())
        self._sampling = sampling
        self.streams = [prompt.stream.copy() for _ in seeds]
        self._rngs = [np.random.default_rng(seed) for seed in seeds]
        self._bars = [CurrentBar()] * len(seeds)  # by candidate
        self._writing = list(range(len(seeds)))  # the candidate of each row of the batch
        self._cache = prompt.cache.repeat(len(seeds))
        self._logits = np.repeat(prompt.logits[None], len(seeds), axis=0)  # (B, V)

    def run(self) -> Iterator[int]:
        """Write until every candidate has its bars.

        Yields:
            The index of a candidate each time it has finished a bar.
        """
        while self._writing:
            columns = [
                self.streams[candidate].append(self._draw(candidate, self._logits[row]))
                for row, candidate in enumerate(self._writing)
            ]
            finished_bar = [c for c in self._writing if self._count(c)]
            going_on = [
                row for row, c in enumerate(self._writing) if self._bars[c].number < self._num_bars
            ]
            yield from finished_bar
            if self._pause is not None:
                self._pause()
            self._read([columns[row] for row in going_on], going_on)

    def _draw(self, candidate: int, logits: NDArray[np.float32]) -> int:
        cursor = self.streams[candidate].cursor
        choice = self._constraints.choice(cursor, self._bars[candidate], logits)
        return sample(*choice, self._filters(cursor.state), self._rngs[candidate])

    def _filters(self, state: State) -> SamplingConfig:
        """Return the filters of a token that comes in this state."""
        own = None
        if state in BEFORE_CHORD:
            own = self._sampling.chords
        elif state in AFTER_NOTE:
            own = self._sampling.onsets
        return own or self._sampling

    def _count(self, candidate: int) -> bool:
        """Count the token just written, and return whether it has closed a bar."""
        state = self.streams[candidate].cursor.state
        self._bars[candidate] = self._bars[candidate].after(state)
        return state == State.BAR_END

    def _read(self, columns: list[tuple[int, ...]], rows: list[int]) -> None:
        """Let the model read the new token of each row that goes on."""
        if len(rows) < len(self._writing):
            self._writing = [self._writing[row] for row in rows]
            if not rows:
                return
            self._cache = self._cache.select(rows)
        if self._cache.length == self._cache.max_tokens:
            streams = [self.streams[candidate] for candidate in self._writing]
            self._cache, self._logits = _fill(self._model, streams, self._context_tokens)
        else:
            self._logits = _decode_one_token(self._model, columns, self._cache)


def _fill(
    model: MeloFormer, streams: list[Stream], context_tokens: int
) -> tuple[DecodingCache, NDArray[np.float32]]:
    """Read the last bars of every stream into a new cache, with room to go on.

    However long the streams are, there is room for the same number of tokens more. A candidate's
    cache is therefore filled again after as many tokens in any company, and its music the same.

    Args:
        model: Reads them.
        streams: One for each row.
        context_tokens: How much a row of training held.
    """
    past = int(context_tokens * REFILL_SHARE)
    inputs = as_inputs([stream.columns(past) for stream in streams])
    room = inputs.ids.shape[1] + CACHE_CONTEXTS * context_tokens - past
    return model.prefill(inputs, room)


def _decode_one_token(
    model: MeloFormer, columns: list[tuple[int, ...]], cache: DecodingCache
) -> NDArray[np.float32]:
    """Logits after one more token in every row. (B, V), float32."""
    rows = [(*column, 0, cache.length) for column in columns]  # document, order
    return model.next_logits(np.array(rows, dtype=np.int64).T, cache)
