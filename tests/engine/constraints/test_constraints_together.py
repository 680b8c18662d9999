import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meloformer.engine.constraints import Constraint, Constraints, CurrentBar
from meloformer.engine.generate import Generation, prefill
from meloformer.engine.plan import Plan
from meloformer.engine.request import SamplingConfig
from meloformer.engine.stream import Stream
from meloformer.score import Part
from meloformer.tokens import Cursor, Kind, State, annotate, decode, from_text, vocabulary
from tests.engine.constraints.drawing import LOGITS, draw_bars, names, plans
from tests.strategies import legal_ids

OPENING = "BOS C TS_2/4 BPM_3 #D T0 K36 L1 V20 #P0 T0 P60 L12 V20 SUM"
RNG = np.random.default_rng(0)
SEEDS = st.integers(0, 2**32)


def after(ids: np.ndarray) -> Cursor:
    cursor = Cursor()
    for token in ids.tolist():
        cursor.advance(token)
    return cursor


def plan_of_piano(**settings) -> Plan:
    piano = frozenset([Part(0)])
    return Plan(
        **{"num_bars": 3, "may_play": piano, "must_play": piano, "reach": {}, "chords": ()}
        | settings
    )


def assert_obeys(plan: Plan, whole: np.ndarray, start: int, kept: dict[int, set[int]]) -> None:
    """See that what comes from `start` on is as planned; `kept` has what stays, by bar."""
    vocab, notes = vocabulary(), annotate(whole)
    ids, kind, value = whole[start:], vocab.kind[whole[start:]], vocab.value[whole[start:]]
    assert not np.isin(kind, (Kind.METRE, Kind.TEMPO, Kind.GAP, Kind.FILL, Kind.EOS)).any()
    bar, part, onset = notes.bar[start:], notes.part[start:], notes.onset[start:]
    may = {one.number for one in plan.may_play | plan.must_play}
    must = {one.number for one in plan.must_play}
    begins = kind == Kind.ONSET
    assert set(part[begins].tolist()) <= may
    bars = bar[ids == vocab.id(Kind.SUM)].tolist()
    for number in bars:
        played = set(part[begins & (bar == number)].tolist())
        assert played | kept.get(number, set()) >= must
        assert not played & kept.get(number, set())
    for one, reach in plan.reach.items():
        own = part == one.number
        assert reach.pitches[value[own & np.isin(kind, (Kind.PITCH, Kind.DRUM))]].all()
        times = np.stack((bar[own & begins], onset[own & begins]))
        _, together = np.unique(times, axis=1, return_counts=True)
        assert together.max(initial=0) <= reach.together
    wanted = [plan.chords[k % len(plan.chords)] if plan.chords else None for k in range(len(bars))]
    chords = value[kind == Kind.CHORD].tolist()
    assert len(chords) == plan.num_bars
    assert all(want in (None, chord) for want, chord in zip(wanted, chords, strict=True))


@given(plans(), SEEDS)
def test_some_token_is_always_legal_and_what_is_drawn_decodes_and_is_as_planned(plan, seed):
    opening = from_text(OPENING)
    rng = np.random.default_rng(seed)
    made = draw_bars(plan.constraints(), after(opening), plan.num_bars, rng)
    whole = np.concatenate((opening, made, [vocabulary().id(Kind.EOS)])).astype(np.uint16)
    assert decode(whole).end_tick == 24 * (1 + plan.num_bars)
    assert_obeys(plan, whole[:-1], len(opening), {})


@given(legal_ids(max_tokens=150), plans(), SEEDS)
def test_bars_left_open_are_filled_with_what_is_asked_for_and_does_not_play_there_yet(
    ids, plan, seed
):
    vocab = vocabulary()
    bars = np.flatnonzero(np.isin(vocab.kind[ids], (Kind.FILL, Kind.EOS)))
    opened = ids[: bars[0]] if len(bars) else ids
    notes = annotate(opened)
    gaps = notes.bar[opened == vocab.id(Kind.GAP)].tolist()
    if not gaps:
        return
    opened = np.append(opened, vocab.id(Kind.FILL)).astype(np.uint16)
    begins = vocab.kind[opened[:-1]] == Kind.ONSET
    kept = {gap: set(notes.part[begins & (notes.bar == gap)].tolist()) for gap in gaps}
    plan = Plan(len(gaps), plan.may_play, plan.must_play, plan.reach, plan.chords)
    rng = np.random.default_rng(seed)
    made = draw_bars(plan.constraints(), after(opened), plan.num_bars, rng)
    whole = np.concatenate((opened, made)).astype(np.uint16)
    decode(np.append(whole, vocab.id(Kind.EOS)).astype(np.uint16))
    assert_obeys(plan, whole, len(opened), kept)


@given(plans(), SEEDS)
def test_the_order_of_the_masks_does_not_matter(plan, seed):
    one, other = after(from_text(OPENING)), after(from_text(OPENING))
    forwards = draw_bars(plan.constraints(), one, 1, np.random.default_rng(seed))
    backwards = draw_bars(plan.constraints()[::-1], other, 1, np.random.default_rng(seed))
    assert np.array_equal(forwards, backwards)


class OnBeats(Constraint):
    """Lets notes begin on quarters alone."""

    def mask(self, cursor, bar):
        mask = np.ones(vocabulary().size, dtype=bool)
        mask[vocabulary().span(Kind.ONSET)] = np.arange(96) % 12 == 0
        return mask


class Louder(Constraint):
    """Adds to the loudest."""

    def bias(self, cursor, bar, choice):
        bias = np.zeros_like(choice.logits)
        bias[vocabulary().id_of["V31"]] = 100.0
        return bias


def test_a_constraint_of_ones_own_needs_no_more_than_its_place_in_the_list(model):
    prompt = prefill(model, Stream(from_text(OPENING)), 256)
    plan = plan_of_piano(further=(OnBeats(), Louder()))
    generation = Generation(model, prompt, plan=plan, sampling=SamplingConfig(), seeds=[1, 2])
    list(generation.run())
    vocab = vocabulary()
    for stream in generation.streams:
        made = stream.ids[len(prompt.stream.ids) :]
        kind, value = vocab.kind[made], vocab.value[made]
        assert (kind == Kind.ONSET).any()
        assert not (value[kind == Kind.ONSET] % 12).any()
        assert set(value[kind == Kind.VELOCITY].tolist()) == {31}


def test_biases_see_what_the_masks_leave_and_the_biases_before_them_add():
    seen = []

    class Watching(Constraint):
        def bias(self, cursor, bar, choice):
            seen.append(choice)

    class Nothing(Constraint):
        pass

    cursor = after(from_text(OPENING))
    mask = np.zeros(vocabulary().size, dtype=bool)
    mask[:5] = True

    class First(Constraint):
        def mask(self, cursor, bar):
            return mask

    constraints = (Nothing(), Louder(), Watching(), First())
    choice = Constraints(constraints).choice(cursor, CurrentBar(), LOGITS)
    assert np.array_equal(seen[0].legal, mask)
    assert np.array_equal(choice.legal, mask)
    assert seen[0].logits.max() == choice.logits.max() == 100.0
    assert not LOGITS.any()
    assert len(names(choice.legal)) == 5


def test_a_constraint_is_asked_in_its_states_alone():
    asked = []

    class AtBarEnd(Constraint):
        states = (State.BAR_END,)

        def mask(self, cursor, bar):
            asked.append(cursor.state)

    draw_bars([*plan_of_piano().constraints(), AtBarEnd()], after(from_text(OPENING)), 3, RNG)
    assert asked == [State.BAR_END] * 3


def test_masks_kept_for_all_streams_cannot_be_changed():
    cursor = after(from_text(OPENING))
    for one in plan_of_piano(chords=(3,)).constraints()[1:]:
        mask = one.mask(cursor, CurrentBar())
        if mask is not None:
            with pytest.raises(ValueError, match="read-only"):
                mask[0] = True
