"""Which token may follow which: one set of tables for the sampler, the decoder and the tests.

The tables are a finite automaton over the whole stream. What a finite table can't count (parts in
ascending order, onsets and pitches ascending, onsets inside the bar, as many fills as gaps) is kept
by `Cursor`, which also knows that a bar of the second pass has no metre and tempo of its own.

    BOS  chord TS BPM {part {T P L V}} SUM  (chord|GAP [TS] [BPM] {...} SUM)*
         [FILL (chord {...} SUM)*]  EOS
"""

from dataclasses import dataclass
from enum import IntEnum, auto
from functools import cache

import numpy as np
from numpy.typing import NDArray

from meloformer.tokens.vocabulary import Kind, vocabulary


class State(IntEnum):
    """What has just been read."""

    START = 0
    SONG = auto()
    """BOS."""
    FIRST_HEAD = auto()
    """The header of bar 0: its metre must follow."""
    FIRST_METRE = auto()
    """The metre of bar 0: its tempo must follow."""
    HEAD = auto()
    METRE = auto()
    BODY = auto()
    """The head of a bar is complete: parts or SUM."""
    PROGRAM = auto()
    INSTANCE = auto()
    DRUMS = auto()
    ONSET = auto()
    PITCH = auto()
    DURATION = auto()
    VELOCITY = auto()
    DRUM_ONSET = auto()
    DRUM_PITCH = auto()
    DRUM_DURATION = auto()
    DRUM_VELOCITY = auto()
    BAR_END = auto()
    """SUM."""
    FILL_START = auto()
    """FILL."""
    END = auto()


_PART = {Kind.PROGRAM: State.PROGRAM}
_CLOSE = {Kind.SUM: State.BAR_END}
_NEXT: dict[State, dict[Kind, State]] = {
    State.START: {Kind.BOS: State.SONG},
    State.SONG: {Kind.CHORD: State.FIRST_HEAD, Kind.GAP: State.FIRST_HEAD},
    State.FIRST_HEAD: {Kind.METRE: State.FIRST_METRE},
    State.FIRST_METRE: {Kind.TEMPO: State.BODY},
    State.HEAD: {Kind.METRE: State.METRE, Kind.TEMPO: State.BODY, **_PART, **_CLOSE},
    State.METRE: {Kind.TEMPO: State.BODY, **_PART, **_CLOSE},
    State.BODY: {**_PART, **_CLOSE},
    State.PROGRAM: {Kind.INSTANCE: State.INSTANCE, Kind.ONSET: State.ONSET},
    State.INSTANCE: {Kind.ONSET: State.ONSET},
    State.DRUMS: {Kind.ONSET: State.DRUM_ONSET},
    State.ONSET: {Kind.PITCH: State.PITCH},
    State.PITCH: {Kind.DURATION: State.DURATION},
    State.DURATION: {Kind.VELOCITY: State.VELOCITY},
    State.VELOCITY: {Kind.ONSET: State.ONSET, **_PART, **_CLOSE},
    State.DRUM_ONSET: {Kind.DRUM: State.DRUM_PITCH},
    State.DRUM_PITCH: {Kind.DURATION: State.DRUM_DURATION},
    State.DRUM_DURATION: {Kind.VELOCITY: State.DRUM_VELOCITY},
    State.DRUM_VELOCITY: {Kind.ONSET: State.DRUM_ONSET, **_PART, **_CLOSE},
    State.BAR_END: {
        Kind.CHORD: State.HEAD,
        Kind.GAP: State.HEAD,
        Kind.FILL: State.FILL_START,
        Kind.EOS: State.END,
    },
    State.FILL_START: {Kind.CHORD: State.HEAD},
    State.END: {},
}


@dataclass(frozen=True, eq=False)
class Grammar:
    """The automaton as tables."""

    legal: NDArray[np.bool_]
    """Whether a token may come in a state. (states, V), bool."""
    next_state: NDArray[np.uint8]
    """The state after it; meaningless where illegal. (states, V), uint8."""


@cache
def grammar() -> Grammar:
    """Return the one grammar of the project."""
    vocab = vocabulary()
    legal = np.zeros((len(State), vocab.size), dtype=bool)
    next_state = np.full((len(State), vocab.size), State.END, dtype=np.uint8)
    for state, followers in _NEXT.items():
        for kind, after in followers.items():
            legal[state, vocab.kind == kind] = True
            next_state[state, vocab.kind == kind] = after
    drums = vocab.id_of["#D"]
    next_state[:, drums] = np.where(legal[:, drums], State.DRUMS, next_state[:, drums])
    legal.setflags(write=False)
    next_state.setflags(write=False)
    return Grammar(legal, next_state)
