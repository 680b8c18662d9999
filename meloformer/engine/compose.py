"""Continue a score by bars: encode, prefill, generate, decode.

`prepare_prompt` does all that can be done before the musician presses Continue.
"""

from collections.abc import Generator
from dataclasses import dataclass

from meloformer.checkpoint import Card
from meloformer.engine.candidate import Candidate, FinishedBar, finished_bar
from meloformer.engine.generate import REFILL_SHARE, Generation, Prefilled, prefill
from meloformer.engine.plan import Plan, reach_of
from meloformer.engine.request import ContinueRequest
from meloformer.engine.stream import Stream, first_bar_within
from meloformer.errors import ConfigError
from meloformer.model import MeloFormer
from meloformer.score.score import Score
from meloformer.tokens import Encoding, bar_ends, crop, encode

MAX_PROMPT_TOKENS = 4096
"""A last bar longer than this is refused; attention over it would fill the memory."""


@dataclass(frozen=True, eq=False, slots=True)
class Prompt:
    """A piece that the model has read up to the seam."""

    encoding: Encoding
    from_bar: int
    """Bars kept; the seam is the bar line after them."""
    bars_read: int
    """How many of them the model has read: the last that fit its context."""
    prefilled: Prefilled


def prepare_prompt(
    model: MeloFormer, card: Card, score: Score, from_bar: int | None = None
) -> Prompt:
    """Let the model read a piece up to the seam.

    Args:
        model: In evaluation mode.
        card: Of the model; says how far back it reads.
        score: The piece.
        from_bar: Bars to keep; None keeps all.

    Raises:
        ConfigError: The piece has fewer bars than are to be kept, or the last of them has
            thousands of notes.
    """
    encoding = encode(score)
    keep = encoding.num_bars if from_bar is None else from_bar
    if not 1 <= keep <= encoding.num_bars:
        raise ConfigError(
            f"The piece has {encoding.num_bars} bars, so it can't go on after bar {keep}.",
            hint=f"Choose a bar from 1 to {encoding.num_bars}.",
        )
    kept = encoding.ids[: int(bar_ends(encoding.ids)[keep - 1])]
    first = first_bar_within(kept, int(card.context_tokens * REFILL_SHARE))
    read = crop(kept, first, keep)
    if len(read) > MAX_PROMPT_TOKENS:
        raise ConfigError(
            f"Bar {keep} has more notes than can be read at once.",
            hint="Let the continuation start after another bar.",
        )
    stream = Stream(read)
    return Prompt(encoding, keep, keep - first, prefill(model, stream, card.context_tokens))


def continue_score(
    model: MeloFormer,
    card: Card,
    score: Score,
    request: ContinueRequest,
    *,
    prompt: Prompt | None = None,
) -> Generator[FinishedBar, None, tuple[Candidate, ...]]:
    """Continue a piece, bar by bar, on a bar line and by exactly the bars asked for.

    Close the generator at any time; each `FinishedBar` holds all that is finished until then.

    Args:
        model: In evaluation mode.
        card: Of the model.
        score: The piece.
        request: What is asked for.
        prompt: From `prepare_prompt`, if it was made for this piece and seam.

    Yields:
        Each finished bar of each candidate.

    Returns:
        The finished candidates.

    Raises:
        ConfigError: The piece has fewer bars than are to be kept.
    """
    wanted_bar = request.from_bar
    if prompt is None or (wanted_bar is not None and wanted_bar != prompt.from_bar):
        prompt = prepare_prompt(model, card, score, wanted_bar)
    may_play, must_play = request.cast(prompt.encoding.parts)
    plan = Plan(
        num_bars=request.num_bars,
        may_play=frozenset(may_play),
        must_play=frozenset(must_play),
        reach=reach_of(prompt.encoding, may_play),
        chords=request.chords,
    )
    seeds = request.seeds
    generation = Generation(
        model, prompt.prefilled, plan=plan, sampling=request.sampling, seeds=seeds
    )
    candidates: dict[int, Candidate] = {}
    for index in generation.run():
        ids = generation.streams[index].ids
        written = crop(ids, prompt.bars_read, len(ids))
        progress = finished_bar(written, index, seeds[index], request.num_bars)
        candidates[index] = progress.so_far
        yield progress
    return tuple(candidates[index] for index in sorted(candidates))
