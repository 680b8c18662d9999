"""Staves: how many a part has, their clefs, and which hand plays which note."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from statistics import median

from meloformer.score.notation.snapping import BeatSteps, WrittenNote
from meloformer.score.part import Part

MIDDLE_C = 60
_OCTAVE = 12
_FINGERS = 5
_RANGE_OF_A_HAND = 24
"""A part that keeps within two octaves is on one staff, whatever plays it."""
_APART = 5
"""Two parts so many semitones apart are a right and a left hand."""
_FOLLOW = 0.25
"""How far a hand moves to what it plays."""
_TWO_HANDS = {*range(9), *range(11, 14), 15, *range(16, 22), 46}
"""Programs of keyboards, mallets, organs and the harp."""
_GUITARS = {*range(24, 32), 105}
_BASSES = {*range(32, 40), 43}
_VIOLA = 41
_SCORE_ORDER = (
    *range(72, 80), *range(68, 72), *range(64, 68), *range(109, 112), *range(56, 64),
    *range(80, 88), *range(104, 109), 40, 110, 41, 42, *range(52, 55), *range(112, 120),
    *range(8, 16), *range(24, 32), *range(8), *range(16, 24), *range(44, 52), 55,
    *range(88, 104), *range(120, 128), 43, *range(32, 40), 128,
)  # fmt: skip
"""Programs as a page has them from above: winds, brass, strings, what plays chords, bass, drums."""


class Clef(StrEnum):
    """How a staff is read."""

    TREBLE = "treble"
    TREBLE_8VB = "treble 8vb"
    ALTO = "alto"
    BASS = "bass"
    BASS_8VB = "bass 8vb"
    PERCUSSION = "percussion"


@dataclass(frozen=True, slots=True)
class WrittenPart:
    """A part whose notes are written."""

    part: Part
    notes: Sequence[WrittenNote]
    """Sorted by where they begin; at least one."""
    steps: BeatSteps


@dataclass(frozen=True, slots=True)
class Staff:
    """Five lines, and what is written on them."""

    clef: Clef
    notes: Sequence[WrittenNote]
    steps: BeatSteps


def players_of(parts: Sequence[WrittenPart]) -> list[tuple[WrittenPart, ...]]:
    """Return who plays, in the order of a page: two parts of one keyboard are its two hands.

    Args:
        parts: Of the piece.
    """
    of_program: defaultdict[int, list[WrittenPart]] = defaultdict(list)
    for written in sorted(parts, key=lambda one: _place_on_page(one.part)):
        of_program[written.part.program].append(written)
    players: list[tuple[WrittenPart, ...]] = []
    for program, own in of_program.items():
        middles = [_middle(written.notes) for written in own]
        if program in _TWO_HANDS and len(own) == 2 and abs(middles[0] - middles[1]) >= _APART:
            players.append(tuple(own if middles[0] > middles[1] else own[::-1]))
        else:
            players += [(written,) for written in own]
    return players


def staves_of(player: Sequence[WrittenPart]) -> list[Staff]:
    """Return the staves of a player, from above.

    Args:
        player: One of `players_of`.
    """
    if len(player) > 1:
        return [
            Staff(_clef_of_hand(one.notes, is_left=one is player[-1]), one.notes, one.steps)
            for one in player
        ]
    part, notes, steps = player[0].part, player[0].notes, player[0].steps
    if part.program in _TWO_HANDS and _range(notes) > _RANGE_OF_A_HAND:
        hands = _hands(notes)
        if all(hands):
            return [
                Staff(_clef_of_hand(hand, is_left=hand is hands[1]), hand, steps) for hand in hands
            ]
    return [Staff(_clef(part, notes), notes, steps)]


def _place_on_page(part: Part) -> tuple[int, int]:
    return _SCORE_ORDER.index(part.program), part.instance


def _range(notes: Sequence[WrittenNote]) -> int:
    """Return how many semitones nine of ten notes are within."""
    pitches = sorted(note.pitch for note in notes)
    outside = len(pitches) // 20
    return pitches[-1 - outside] - pitches[outside]


def _hands(notes: Sequence[WrittenNote]) -> tuple[list[WrittenNote], list[WrittenNote]]:
    """Tell what the right hand plays from what the left hand plays: each stays where it is.

    A chord that one hand can reach is not torn apart.
    """
    right: list[WrittenNote] = []
    left: list[WrittenNote] = []
    at_right, at_left = float(MIDDLE_C + _OCTAVE), float(MIDDLE_C - _OCTAVE)
    for _, group in groupby(notes, lambda note: note.start):
        own = sorted(group, key=lambda note: note.pitch)
        split = _split(own, at_left, at_right)
        if split:
            left += own[:split]
            at_left += _FOLLOW * (_middle(own[:split]) - at_left)
        if split < len(own):
            right += own[split:]
            at_right += _FOLLOW * (_middle(own[split:]) - at_right)
        at_right = max(at_right, MIDDLE_C)
        at_left = min(at_left, MIDDLE_C)
    return right, left


def _split(own: Sequence[WrittenNote], at_left: float, at_right: float) -> int:
    """Return how many of the notes that begin together, from below, the left hand plays."""
    pitches = [note.pitch for note in own]
    reach = pitches[-1] - pitches[0]
    if reach <= _OCTAVE and len(own) <= _FINGERS:
        middle = _middle(own)
        return len(own) if abs(middle - at_left) < abs(middle - at_right) else 0

    def stretch(split: int) -> float:
        lower, upper = own[:split], own[split:]
        far = abs(_middle(lower) - at_left) + abs(_middle(upper) - at_right)
        wide = max(pitches[split - 1] - pitches[0], pitches[-1] - pitches[split])
        return far + 4 * max(0, wide - _OCTAVE)

    return min(range(1, len(own)), key=stretch)


def _middle(notes: Sequence[WrittenNote]) -> float:
    return sum(note.pitch for note in notes) / len(notes)


def _clef_of_hand(notes: Sequence[WrittenNote], *, is_left: bool) -> Clef:
    lowest = MIDDLE_C + 4 if is_left else MIDDLE_C - 5
    return Clef.TREBLE if median(note.pitch for note in notes) >= lowest else Clef.BASS


def _clef(part: Part, notes: Sequence[WrittenNote]) -> Clef:
    if part.is_drum:
        return Clef.PERCUSSION
    middle = median(note.pitch for note in notes)
    if part.program in _BASSES:
        return Clef.BASS_8VB
    if part.program in _GUITARS:
        return Clef.TREBLE_8VB
    if part.program == _VIOLA and middle < MIDDLE_C + _OCTAVE:
        return Clef.ALTO
    return Clef.TREBLE if middle >= MIDDLE_C - 3 else Clef.BASS
