"""Note values: how a note or a rest is written as values that a bar can hold, tied together."""

from collections.abc import Sequence

from meloformer.score.notation.measure import SIXTEENTH, Measure
from meloformer.score.notation.snapping import TRIPLET

Values = list[tuple[int, int]]
"""Beginning and end of each value, in ticks within the bar."""

_PLAIN = {SIXTEENTH * 2**power for power in range(6)}
_DOTTED = {value * 3 // 2 for value in _PLAIN if value > SIXTEENTH}
_IN_THIRDS = {TRIPLET // 2, TRIPLET, 2 * TRIPLET}


def note_values(
    start: int, end: int, measure: Measure, thirds: Sequence[tuple[int, int]]
) -> Values:
    """Split a note into values that can be read: no group of beats is hidden in one.

    Args:
        start: Within the bar.
        end: Within the bar.
        measure: The bar.
        thirds: The beats of the staff with triplets, within the bar.
    """
    return _split(start, end, measure, thirds, is_rest=False)


def rest_values(
    start: int, end: int, measure: Measure, thirds: Sequence[tuple[int, int]]
) -> Values:
    """Split a rest as `note_values` does, more strictly: rests show the beats."""
    return _split(start, end, measure, thirds, is_rest=True)


def _split(
    start: int, end: int, measure: Measure, thirds: Sequence[tuple[int, int]], *, is_rest: bool
) -> Values:
    if start >= end:
        return []
    for first, last in thirds:
        cuts = [cut for cut in (first, last) if start < cut < end]
        is_whole = start <= first and last <= end
        if cuts and not is_whole:
            return [
                *_split(start, cuts[0], measure, thirds, is_rest=is_rest),
                *_split(cuts[0], end, measure, thirds, is_rest=is_rest),
            ]
        if first <= start and end <= last and not is_whole:
            return _in_beat(start, end, first)
    allowed = _is_rest if is_rest else _is_note
    if allowed(start, end, measure):
        return [(start, end)]
    for level in measure.levels:
        inside = [at for at in level if start < at < end]
        if inside:
            cut = min(inside) if start not in level else max(inside)
            return [
                *_split(start, cut, measure, thirds, is_rest=is_rest),
                *_split(cut, end, measure, thirds, is_rest=is_rest),
            ]
    return [(start, end)]


def _in_beat(start: int, end: int, first: int) -> Values:
    """Split what is within a beat of triplets into thirds of it."""
    if end - start in _IN_THIRDS:
        return [(start, end)]
    cut = next(at for at in (first + 2 * TRIPLET, first + TRIPLET) if start < at < end)
    return [*_in_beat(start, cut, first), *_in_beat(cut, end, first)]


def _is_note(start: int, end: int, measure: Measure) -> bool:
    length = end - start
    if length not in _PLAIN and length not in _DOTTED:
        return False
    if length in _PLAIN and not measure.is_compound and start % (length // 2 or 1) == 0:
        unit = 2 * length  # short, long, short within one unit
        if start // unit == (end - 1) // unit:
            return True
    for level in measure.levels:
        if any(start < at < end for at in level) and not {start, end} & level:
            return False
    return True


def _is_rest(start: int, end: int, measure: Measure) -> bool:
    length = end - start
    if length not in _PLAIN and not (measure.is_compound and length in _DOTTED):
        return False
    for level in measure.levels:
        if any(start < at < end for at in level):
            return {start, end} <= level
        if {start, end} <= level:
            return True
    return start % length == 0
