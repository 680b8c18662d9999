"""Write bars of a piece again, in view of what is around them on both sides.

The bars are left open, the model reads the piece around them, and writes what was in them anew.
"""

from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from meloformer.checkpoint import Card
from meloformer.engine.candidate import Candidate, FinishedBar, finished_bar
from meloformer.engine.compose import MAX_PROMPT_TOKENS
from meloformer.engine.generate import Generation, prefill
from meloformer.engine.plan import Plan, reach_of
from meloformer.engine.request import RewriteRequest, check_bars
from meloformer.engine.stream import Stream
from meloformer.errors import ConfigError
from meloformer.model import MeloFormer
from meloformer.score.chords import NO_CHORD
from meloformer.score.part import Part
from meloformer.tokens import Encoding, Kind, annotate, bars_around, crop, vocabulary
from meloformer.tokens.infill import leave_open, second_pass


def rewrite_bars(
    model: MeloFormer, card: Card, encoding: Encoding, request: RewriteRequest
) -> Generator[FinishedBar, None, tuple[Candidate, ...]]:
    """Write bars again, one after the other.

    Close the generator at any time; each `FinishedBar` holds all that is finished until then. A
    candidate has the notes of the parts that are written again, and of no other.

    Args:
        model: In evaluation mode.
        card: Of the model.
        encoding: The piece.
        request: What is asked for.

    Yields:
        Each finished bar of each candidate.

    Returns:
        The finished candidates.

    Raises:
        ConfigError: The model has not learned it, the piece has no such bars, nothing of it would
            stay, or the bars have thousands of notes.
    """
    _check(card, encoding, request)
    may_play, must_play = request.cast(encoding.parts)
    plan = Plan(
        num_bars=request.num_bars,
        may_play=frozenset(may_play),
        must_play=frozenset(must_play),
        reach=reach_of(encoding, may_play),
        chords=request.chords or _chords_that_stay(encoding, request),
    )
    opened = opened_piece(encoding, request, card.context_tokens)
    if len(opened) > MAX_PROMPT_TOKENS:
        raise ConfigError(
            "These bars have more notes than can be read at once.",
            hint="Choose fewer bars.",
        )
    prompt = prefill(model, Stream(opened), card.context_tokens)
    generation = Generation(
        model, prompt, plan=plan, sampling=request.sampling, seeds=request.seeds
    )
    candidates: dict[int, Candidate] = {}
    for index in generation.run():
        written = second_pass(generation.streams[index].ids)
        progress = finished_bar(written, index, request.seeds[index], request.num_bars)
        candidates[index] = progress.so_far
        yield progress
    return tuple(candidates[index] for index in sorted(candidates))


def parts_again(encoding: Encoding, request: RewriteRequest) -> frozenset[Part]:
    """The parts of the piece that are written again."""
    named = {one.part for one in request.parts}
    return frozenset(part for part in encoding.parts if not named or part in named)


def opened_piece(
    encoding: Encoding, request: RewriteRequest, context_tokens: int
) -> NDArray[np.uint16]:
    """What the model reads: the bars around, the bars to be filled with what stays, and FILL.

    As much of both sides as fits the context together with the bars when they are written, and at
    least one bar of each.

    Returns:
        (T,), uint16.
    """
    first, last = request.first_bar, request.last_bar
    begin, end = bars_around(encoding.ids, first, last, context_tokens)
    again = [part.number for part in parts_again(encoding, request)]
    window = crop(encoding.ids, begin, end)
    opened = leave_open(window, first - begin, last - begin, again)
    return opened[: int(np.argmax(opened == vocabulary().id(Kind.FILL))) + 1]


def _check(card: Card, encoding: Encoding, request: RewriteRequest) -> None:
    if not card.infill:
        raise ConfigError(
            f"{card.name} has not learned to write bars between others.",
            hint="Choose another model, or let it continue the piece after some bar.",
        )
    check_bars(request.first_bar, request.last_bar, encoding.num_bars)
    is_all = parts_again(encoding, request) == frozenset(encoding.parts)
    if is_all and request.num_bars == encoding.num_bars:
        raise ConfigError(
            "Nothing of the piece would stay to go by.", hint="Choose fewer bars, or some parts."
        )


def _chords_that_stay(encoding: Encoding, request: RewriteRequest) -> tuple[int | None, ...]:
    """The chords there are, where a pitched part that stays plays over them; else none."""
    vocab, notes = vocabulary(), annotate(encoding.ids)
    inside = (notes.bar >= request.first_bar) & (notes.bar < request.last_bar)
    kind, value = vocab.kind[encoding.ids], vocab.value[encoding.ids]
    again = [part.number for part in parts_again(encoding, request)]
    if np.isin(notes.part[inside & (kind == Kind.PITCH)], again).all():
        return ()
    chords = value[inside & (kind == Kind.CHORD)].tolist()
    return tuple(None if chord == NO_CHORD else chord for chord in chords)
