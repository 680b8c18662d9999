"""The drum part alone: whether a groove is kept, and whether phrases end with a fill.

Phrases of four bars are counted from the beginning of the song, as nothing in a file says where
they are: where a song counts otherwise, its real drums show no more at their ends than elsewhere.

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
        measured(following.score, bar_hits(real)),
    )


def drum_measures(score: Score, before: Sequence[Hits]) -> dict[str, float]:
    """Return the groove of drums, how much of it stays from bar to bar, and how phrases end.

    Args:
        score: Drums alone; phrases of four bars begin with it.
        before: The bars that it continues; at least one.
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
    found |= phrase_changes(hits)
    found["notes a quarter"] = density(bars)
    return found


def phrase_changes(bars: Sequence[Hits]) -> dict[str, float]:
    """Return how far the last bar of a phrase is from the bars before it, and the others from each.

    1 is nothing in common. A fill is a last bar that is further away than the others; toms are what
    many are played on.

    Args:
        bars: Whole phrases of four; what is left over is not looked at. (B,).
    """
    at_end, within, toms_at_end, toms_within = [], [], [], []
    for first in range(0, len(bars) - PHRASE_BARS + 1, PHRASE_BARS):
        *body, last = bars[first : first + PHRASE_BARS]
        at_end.append(_mean([1 - alike(last, one) for one in body]))
        pairs = [(one, other) for at, one in enumerate(body) for other in body[at + 1 :]]
        within.append(_mean([1 - alike(one, other) for one, other in pairs]))
        toms_at_end.append(_toms(last))
        toms_within.append(_mean([_toms(one) for one in body]))
    end, inside = _mean(at_end), _mean(within)
    return {
        "change in the last bar of four": end,
        "change among the three before": inside,
        "change at the end, more": end - inside,
        "toms in the last bar of four, more": _mean(toms_at_end) - _mean(toms_within),
    }


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
