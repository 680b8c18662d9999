"""Snapping: notes moved to the sixteenths, triplets or sextuplets of the beat they are in.

A player's note is seldom where it is meant; written as it is played, it could not be read.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from meloformer.score.grid import TICKS_PER_QUARTER
from meloformer.score.notation.measure import SIXTEENTH, Measure

TRIPLET = TICKS_PER_QUARTER // 3
SEXTUPLET = TICKS_PER_QUARTER // 6
_THIRDS = {TRIPLET, 2 * TRIPLET}
_STRAIGHT = {SIXTEENTH, 2 * SIXTEENTH, 3 * SIXTEENTH}
_SWUNG = -SIXTEENTH
"""The step of a beat whose second eighth is played in its last third."""
_LEAST_SWUNG = 8
"""Beats that make a piece swing."""
_BETWEEN = {2, 5, 7, 10}
"""Where notes are neither of sixteenths nor of triplets."""


@dataclass(frozen=True, slots=True, order=True)
class WrittenNote:
    """A note as it is written."""

    start: int
    end: int
    pitch: int


class BeatSteps:
    """The step of each beat of one part: sixteenths, or triplets where its notes are in thirds.

    Args:
        measures: Of the piece.
        onsets: Of the part's notes, in ticks.
        feel: Of the piece.
    """

    def __init__(self, measures: Sequence[Measure], onsets: Iterable[int], feel: "Feel") -> None:
        self._starts, self._ends = _beats(measures)
        inside: list[set[int]] = [set() for _ in self._starts]
        for onset in onsets:
            beat = self._beat_of(onset)
            inside[beat].add(onset - self._starts[beat])
        self._steps = [
            _step(end - start, own, feel)
            for start, end, own in zip(self._starts, self._ends, inside, strict=True)
        ]

    def step(self, tick: int) -> int:
        """Return the step of the beat that a tick is in."""
        return abs(self._steps[self._beat_of(tick)])

    def beat_end(self, tick: int) -> int:
        """Return the end of the beat that a tick is in."""
        return self._ends[self._beat_of(tick)]

    def snapped(self, tick: int) -> int:
        """Return the nearest place where a note may begin or end."""
        beat = self._beat_of(tick)
        start, step = self._starts[beat], self._steps[beat]
        place: float = tick - start
        if step == _SWUNG:
            place = place * 3 / 4 if place <= 2 * TRIPLET else (3 * place - TICKS_PER_QUARTER) / 2
            step = SIXTEENTH
        return min(start + int((place + step / 2) // step) * step, self._ends[beat])

    def beats_in_thirds(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return the beats with triplets between two ticks; one of sextuplets counts as two."""
        found = []
        for beat in range(self._beat_of(start), len(self._starts)):
            if self._starts[beat] >= end:
                break
            first, last = self._starts[beat], self._ends[beat]
            if self._steps[beat] == TRIPLET:
                found.append((first, last))
            elif self._steps[beat] == SEXTUPLET:
                found += [(first, (first + last) // 2), ((first + last) // 2, last)]
        return found

    def _beat_of(self, tick: int) -> int:
        return max(0, bisect_right(self._starts, tick) - 1)


@dataclass(frozen=True, slots=True)
class Feel:
    """How the beats of a piece are divided as a rule."""

    triplets_are_usual: bool
    """Whether notes in thirds of a beat are meant so, rather than played inexactly."""
    is_swing: bool
    """Whether it is swing: written in even eighths, played as a long and a short one."""


def _beats(measures: Sequence[Measure]) -> tuple[list[int], list[int]]:
    beats = [beat for measure in measures for beat in measure.beats]
    return [start for start, _ in beats], [end for _, end in beats]


def feel_of(measures: Sequence[Measure], onsets: Iterable[int]) -> Feel:
    """Find out how the beats of a piece are divided as a rule.

    Args:
        measures: Of the piece.
        onsets: Of all its parts.
    """
    starts, ends = _beats(measures)
    places: defaultdict[int, set[int]] = defaultdict(set)
    count: Counter[int] = Counter()
    for onset in onsets:
        beat = max(0, bisect_right(starts, onset) - 1)
        if ends[beat] - starts[beat] == TICKS_PER_QUARTER:
            count[onset - starts[beat]] += 1
            places[beat].add(onset - starts[beat])
    swung = sum(2 * TRIPLET in own and not own & _STRAIGHT for own in places.values())
    even = sum(bool(own & _STRAIGHT) for own in places.values())
    usual = sum(count[place] for place in _THIRDS) > 2 * sum(count[place] for place in _BETWEEN)
    is_swing = usual and swung >= _LEAST_SWUNG and swung > 4 * even
    return Feel(usual, is_swing and count[2 * TRIPLET] > 3 * count[TRIPLET])


def snap(notes: Iterable[tuple[int, int, int]], steps: BeatSteps, end: int) -> list[WrittenNote]:
    """Move notes to where they can be written; of those that meet, the longest stays.

    Args:
        notes: Start, end and pitch.
        steps: Of their part.
        end: Of the piece; nothing is written beyond.
    """
    longest: dict[tuple[int, int], int] = {}
    for start, stop, pitch in notes:
        begins = steps.snapped(start)
        if begins >= end:
            begins = end - steps.step(end - 1)
        ends = min(max(steps.snapped(stop), begins + steps.step(begins)), end)
        longest[begins, pitch] = max(longest.get((begins, pitch), 0), ends)
    return sorted(WrittenNote(start, stop, pitch) for (start, pitch), stop in longest.items())


def _step(length: int, places: set[int], feel: Feel) -> int:
    """Choose how a beat is divided.

    Args:
        length: Of the beat.
        places: Where notes begin in it.
        feel: Of the piece.
    """
    if length != TICKS_PER_QUARTER:
        return SIXTEENTH
    straight, thirds, sixths = (_misfit(places, s) for s in (SIXTEENTH, TRIPLET, SEXTUPLET))
    if len(places) > 4 and sixths + 2 <= min(straight, thirds):
        return SEXTUPLET
    if feel.is_swing and not places & {*_STRAIGHT, TRIPLET}:
        return _SWUNG
    is_clear = feel.triplets_are_usual or places >= _THIRDS
    return TRIPLET if is_clear and thirds < straight else SIXTEENTH


def _misfit(places: set[int], step: int) -> int:
    return sum(min(place % step, -place % step) for place in places)
