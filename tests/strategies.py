"""Hypothesis strategies: scores as files hold them, and token streams under the grammar."""

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from meloformer.score import Score, Tempo, TimeSignature, Track, note_array
from meloformer.tokens import Cursor, Kind, State, vocabulary

METRES = [(4, 4), (3, 4), (6, 8), (7, 8), (2, 2), (5, 16), (12, 2), (1, 8), (9, 8), (3, 32), (1, 1)]


@st.composite
def notes(draw, end_tick: int, *, min_size: int = 1) -> NDArray[np.int32]:
    """Notes of one track, starting before `end_tick`."""
    rows = st.tuples(
        st.integers(0, end_tick - 1),
        st.integers(1, end_tick),
        st.integers(0, 127),
        st.integers(1, 127),
    )
    return note_array(draw(st.lists(rows, min_size=min_size, max_size=12)))


@st.composite
def tracks(draw, end_tick: int) -> Track:
    """A track with at least one note."""
    return Track(
        name=draw(st.sampled_from(["", "Piano", "Größe", "メロディ"])),
        program=draw(st.sampled_from([0, 0, 33, 40, 73, 127])),
        is_drum=draw(st.booleans()),
        notes=draw(notes(end_tick)),
    )


@st.composite
def scores(draw) -> Score:
    """Pieces off the grid, with changing metre and tempo, and several parts of one program."""
    ticks_per_quarter = draw(st.sampled_from([12, 24, 96, 120, 480, 1000]))
    end_tick = draw(st.integers(1, 30)) * ticks_per_quarter + draw(st.integers(0, 5))
    changes = sorted(draw(st.sets(st.integers(1, end_tick), max_size=3)))
    metre_ticks = [0, *changes]
    tempo_ticks = [0, *sorted(draw(st.sets(st.integers(1, end_tick), max_size=3)))]
    return Score(
        ticks_per_quarter=ticks_per_quarter,
        tracks=tuple(draw(st.lists(tracks(end_tick), min_size=1, max_size=5))),
        tempos=tuple(Tempo(t, draw(st.floats(20.0, 400.0))) for t in tempo_ticks),
        time_signatures=tuple(
            TimeSignature(t, *draw(st.sampled_from(METRES))) for t in metre_ticks
        ),
        end_tick=end_tick,
    )


@st.composite
def legal_ids(draw, max_tokens: int = 400) -> NDArray[np.uint16]:
    """A stream drawn under the grammar, GAP and FILL included; it stops after some SUM or EOS."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    vocab = vocabulary()
    cursor = Cursor()
    ids: list[int] = []
    while cursor.state != State.END:
        legal = np.flatnonzero(cursor.legal())
        if len(ids) >= max_tokens and cursor.state == State.BAR_END:
            break
        kinds = np.unique(vocab.kind[legal])
        if len(ids) >= max_tokens and Kind.SUM in kinds:
            kinds = np.array([Kind.SUM])
        ids.append(int(rng.choice(legal[vocab.kind[legal] == rng.choice(kinds)])))
        cursor.advance(ids[-1])
    return np.array(ids, dtype=np.uint16)
