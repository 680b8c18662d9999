"""Bars that are drawn to what another bar has at the same place in the same part, or away from it.

Axes: V vocabulary.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from meloformer.engine.constraints.constraint import Choice, Constraint, CurrentBar, Logits
from meloformer.engine.constraints.kept_lines import AFTER_PITCH
from meloformer.engine.constraints.locked_notes import BEFORE_VELOCITY
from meloformer.engine.constraints.onsets import BEFORE_ONSET
from meloformer.score.chords import NO_CHORD, chord_pitch_classes
from meloformer.score.part import DRUM_PROGRAM, MAX_INSTANCES, part_ranks
from meloformer.tokens import Cursor, Kind, State, vocabulary
from meloformer.tokens.bar_contents import BarContent, BarNote
from meloformer.tokens.cursor import AFTER_NOTE, AFTER_ONSET, BEFORE_CHORD, BEFORE_PART

_START = {kind: vocabulary().id(kind) for kind in Kind}
_DRUMS = DRUM_PROGRAM * MAX_INSTANCES


class Pull(NamedTuple):
    """How strongly tokens are drawn to those of another bar, in nats; negative is away."""

    pitches: float
    rhythm: float
    """Of all that is neither pitch nor chord: when notes begin, how long they are, who plays."""
    chords: float


@dataclass(frozen=True, slots=True)
class ReferenceBar:
    """The bar that a new one is drawn to."""

    pull: Pull
    given: BarContent | None = None
    """What it holds, if it is of the piece."""
    written: int = -1
    """Which of the bars that are written it is, from 0, if it is one of them."""


class LikeBars(Constraint):
    """Draws bars to what others have at the same place in the same part, and to their chords.

    Args:
        references: Of each bar that is written; None leaves it free. One that is written itself
            comes before the bar.
    """

    states = (*BEFORE_CHORD, *BEFORE_PART, *BEFORE_ONSET, *AFTER_ONSET, *AFTER_PITCH,
              *BEFORE_VELOCITY)  # fmt: skip

    def __init__(self, references: Sequence[ReferenceBar | None]) -> None:
        self._references = list(references)

    def bias(self, cursor: Cursor, bar: CurrentBar, choice: Choice) -> Logits | None:
        """Return what draws the next token to the one in the reference, or away."""
        one = self._references[bar.number]
        if one is None:
            return None
        like = one.given
        if like is None:
            like = cursor.contents.of(cursor.bar - bar.number + one.written)
        return drawn(cursor, choice, like, one.pull)


def drawn(cursor: Cursor, choice: Choice, like: BarContent, pull: Pull) -> Logits:
    """Return what draws the next token to what a bar has at this place, or away from it.

    Args:
        cursor: After the last token.
        choice: After all masks.
        like: The bar that is drawn to.
        pull: How strongly.
    """
    bias = np.zeros_like(choice.logits)
    add_pull(bias, cursor, choice, like, pull)
    return bias


def add_pull(bias: Logits, cursor: Cursor, choice: Choice, like: BarContent, pull: Pull) -> None:
    """Add what `drawn` returns to a bias."""
    strength = pull.pitches if cursor.state in AFTER_ONSET else pull.rhythm
    if cursor.state in BEFORE_CHORD:
        strength = pull.chords
    if strength > 0:
        token = _token(cursor, choice, like)
        if token >= 0:
            bias[token] += strength
        return
    line = like.notes.get(cursor.part, ())
    if cursor.state in BEFORE_CHORD:
        if 0 <= like.chord < NO_CHORD:
            bias[_START[Kind.CHORD] + like.chord] += strength
    elif cursor.state in AFTER_ONSET:
        start = _START[_pitch_kind(cursor)]
        bias[[start + note.pitch for note in line if note.onset == cursor.onset]] += strength
    elif cursor.state in BEFORE_ONSET:
        bias[[_START[Kind.ONSET] + note.onset for note in line]] += strength


def _token(cursor: Cursor, choice: Choice, like: BarContent) -> int:
    """Return the next token of a bar that goes on like another from here; -1 for none."""
    if cursor.state in BEFORE_CHORD:
        return _START[Kind.CHORD] + like.chord if like.chord >= 0 else -1
    line = like.notes.get(cursor.part, ())
    if cursor.state in AFTER_ONSET:
        return _pitch(cursor, choice, like)
    if cursor.state in AFTER_PITCH:
        same = _note_here(cursor, line)
        return _START[Kind.DURATION] + same.duration_step if same else -1
    if cursor.state in BEFORE_VELOCITY:
        same = _note_here(cursor, line)
        return _START[Kind.VELOCITY] + same.velocity_bin if same else -1
    if cursor.state in BEFORE_ONSET:
        here = (cursor.onset, cursor.pitch)
        later = [note.onset for note in line if (note.onset, note.pitch) > here]
        is_legal = choice.legal[[_START[Kind.ONSET] + onset for onset in later]]
        if is_legal.any():
            return _START[Kind.ONSET] + later[int(np.argmax(is_legal))]
        if cursor.state not in AFTER_NOTE:
            return _instance(cursor, choice, like)
    return _header(cursor, choice, like)


def _pitch(cursor: Cursor, choice: Choice, like: BarContent) -> int:
    """Return the next pitch at this onset that the chord of the bar leaves."""
    foreign: set[int] = set()
    chord = cursor.contents.of(cursor.bar).chord
    if cursor.part != _DRUMS and chord != like.chord and 0 <= chord < NO_CHORD:
        foreign = {*_tones(like.chord)} - {*_tones(chord)}
    start = _START[_pitch_kind(cursor)]
    for note in like.notes.get(cursor.part, ()):
        is_next = note.onset == cursor.onset and note.pitch > cursor.pitch
        if is_next and choice.legal[start + note.pitch] and note.pitch % 12 not in foreign:
            return start + note.pitch
    return -1


def _note_here(cursor: Cursor, line: Sequence[BarNote]) -> BarNote | None:
    """Return the note of a line that the one being written goes like."""
    here = [note for note in line if note.onset == cursor.onset]
    same = [note for note in here if note.pitch == cursor.pitch]
    return next(iter(same or here), None)


def _instance(cursor: Cursor, choice: Choice, like: BarContent) -> int:
    """Return the instance of a program that has just been named."""
    if cursor.state == State.PROGRAM:
        for instance in range(1, MAX_INSTANCES):
            token = _START[Kind.INSTANCE] + instance - 1
            if cursor.part + instance in like.notes and choice.legal[token]:
                return token
    return -1


def _header(cursor: Cursor, choice: Choice, like: BarContent) -> int:
    """Return what names the next part that can play, or ends the bar."""
    ranks = part_ranks()
    for part in sorted(like.notes, key=lambda number: int(ranks[number])):
        token = _START[Kind.PROGRAM] + part // MAX_INSTANCES
        if ranks[part] > cursor.last_rank and choice.legal[token]:
            return token
    return _START[Kind.SUM]


def _pitch_kind(cursor: Cursor) -> Kind:
    return Kind.PITCH if cursor.state == State.ONSET else Kind.DRUM


def _tones(chord: int) -> tuple[int, ...]:
    return chord_pitch_classes(chord) if 0 <= chord < NO_CHORD else ()
