import dataclasses

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from meloformer.corpus import duplicates
from meloformer.corpus.duplicates import MIN_BARS, Duplicates, find_duplicates, signature
from meloformer.score import Score, Tempo, TimeSignature, Track, note_array
from meloformer.score.score import DURATION, PITCH, VELOCITY
from meloformer.tokens import encode
from meloformer.tokens.notes import Notes, notes_of
from tests.corpus.small_corpus import QUARTER, small_score
from tests.strategies import scores

BAR = 4 * QUARTER


def signature_of(score: Score):
    return signature(notes_of(encode(score).ids))


def same(one, other) -> bool:
    return one.content == other.content and np.array_equal(one.bars, other.bars)


def band(*bars: list[tuple[int, int]], drums: tuple[int, ...] = (36, 38)) -> Score:
    """Bars in 4/4 of (quarter, pitch), over drums on each quarter in turn."""
    notes = [
        (index * BAR + quarter * QUARTER, QUARTER, pitch, 80)
        for index, bar in enumerate(bars)
        for quarter, pitch in bar
    ]
    beats = [
        (index * BAR + quarter * QUARTER, QUARTER // 4, drums[quarter % len(drums)], 90)
        for index in range(len(bars) if drums else 0)
        for quarter in range(4)
    ]
    tracks = (Track("", 0, False, note_array(notes)), Track("", 0, True, note_array(beats)))
    return Score(
        QUARTER,
        tuple(track for track in tracks if len(track.notes)),
        (Tempo(0, 120.0),),
        (TimeSignature(0, 4, 4),),
        len(bars) * BAR,
    )


def changed(score: Score, column: int, by: int, *, drums: bool = True) -> Score:
    """The score with a number added to one column of the notes."""
    step = np.eye(4, dtype=np.int32)[column] * by
    tracks = [
        dataclasses.replace(track, notes=track.notes + step)
        if drums or not track.is_drum
        else track
        for track in score.tracks
    ]
    return dataclasses.replace(score, tracks=tuple(tracks))


@given(st.integers(-30, 30))
def test_a_transposed_piece_is_the_same(semitones: int) -> None:
    score = small_score(3)
    assert same(signature_of(changed(score, PITCH, semitones, drums=False)), signature_of(score))


def test_loudness_and_tempo_do_not_count() -> None:
    score = small_score(3)
    other = dataclasses.replace(changed(score, VELOCITY, 12), tempos=(Tempo(0, 60.0),))
    assert not np.array_equal(encode(other).ids, encode(score).ids)
    assert same(signature_of(other), signature_of(score))


@given(scores())
def test_instruments_and_the_order_of_tracks_do_not_count(score: Score) -> None:
    other = tuple(
        dataclasses.replace(track, program=(track.program + 17 + index) % 128)
        for index, track in enumerate(reversed(score.tracks))
    )
    assert same(signature_of(dataclasses.replace(score, tracks=other)), signature_of(score))


def test_how_long_notes_are_held_does_not_count() -> None:
    score = small_score(3)
    other = changed(score, DURATION, -QUARTER // 6)
    assert not np.array_equal(encode(other).ids, encode(score).ids)
    assert same(signature_of(other), signature_of(score))


def test_silence_before_and_after_does_not_count() -> None:
    tune: list[list[tuple[int, int]]] = [[(0, 60), (2, 64)], [], [(1, 62)]]
    assert same(
        signature_of(band(*tune, drums=())), signature_of(band([], [], *tune, [], drums=()))
    )


def test_silence_between_counts_for_the_whole_but_not_for_its_bars() -> None:
    one, other = [(0, 60), (2, 64)], [(1, 62), (3, 65)]
    apart = signature_of(band(one, [], other, drums=()))
    together = signature_of(band(one, other, drums=()))
    assert np.array_equal(apart.bars, together.bars)
    assert apart.content != together.content


def test_bars_transposed_each_in_its_own_way_are_the_same_bars_but_another_piece() -> None:
    one = signature_of(band([(0, 60), (2, 64)], [(0, 60), (1, 67)]))
    other = signature_of(band([(0, 60), (2, 64)], [(0, 65), (1, 72)]))
    assert np.array_equal(one.bars, other.bars)
    assert one.content != other.content


@pytest.mark.parametrize(
    "other",
    [
        band([(0, 60), (2, 65)]),
        band([(0, 60), (3, 64)]),
        band([(0, 60), (2, 64), (3, 64)]),
        band([(0, 60), (2, 64)], drums=(36, 40)),
        band([(0, 60), (2, 64)], drums=()),
        dataclasses.replace(
            band([(0, 60), (2, 64)]), time_signatures=(TimeSignature(0, 5, 4),), end_tick=5 * 480
        ),
    ],
    ids=["a pitch", "an onset", "a note more", "a drum", "no drums", "a metre"],
)
def test_what_counts(other: Score) -> None:
    one = signature_of(band([(0, 60), (2, 64)]))
    assert not np.array_equal(one.bars, signature_of(other).bars)
    assert one.content != signature_of(other).content


def test_a_part_less_is_another_piece() -> None:
    score = small_score(3)
    fewer = dataclasses.replace(score, tracks=score.tracks[1:])
    assert signature_of(fewer).content != signature_of(score).content


def test_a_melody_doubled_in_unison_is_the_same() -> None:
    score = small_score(3, num_tracks=1)
    double = dataclasses.replace(score.tracks[0], program=73)
    doubled = dataclasses.replace(score, tracks=(*score.tracks, double))
    assert same(signature_of(doubled), signature_of(score))


@given(scores())
def test_a_bar_is_hashed_as_a_set(score: Score) -> None:
    """Two bars have one hash when, and only when, they are of the same notes and length."""
    notes = notes_of(encode(score).ids)
    sounding = {tuple(sorted(bar)) for bar in plain_bars(notes)}
    hashes = signature(notes).bars
    assert len(hashes) == len(sounding)
    assert (np.diff(hashes.astype(object)) > 0).all()


def plain_bars(notes: Notes) -> list[set[tuple[int, ...]]]:
    """What each bar with notes holds, note by note."""
    bars = []
    for bar in np.unique(notes.bar):
        inside = np.flatnonzero(notes.bar == bar)
        lowest = min((notes.pitch[i] for i in inside if not notes.is_drum[i]), default=0)
        kept = {(int(notes.bar_ticks[bar]),)}
        for i in inside:
            pitch = notes.pitch[i] - (0 if notes.is_drum[i] else lowest)
            kept.add((int(notes.onset[i]), int(pitch), int(notes.is_drum[i])))
        bars.append(kept)
    return bars


def test_hashes_are_the_same_on_every_machine() -> None:
    known = signature_of(band([(0, 60), (2, 64)], [(0, 60)]))
    assert known.content == 9783844304884537424
    assert known.bars.tolist() == [10994792199969134878, 14684641172824425904]


def in_rows(pieces: list[tuple[int, list[int]]]):
    """Content, bars and offsets of pieces given as numbers."""
    rows = [np.unique(np.array(bars, dtype=np.uint64)) for _, bars in pieces]
    offsets = np.concatenate(([0], np.cumsum([len(row) for row in rows]))).astype(np.int64)
    content = np.array([content for content, _ in pieces], dtype=np.uint64)
    return content, np.concatenate([np.zeros(0, np.uint64), *rows]), offsets


def plain_duplicates(pieces: list[tuple[int, list[int]]], share: float) -> Duplicates:
    """Compare every piece with every other."""
    sets = [set(bars) for _, bars in pieces]

    def repeats(i: int, j: int) -> bool:
        if pieces[i][0] == pieces[j][0]:
            return True
        shorter, longer = sorted((len(sets[i]), len(sets[j])))
        enough = len(sets[i] & sets[j]) >= share * longer - 1e-9
        return shorter >= MIN_BARS and enough

    original: list[int] = []
    cluster = list(range(len(pieces)))
    for i in range(len(pieces)):
        original.append(next((j for j in range(i) if original[j] == j and repeats(i, j)), i))
        for j in range(i):
            if repeats(i, j):
                low, high = sorted((cluster[i], cluster[j]))
                cluster = [low if one == high else one for one in cluster]
    is_near = [pieces[i][0] != pieces[original[i]][0] for i in range(len(pieces))]
    return Duplicates(np.array(original), np.array(is_near), np.array(cluster))


@st.composite
def corpora(draw):
    """Pieces of bars from a small pool, many of them an earlier one with a few bars changed."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    pool = draw(st.sampled_from([12, 40, 300]))
    hashes = rng.integers(0, 2**63, pool).astype(np.uint64) * 2
    pieces: list[tuple[int, list[int]]] = []
    for content in range(draw(st.integers(0, 25))):
        if pieces and rng.random() < 0.7:
            content, bars = pieces[rng.integers(len(pieces))]
            changes = rng.integers(0, 4)
            if changes:
                content = 1000 + len(pieces)
                bars = [*bars[: max(1, len(bars) - rng.integers(0, changes + 1))]]
                bars += rng.choice(hashes, changes).tolist()
        else:
            bars = rng.choice(hashes, rng.integers(1, min(pool, 30))).tolist()
        pieces.append((content, bars))
    return pieces


@given(corpora(), st.sampled_from([0.9, 0.5, 0.75, 1.0, 0.05]))
@example([], 0.9)
@example([(1, [5, 6, 7])], 0.9)
@example([(1, [5]), (1, [5]), (2, [5])], 0.9)
def test_the_search_finds_what_comparing_all_pairs_finds(pieces, share: float) -> None:
    expected = plain_duplicates(pieces, share)
    found = find_duplicates(*in_rows(pieces), share)
    assert found.original.tolist() == expected.original.tolist()
    assert found.is_near.tolist() == expected.is_near.tolist()
    assert found.cluster.tolist() == expected.cluster.tolist()


@given(corpora())
def test_chunks_and_a_small_table_change_nothing(pieces) -> None:
    rows = in_rows(pieces)
    expected = find_duplicates(*rows, 0.9)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duplicates, "_CHUNK_BARS", 7)
        patch.setattr(duplicates, "_TABLE_BITS", 2)
        found = find_duplicates(*rows, 0.9)
    for one, other in zip(dataclasses.astuple(found), dataclasses.astuple(expected), strict=True):
        assert np.array_equal(one, other)
