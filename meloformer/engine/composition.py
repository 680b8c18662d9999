"""Compose: read a prompt, write what a request asks for, bar by bar.

`prepare_prompt` does all that can be done before the musician presses Continue.
"""

from collections.abc import Callable, Generator
from dataclasses import replace

import numpy as np

from meloformer.checkpoint import Card
from meloformer.data.known_runs import KnownRuns
from meloformer.engine.candidate import Candidate, FinishedBar, finished_bar
from meloformer.engine.constraints import CopyGuard
from meloformer.engine.generate import Generation, Prefilled, prefill
from meloformer.engine.plan import Plan
from meloformer.engine.request import ContinueRequest, Request
from meloformer.engine.stream import Stream
from meloformer.engine.tasks import Task, task_of
from meloformer.model import MeloFormer
from meloformer.score.score import Score
from meloformer.tokens import Encoding, encode
from meloformer.tokens.lines import lines_of_stream


def prepare_prompt(
    model: MeloFormer, card: Card, encoding: Encoding, request: Request | None = None
) -> Prefilled:
    """Let the model read a piece as far as a request needs it.

    Args:
        model: In evaluation mode.
        card: Of the model; says how far it reads.
        encoding: The piece.
        request: Only its bars count; `None` continues the whole piece.

    Raises:
        ConfigError: The piece or the model has not what the request needs.
    """
    window = task_of(encoding, request or ContinueRequest()).window(card)
    return prefill(model, Stream(window), card.context_tokens)


def compose(
    model: MeloFormer,
    card: Card,
    encoding: Encoding,
    request: Request,
    *,
    prompt: Prefilled | None = None,
    known_runs: KnownRuns | None = None,
    pause: Callable[[], None] | None = None,
) -> Generator[FinishedBar, None, tuple[Candidate, ...]]:
    """Continue a piece, or write bars of it again, by exactly the bars asked for.

    Close the generator at any time; each `FinishedBar` holds all that is finished until then.

    Args:
        model: In evaluation mode.
        card: Of the model.
        encoding: The piece.
        request: What is asked for.
        prompt: From `prepare_prompt` with this model; read anew if it is of other music.
        known_runs: Of the music that the model was trained on and is not to copy.
        pause: Called before each token: may wait, for those who share the model.

    Yields:
        Each finished bar of each candidate.

    Returns:
        The finished candidates.

    Raises:
        ConfigError: The piece or the model has not what the request needs.
    """
    task = task_of(encoding, request)
    window = task.window(card)
    if prompt is None or not np.array_equal(prompt.stream.ids, window):
        prompt = prefill(model, Stream(window), card.context_tokens)
    seeds = request.seeds
    plan = _guarded(task, known_runs) if request.copy_guard and known_runs else task.plan()
    generation = Generation(
        model, prompt, plan=plan, sampling=request.sampling, seeds=seeds, pause=pause
    )
    candidates: dict[int, Candidate] = {}
    for index in generation.run():
        written = task.new_bars(generation.streams[index].ids, window)
        bar = finished_bar(written, index, seeds[index], task.stream_bars)
        if bar is None:
            continue
        candidates[index] = bar.so_far
        yield bar
    return tuple(candidates[index] for index in sorted(candidates))


def _guarded(task: Task, known_runs: KnownRuns) -> Plan:
    """Make the constraints of a task, and the one that keeps known music out."""
    plan = task.plan()
    guard = CopyGuard(known_runs, lines_of_stream(task.kept))
    return replace(plan, further=(guard, *plan.further))


def finish(bars: Generator[FinishedBar, None, tuple[Candidate, ...]]) -> tuple[Candidate, ...]:
    """Write to the end without looking at single bars, and return the finished candidates."""
    while True:
        try:
            next(bars)
        except StopIteration as end:
            candidates: tuple[Candidate, ...] = end.value
            return candidates


def continue_score(
    model: MeloFormer,
    card: Card,
    score: Score,
    request: ContinueRequest,
    *,
    prompt: Prefilled | None = None,
    known_runs: KnownRuns | None = None,
) -> Generator[FinishedBar, None, tuple[Candidate, ...]]:
    """Continue a score: `compose` for music that is not encoded yet, with the same arguments."""
    return compose(model, card, encode(score), request, prompt=prompt, known_runs=known_runs)
