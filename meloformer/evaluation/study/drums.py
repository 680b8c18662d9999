"""The drum part alone: whether a groove is kept, and whether phrases end with a fill.

Nothing in a file says where its phrases of four bars end. It is taken from the bars before those
that are measured: the one in four that is least like what came before it.

Axes: B bars.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from meloformer.evaluation.bootstrap import known_mean
from meloformer.evaluation.study.bars import bars_of
from meloformer.evaluation.study.gaps import SongGap, plays_all_the_time
from meloformer.evaluation.study.histograms import jensen_shannon, onsets
from meloformer.evaluation.study.passage_study import MeasuredPrompt
from meloformer.evaluation.study.texture import density, groove_consistency
from meloformer.score.part import DRUM_PROGRAM, Part
from meloformer.score.score import Score
from meloformer.tokens import encode

PHRASE_BARS = 4
DRUMS = Part(DRUM_PROGRAM)

FAMILIES: Mapping[str, tuple[int, ...]] = {
    "kick": (35, 36),
    "snare": (37, 38, 40),
    "hi-hat and ride": (42, 44, 46, 51, 53, 59),
}
"""General MIDI's keys of what makes up a groove."""
TOMS = (41, 43, 45, 47, 48, 50)

DISTANCES = ("onsets in the bar, Jensen-Shannon", "density ratio")
"""Measures that are taken against the drums of the song."""

Hits = frozenset[tuple[int, int]]
"""Onset in the bar and key of all hits of a bar."""


def drum_gap(gap: SongGap) -> SongGap | None:
    """Return the drums of a gap alone; `None` unless they play all the time, on both sides as well.

    The chords of the song are not kept: drums alone have none.
    """
    passages = (gap.before, gap.truth, gap.following)
    if not all(plays_all_the_time(passage, DRUMS) for passage in passages):
        return None
    alone = encode(gap.bars(0, gap.encoding.num_bars).of([DRUMS]))
    if alone.num_bars != gap.encoding.num_bars:
        return None
    return SongGap(gap.document, gap.document_set, alone, gap.first_bar, gap.last_bar)


def measure_prompt(gap: SongGap, written: Sequence[Score]) -> MeasuredPrompt:
    """Measure what drums were written after a prompt, what the song has there, and what after that.

    Args:
        gap: Drums alone.
        written: As many bars as the gap has; one a seed.
    """
    truth, following = gap.truth, gap.following
    prompt = bar_hits(gap.before.score)
    real = truth.score

    def measured(score: Score, before: Sequence[Hits]) -> dict[str, float]:
        return drum_measures(score, before) | _distances(score, real)

    return MeasuredPrompt(
        gap.document_set,
        tuple(measured(one, prompt) for one in written),
        measured(real, prompt),
        measured(following.score, (*prompt, *bar_hits(real))),
    )


def drum_measures(score: Score, before: Sequence[Hits]) -> dict[str, float]:
    """Return the groove of drums, how much of it stays from bar to bar, and how phrases end.

    Args:
        score: Drums alone.
        before: The bars that it continues; at least three.
    """
    bars, hits = bars_of(score), bar_hits(score)
    row = [before[-1], *hits]
    found = {"groove consistency": groove_consistency(bars)}
    for name, keys in FAMILIES.items():
        lines = [_only(one, keys) for one in row]
        found[f"{name} as in the bar before"] = _mean(
            [alike(one, other) for one, other in pairwise(lines)]
        )
    found["most alike bar before the seam"] = _mean(
        [max(np.nan_to_num([alike(one, other) for other in before])) for one in hits]
    )
    found |= phrase_changes(hits, before)
    found["notes a quarter"] = density(bars)
    return found


def phrase_changes(hits: Sequence[Hits], before: Sequence[Hits]) -> dict[str, float]:
    """Return how new the bars are that end phrases of four, and how new the others.

    A fill is like none of the bars before it. Toms are what many are played on.

    Args:
        hits: The bars to be measured. (B,).
        before: Those before them, which say where phrases end; at least three.
    """
    end = phrase_end(before)
    row = [*before, *hits]
    at_end: list[float] = []
    within: list[float] = []
    toms_at_end: list[float] = []
    toms_within: list[float] = []
    for bar in range(len(before), len(row)):
        is_end = bar % PHRASE_BARS == end
        (at_end if is_end else within).append(newness(row, bar))
        (toms_at_end if is_end else toms_within).append(_toms(row[bar]))
    return {
        "new in bars that end phrases": _mean(at_end),
        "new in the others": _mean(within),
        "new at the end, more": _mean(at_end) - _mean(within),
        "toms at the end, more": _mean(toms_at_end) - _mean(toms_within),
    }


def phrase_end(bars: Sequence[Hits]) -> int:
    """Return which bar of four ends phrases, from 0: the one that is newest, all together.

    Args:
        bars: Consecutive bars. (B,).
    """
    found = [
        [
            newness(bars, bar)
            for bar in range(PHRASE_BARS - 1, len(bars))
            if bar % PHRASE_BARS == end
        ]
        for end in range(PHRASE_BARS)
    ]
    return int(np.argmax(np.nan_to_num([_mean(one) for one in found])))


def newness(bars: Sequence[Hits], bar: int) -> float:
    """Return how far a bar is from the one of the three before it that is most alike."""
    near = np.array([alike(bars[bar], one) for one in bars[bar - PHRASE_BARS + 1 : bar]])
    known = near[~np.isnan(near)]
    return float(1 - known.max()) if len(known) else float("nan")


def bar_hits(score: Score) -> tuple[Hits, ...]:
    """Return the hits of each bar of drums. (B,)."""
    bars = bars_of(score)
    hits: list[set[tuple[int, int]]] = [set() for _ in range(bars.num_bars)]
    for bar, onset, key in zip(
        bars.bar.tolist(), bars.onset.tolist(), bars.pitch.tolist(), strict=True
    ):
        hits[bar].add((onset, key))
    return tuple(map(frozenset, hits))


def alike(one: Hits, other: Hits) -> float:
    """Return the hits that two bars share by all of both; not a number if both have none."""
    every = len(one | other)
    return len(one & other) / every if every else float("nan")


def _only(hits: Hits, keys: Sequence[int]) -> Hits:
    """Return when one of some drums is hit, whichever of them it is."""
    return frozenset((onset, keys[0]) for onset, key in hits if key in keys)


def _toms(hits: Hits) -> float:
    return sum(key in TOMS for _, key in hits) / len(hits) if hits else float("nan")


def _distances(score: Score, real: Score) -> dict[str, float]:
    bars, true = bars_of(score), bars_of(real)
    values = (jensen_shannon(onsets(bars), onsets(true)), density(bars) / density(true))
    return dict(zip(DISTANCES, values, strict=True))


def _mean(values: Sequence[float]) -> float:
    return known_mean(np.array(values, dtype=np.float64))
