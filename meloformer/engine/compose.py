"""Continue a score by bars: encode, prefill, generate, decode.

`prepare_prompt` does all that can be done before the musician presses Continue.
"""

from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from meloformer.checkpoint import Card
from meloformer.engine.generate import REFILL_SHARE, Generation, Prefilled, prefill
from meloformer.engine.plan import Plan, reach_of
from meloformer.engine.request import ContinueRequest
from meloformer.engine.stream import Stream, first_bar_within
from meloformer.errors import ConfigError
from meloformer.model import MeloFormer
from meloformer.score.chords import CHORD_NAMES
from meloformer.score.part import Part
from meloformer.score.score import START, Score, note_array
from meloformer.tokens import Encoding, Kind, annotate, bar_ends, crop, decode, encode, vocabulary

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


@dataclass(frozen=True, eq=False, slots=True)
class Candidate:
    """One continuation, or as much of it as was finished."""

    index: int
    """Which of the candidates, from 0."""
    seed: int
    score: Score
    """The continuation alone, on the grid; tick 0 is the seam."""
    parts: tuple[Part, ...]
    """The part of each of its tracks."""
    chords: tuple[str, ...]
    """The chord of each finished bar."""
    num_bars: int
    """Bars asked for."""

    @property
    def is_complete(self) -> bool:
        """Whether all bars asked for are there."""
        return len(self.chords) == self.num_bars


@dataclass(frozen=True, eq=False, slots=True)
class Progress:
    """One more bar of one candidate."""

    candidate: int
    bar: int
    """Finished bars of this candidate, this one included."""
    num_bars: int
    """Bars asked for."""
    chord: str
    first_tick: int
    """Where this bar begins, in grid ticks from the seam."""
    score: Score
    """The notes of this bar alone; ticks count from the seam."""
    parts: tuple[Part, ...]
    """The part of each track of `score`."""
    so_far: Candidate
    """All finished bars of this candidate: what is kept if it is stopped now."""


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
) -> Generator[Progress, None, tuple[Candidate, ...]]:
    """Continue a piece, bar by bar, on a bar line and by exactly the bars asked for.

    Close the generator at any time; each `Progress` holds all that is finished until then.

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
    seeds = [request.seed + index for index in range(request.num_candidates)]
    generation = Generation(
        model, prompt.prefilled, plan=plan, sampling=request.sampling, seeds=seeds
    )
    candidates: dict[int, Candidate] = {}
    for index in generation.run():
        ids = generation.streams[index].ids
        progress = _progress(ids, index, seeds[index], prompt.bars_read, request.num_bars)
        candidates[index] = progress.so_far
        yield progress
    return tuple(candidates[index] for index in sorted(candidates))


def track_of(prompt: Prompt, candidate: Candidate) -> tuple[int | None, ...]:
    """The track of the piece that each track of the candidate goes on with; None for a new part."""
    own = prompt.encoding.part_of_track
    return tuple(own.index(part) if part in own else None for part in candidate.parts)


def _progress(
    ids: NDArray[np.uint16], index: int, seed: int, first_bar: int, num_bars: int
) -> Progress:
    added = crop(ids, first_bar, len(ids))
    so_far, parts = _decode_with_parts(added)
    bars = len(bar_ends(added))
    last, last_parts = _decode_with_parts(crop(added, bars - 1, bars + 1))
    first_tick = so_far.end_tick - last.end_tick
    vocab = vocabulary()
    chords = vocab.value[added[vocab.kind[added] == Kind.CHORD]]
    names = tuple(CHORD_NAMES[chord] for chord in chords)
    return Progress(
        candidate=index,
        bar=bars,
        num_bars=num_bars,
        chord=names[-1],
        first_tick=first_tick,
        score=_shifted(last, first_tick),
        parts=last_parts,
        so_far=Candidate(index, seed, so_far, parts, names, num_bars),
    )


def _decode_with_parts(ids: NDArray[np.uint16]) -> tuple[Score, tuple[Part, ...]]:
    numbers = annotate(ids).part[vocabulary().kind[ids] == Kind.ONSET]
    parts = (Part.from_number(int(number)) for number in np.unique(numbers))
    return decode(ids), tuple(sorted(parts, key=lambda part: part.rank))


def _shifted(score: Score, ticks: int) -> Score:
    tracks = []
    for track in score.tracks:
        notes = track.notes.copy()
        notes[:, START] += ticks
        tracks.append(replace(track, notes=note_array(notes)))
    return score.with_tracks(tuple(tracks))
