"""Ids to score: `decode`, the mirror of `encode`."""

import numpy as np
from numpy.typing import NDArray

from meloformer.errors import TokenError
from meloformer.score.grid import DURATION_TICKS, TEMPO_QPM, TICKS_PER_QUARTER, VELOCITIES_PER_BIN
from meloformer.score.part import Part
from meloformer.score.score import Score, Tempo, TimeSignature, Track, without_doubles
from meloformer.tokens.annotate import METRE_TICKS, annotate
from meloformer.tokens.grammar import State, grammar
from meloformer.tokens.in_force import in_force
from meloformer.tokens.vocabulary import METRES, Kind, vocabulary


def decode(ids: NDArray[np.integer]) -> Score:
    """Read a whole stream, or a stream that stops after some SUM, as a score on the grid.

    Bars of the second pass are put where their gaps are.

    Args:
        ids: From BOS to EOS or SUM. (T,).

    Raises:
        TokenError: The ids break the grammar, or a note starts outside its bar.
    """
    _check(ids)
    vocab = vocabulary()
    kind, value = vocab.kind[ids], vocab.value[ids]
    bar, part = annotate(ids).bar, annotate(ids).part
    first_pass = slice(0, _first_pass_length(kind))
    bar_metres, bar_tempos = (
        value[in_force(kind[first_pass], of)] for of in (Kind.METRE, Kind.TEMPO)
    )
    bar_ticks = METRE_TICKS[bar_metres]
    bar_starts = np.concatenate(([0], np.cumsum(bar_ticks)))

    at = np.flatnonzero(kind == Kind.ONSET)
    note_bar, onset = bar[at], value[at]
    if np.any(onset >= bar_ticks[note_bar]):
        raise TokenError("A note starts after the end of its bar.")
    notes = np.stack(
        [
            bar_starts[note_bar] + onset,
            DURATION_TICKS[value[at + 2]],
            value[at + 1],
            value[at + 3] * VELOCITIES_PER_BIN + VELOCITIES_PER_BIN // 2,
        ],
        axis=1,
    )
    return Score(
        ticks_per_quarter=TICKS_PER_QUARTER,
        tracks=_tracks(notes, part[at]),
        tempos=tuple(
            Tempo(int(bar_starts[b]), float(TEMPO_QPM[bar_tempos[b]])) for b in _changes(bar_tempos)
        ),
        time_signatures=tuple(
            TimeSignature(int(bar_starts[b]), *METRES[bar_metres[b]]) for b in _changes(bar_metres)
        ),
        end_tick=int(bar_starts[-1]),
    )


def _check(ids: NDArray[np.integer]) -> None:
    vocab = vocabulary()
    if not len(ids) or int(ids.max()) >= vocab.size or int(ids.min()) < 0:
        raise TokenError("The stream is empty, or has ids outside the vocabulary.")
    legal, next_state = grammar().legal, grammar().next_state
    state = int(State.START)
    for token in ids.tolist():
        if not legal[state, token]:
            raise TokenError(
                f"`{vocab.names[token]}` may not come after {State(state).name.lower()}."
            )
        state = next_state[state, token]
    if state not in (State.END, State.BAR_END):
        raise TokenError("The stream stops in the middle of a bar.")
    kind = vocab.kind[ids]
    cut = _first_pass_length(kind)
    filled = int((kind[cut:] == Kind.SUM).sum())
    if cut < len(ids) and filled > int((kind[:cut] == Kind.GAP).sum()):
        raise TokenError("The stream fills more bars than it left open.")


def _first_pass_length(kind: NDArray[np.uint8]) -> int:
    fills = np.flatnonzero(kind == Kind.FILL)
    return int(fills[0]) if len(fills) else len(kind)


def _changes(values: NDArray[np.int32]) -> NDArray[np.int64]:
    return np.flatnonzero(np.concatenate(([True], np.diff(values) != 0)))


def _tracks(notes: NDArray[np.int64], numbers: NDArray[np.int32]) -> tuple[Track, ...]:
    parts = sorted(
        (Part.from_number(int(n)) for n in np.unique(numbers)), key=lambda part: part.rank
    )
    return tuple(
        Track(
            name="",
            program=0 if part.is_drum else part.program,
            is_drum=part.is_drum,
            notes=without_doubles(notes[numbers == part.number]),
        )
        for part in parts
    )
