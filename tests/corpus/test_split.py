import hashlib
import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meloformer.corpus.split import Components, cut_for_held_out, held_out
from meloformer.score import Score, Tempo, TimeSignature, Track, note_array
from meloformer.tokens import Kind, bar_ends, crop, decode, encode, vocabulary
from meloformer.tokens.notes import notes_of
from tests.corpus.small_corpus import small_score

NAMES = ["aria", "blues", "canon", "dirge", "etude", "fugue", "gigue", "hymn", "jig", "lied"]
SHARES = [0.0, 0.04, 0.3, 0.5, 0.9]


@st.composite
def labelled(draw):
    """Document set, group and cluster of some pieces."""
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["band", "folk", "lieder"]),
                st.sampled_from(NAMES),
                st.integers(0, 30),
            ),
            min_size=1,
            max_size=30,
        )
    )
    sets, groups, clusters = zip(*rows, strict=True)
    return sets, groups, np.array(clusters)


def plain_held_groups(sets: Sequence[str], groups: Sequence[str], share: float) -> set[str]:
    """Of each set of several groups, those whose names hash lowest."""
    held: set[str] = set()
    for name in set(sets):
        own = {group for group, of in zip(groups, sets, strict=True) if of == name}
        ranked = sorted(own, key=lambda group: hashlib.sha256(group.encode()).hexdigest())
        if len(own) > 1:
            held.update(ranked[: min(math.ceil(share * len(own)), len(own) - 1)])
    return held


def plain_components(groups: Sequence[str], clusters: Sequence[int]) -> list[set[int]]:
    """Grow a component from each piece until it stops growing."""
    found: list[set[int]] = []
    for piece in range(len(groups)):
        if any(piece in one for one in found):
            continue
        one = {piece}
        size = 0
        while len(one) > size:
            size = len(one)
            names, numbers = {groups[i] for i in one}, {clusters[i] for i in one}
            one |= {i for i, name in enumerate(groups) if name in names or clusters[i] in numbers}
        found.append(one)
    return found


@given(labelled(), st.sampled_from(SHARES))
def test_what_belongs_together_stays_together(corpus, share: float) -> None:
    sets, groups, clusters = corpus
    held = held_out(sets, groups, clusters, share)
    components = plain_components(groups, clusters.tolist())
    for component in components:
        assert len({bool(held[i]) for i in component}) == 1
    assert not held.all()
    assert held.any() == (share > 0 and len(components) > 1)


@given(labelled(), st.sampled_from(SHARES))
def test_every_set_of_several_components_is_measured(corpus, share: float) -> None:
    sets, groups, clusters = corpus
    held = held_out(sets, groups, clusters, share)
    components = plain_components(groups, clusters.tolist())
    for name in set(sets):
        own = [c for c in components if any(sets[i] == name for i in c)]
        wanted = min(math.ceil(share * len(own)), len(own) - 1)
        assert sum(bool(held[min(c)]) for c in own) >= wanted


@given(labelled(), st.sampled_from(SHARES), st.randoms(use_true_random=False))
def test_the_order_of_the_files_does_not_matter(corpus, share: float, random) -> None:
    sets, groups, clusters = corpus
    order = list(range(len(sets)))
    random.shuffle(order)
    shuffled = held_out(
        [sets[i] for i in order], [groups[i] for i in order], clusters[order], share
    )
    assert np.array_equal(shuffled, held_out(sets, groups, clusters, share)[order])


@given(labelled(), st.sampled_from([0.04, 0.3, 0.5]))
def test_groups_alone_are_held_out_by_their_hash(corpus, share: float) -> None:
    sets, groups, _ = corpus
    held = held_out(sets, groups, np.arange(len(sets)), share)
    expected = plain_held_groups(sets, groups, share)
    if expected:
        assert held.tolist() == [group in expected for group in groups]


def test_a_split_made_before_still_holds() -> None:
    """What is held out of a corpus stays held out in each later version of the project."""
    groups = [f"band/{name}" for name in NAMES]
    held = held_out(["band"] * len(groups), groups, np.arange(len(groups)), 0.25)
    assert [group for group, one in zip(groups, held, strict=True) if one] == [
        "band/aria",
        "band/blues",
        "band/hymn",
    ]


def test_sets_of_one_tune_each_still_give_one_to_be_held_out() -> None:
    held = held_out(["band", "band", "folk"], ["a", "a", "b"], np.arange(3), 0.04)
    assert held.sum() in (1, 2)
    assert held[0] == held[1]


def test_a_duplicate_in_another_set_keeps_both_on_one_side() -> None:
    sets, groups = ["band", "band", "folk", "folk"], ["a", "b", "c", "d"]
    for cluster in ([0, 1, 0, 3], [0, 1, 2, 1], [0, 0, 2, 0]):
        held = held_out(sets, groups, np.array(cluster), 0.3)
        for number in cluster:
            assert len({bool(held[i]) for i in range(4) if cluster[i] == number}) == 1


def test_components_are_named_by_their_smallest() -> None:
    linked = Components(7)
    linked.join(5, 3, 6)
    linked.join(4, 2)
    linked.join(6, 4)
    assert linked.names(np.arange(7)).tolist() == [0, 1, 2, 2, 2, 2, 2]
    assert [linked.name(i) for i in range(7)] == [0, 1, 2, 2, 2, 2, 2]


def melody(bars: list[int]) -> Score:
    """A 4/4 piece with as many notes in each bar."""
    rows = [
        (bar * 48 + note * 12, 12, 60 + note, 80)
        for bar, count in enumerate(bars)
        for note in range(count)
    ]
    track = Track("", 0, False, note_array(rows))
    return Score(12, (track,), (Tempo(0, 100.0),), (TimeSignature(0, 4, 4),), len(bars) * 48)


@pytest.mark.parametrize(
    ("num_bars", "share", "held"),
    [(2, 0.04, 1), (5, 0.04, 1), (15, 0.04, 1), (16, 0.04, 4), (200, 0.04, 8), (3, 0.9, 2)],
)
def test_the_end_of_a_piece_is_held_out(num_bars: int, share: float, held: int) -> None:
    ids = encode(melody([2] * num_bars)).ids
    train, other = cut_for_held_out(ids, share)
    assert len(bar_ends(train)) == num_bars - held
    assert len(bar_ends(other)) == held
    assert np.array_equal(train[:-1], ids[: len(train) - 1])
    assert np.array_equal(other, crop(ids, num_bars - held, num_bars))


@given(st.lists(st.integers(0, 3), min_size=1, max_size=40), st.sampled_from([0.04, 0.3, 0.9]))
def test_both_parts_are_pieces_with_notes(bars: list[int], share: float) -> None:
    if not any(bars):
        return
    score = melody(bars)
    ids = encode(score).ids
    train, other = cut_for_held_out(ids, share)
    assert len(notes_of(train).bar) > 0
    if not len(other):
        assert np.array_equal(train, ids)
        assert np.count_nonzero(bars) == 1
        return
    assert decode(train).num_notes + decode(other).num_notes == score.num_notes
    assert len(notes_of(other).bar) > 0
    for part in (train, other):
        assert part[0] == vocabulary().id(Kind.BOS)
        assert part[-1] == vocabulary().id(Kind.EOS)


def test_the_end_knows_its_metre_and_tempo() -> None:
    ids = encode(small_score(1, num_bars=20)).ids
    _, other = cut_for_held_out(ids, 0.04)
    assert decode(other).time_signatures[0].numerator == 3
    assert decode(other).tempos[0].qpm == decode(ids).tempos[-1].qpm


def test_nothing_is_cut_off_for_a_share_of_nothing() -> None:
    ids = encode(melody([2] * 20)).ids
    train, other = cut_for_held_out(ids, 0.0)
    assert np.array_equal(train, ids)
    assert len(other) == 0
