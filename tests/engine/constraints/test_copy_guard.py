"""The copy guard beside a plain search of all runs, on tunes that a constraint wants copied."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from meloformer.data.known_runs import RUN_NOTES, KnownRuns
from meloformer.engine.constraints import (
    Constraint,
    Constraints,
    CopyGuard,
    CurrentBar,
    Instrumentation,
    MetresAndTempos,
    NoEnding,
    TokenGrammar,
    WithinReach,
)
from meloformer.engine.request import SamplingConfig
from meloformer.engine.sampling import sample
from meloformer.score import Part
from meloformer.score.note_runs import Line
from meloformer.tokens import Cursor, Kind, from_text, vocabulary
from meloformer.tokens.lines import lines_of_stream
from tests.engine.constraints.copying import (
    BAR,
    STEP,
    known_of,
    runs_of_steps,
    stream_of,
    tune,
)
from tests.engine.constraints.drawing import LOGITS, cursor_after, reach_on

PIANO = Part(0)
PITCHES = st.integers(58, 62)
TUNES = st.lists(PITCHES, min_size=RUN_NOTES + 1, max_size=3 * RUN_NOTES)
SCALE = [60 + step for octave in (0, 12) for step in (0, 2, 4, 5, 7, 9, 11)]
LONG = [*SCALE, 84, 81, 77, 76, 72, 71, 69, 67, 60]


class OnQuarters(Constraint):
    """Lets each quarter have its note, and no other time."""

    def mask(self, cursor: Cursor, bar: CurrentBar) -> NDArray[np.bool_]:
        vocab = vocabulary()
        mask = np.ones(vocab.size, dtype=bool)
        due = cursor.onset + STEP if cursor.onset >= 0 else 0
        mask[vocab.span(Kind.ONSET)] = np.arange(96) == due
        leaving = np.isin(vocab.kind, (Kind.SUM, Kind.PROGRAM))
        mask[leaving] = cursor.onset < 0 or due == BAR
        return mask


class Copying(Constraint):
    """Makes it all but certain that a part goes on as a tune does from one of its notes on."""

    def __init__(self, line: Line, at: int) -> None:
        self._pitches = line[at:, 1]

    def bias(self, cursor: Cursor, bar: CurrentBar, choice: object) -> NDArray[np.float32]:
        bias = np.zeros_like(LOGITS)
        written = bar.number * (BAR // STEP) + max(cursor.onset, 0) // STEP
        if written < len(self._pitches):
            bias[vocabulary().id(Kind.PITCH, int(self._pitches[written]))] = 50
        return bias


def written_after(
    prompt: NDArray[np.uint16], num_bars: int, *constraints: Constraint, seed: int = 0
) -> Line:
    """The whole line of a piano that goes on after a prompt, note by note."""
    every = Constraints(
        [
            *(TokenGrammar(), NoEnding(), MetresAndTempos(), OnQuarters()),
            Instrumentation(may_play=[PIANO], must_play=[PIANO]),
            *constraints,
        ]
    )
    cursor, bar, rng = Cursor(), CurrentBar(), np.random.default_rng(seed)
    ids = prompt.tolist()
    for token in ids:
        cursor.advance(token)
    while bar.number < num_bars:
        ids.append(sample(*every.choice(cursor, bar, LOGITS), SamplingConfig(), rng))
        cursor.advance(ids[-1])
        bar = bar.after(cursor.state)
    (line,) = lines_of_stream(np.array(ids, dtype=np.uint16))
    return line


def too_long(line: Line, known: Line, own: Line) -> set[object]:
    """Runs longer than may be of a line that are in the tune and not in the prompt."""
    runs, theirs, mine = (runs_of_steps(one, RUN_NOTES + 1) for one in (line, known, own))
    return (runs & theirs) - mine


@given(TUNES, st.integers(1, 24), st.integers(-12, 12), st.integers(0, 2**32))
def test_no_more_than_sixteen_notes_are_shared_that_the_prompt_does_not_share(
    pitches: list[int], heard: int, semitones: int, seed: int
) -> None:
    """The prompt is the beginning of a known tune in another key, and the model wants the rest."""
    heard = min(heard, len(pitches)) // 4 * 4 or 4
    known, sung = tune(pitches), tune([pitch + semitones for pitch in pitches])
    prompt = stream_of(sung[:heard, 1].tolist())
    own = tune(pitches[:heard])
    guard = CopyGuard(known_of([known]), lines_of_stream(prompt))
    copying = Copying(sung, heard)
    line = written_after(prompt, 10, copying, guard, seed=seed)
    assert len(line) == heard + 40
    assert not too_long(line, known, own)
    within = WithinReach({PIANO: reach_on(range(40, 80))})
    assert not too_long(written_after(prompt, 10, within, copying, guard), known, own)


def test_without_a_guard_it_is_all_copied() -> None:
    prompt = stream_of(LONG[:4])
    line = written_after(prompt, 4, Copying(tune(LONG), 4))
    assert too_long(line, tune(LONG), tune(LONG[:4]))
    guard = CopyGuard(known_of([tune(LONG)]), lines_of_stream(prompt))
    guarded = written_after(prompt, 4, Copying(tune(LONG), 4), guard)
    assert guarded[:16].tolist() == line[:16].tolist()
    assert guarded[16].tolist() != line[16].tolist()


def test_the_prompt_may_be_taken_up_whole() -> None:
    prompt = stream_of(LONG[:20])
    again = tune([*LONG[:20], *LONG[:20]])
    guard = CopyGuard(known_of([tune(LONG)]), lines_of_stream(prompt))
    assert written_after(prompt, 5, Copying(again, 20), guard).tolist() == again.tolist()


def test_of_two_pieces_together_more_may_be_shared_than_of_one() -> None:
    halves = [tune(LONG[:12]), tune(LONG[12:])]
    whole = written_after(stream_of(LONG[:4]), 4, Copying(tune(LONG), 4))
    guard = CopyGuard(known_of(halves))
    line = written_after(stream_of(LONG[:4]), 4, Copying(tune(LONG), 4), guard)
    assert line.tolist() == whole.tolist()


def test_another_rhythm_is_another_tune() -> None:
    slow = tune(LONG) * [2, 1]
    guard = CopyGuard(known_of([slow]))
    line = written_after(stream_of(LONG[:4]), 4, Copying(tune(LONG), 4), guard)
    assert line[:, 1].tolist() == LONG[:20]


def test_where_every_pitch_goes_too_far_all_stay_as_likely() -> None:
    prompt = stream_of(LONG[:16])
    guard = CopyGuard(known_of([tune(LONG)]), ())
    only = WithinReach({PIANO: reach_on([LONG[16]])})
    line = written_after(prompt, 1, only, guard)
    assert line[16, 1] == LONG[16]


@given(st.lists(TUNES, min_size=1, max_size=3), st.data())
def test_the_guard_finds_what_a_plain_search_of_neighbouring_runs_finds(
    tunes: list[list[int]], data: st.DataObject
) -> None:
    lines = [tune(pitches) for pitches in tunes]
    known = known_of(lines)
    pitches = data.draw(st.sampled_from(tunes))
    at = data.draw(st.integers(0, len(pitches) - RUN_NOTES))
    before = pitches[at : at + RUN_NOTES]
    runs = set().union(*(runs_of_steps(line, RUN_NOTES) for line in lines))
    own = data.draw(st.sampled_from([[], *lines]))
    mine = runs_of_steps(own, RUN_NOTES + 1) if len(own) else set()

    def goes_too_far(pitch: int) -> bool:
        line = tune([*before, pitch])
        together = runs_of_steps(line, RUN_NOTES)
        return together <= runs and not runs_of_steps(line, RUN_NOTES + 1) <= mine

    assert forbidden(known, before, [own] if len(own) else []) == {
        pitch for pitch in range(128) if goes_too_far(pitch)
    }


def forbidden(known: KnownRuns, before: list[int], own: list[Line]) -> set[int]:
    """The pitches kept from coming next on the first beat of the next bar."""
    cursor = Cursor()
    for token in [*stream_of(before).tolist(), *from_text("C #P0 T0").tolist()]:
        cursor.advance(token)
    constraints = Constraints([TokenGrammar(), CopyGuard(known, own)])
    choice = constraints.choice(cursor, CurrentBar(), LOGITS)
    assert choice.legal.any()
    low = choice.logits[vocabulary().span(Kind.PITCH)] < 0
    return set(np.flatnonzero(low).tolist())


def test_a_bar_left_open_goes_on_from_the_notes_before_it() -> None:
    before = stream_of(LONG[:16])
    after = from_text("GAP SUM G #P0 T0 P60 L12 V20 T12 P60 L12 V20 SUM FILL F #P0 T0")
    cursor = Cursor()
    for token in [*before.tolist(), *after.tolist()]:
        cursor.advance(token)
    choice = Constraints([CopyGuard(known_of([tune(LONG)]))]).choice(cursor, CurrentBar(), LOGITS)
    low = choice.logits[vocabulary().span(Kind.PITCH)] < 0
    assert np.flatnonzero(low).tolist() == [LONG[16]]


@pytest.mark.parametrize("opening", ["#D T0", "#P0 T0", "#P0 T0 P60 L12 V20 T0"])
def test_drums_and_parts_that_have_played_little_are_left_alone(opening: str) -> None:
    guard = CopyGuard(known_of([tune(LONG)]))
    cursor = cursor_after(f"BOS C TS_4/4 BPM_3 {opening}")
    choice = Constraints([guard]).choice(cursor, CurrentBar(), LOGITS)
    assert choice.logits is LOGITS
