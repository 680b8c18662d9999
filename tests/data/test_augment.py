import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meloformer.data.augment import drop_part, enter_late, variation, vary
from meloformer.data.config import LoaderConfig
from meloformer.score import Score, Tempo, TimeSignature, Track, note_array
from meloformer.tokens import Kind, annotate, decode, encode, transposition, vocabulary
from meloformer.tokens.infill import part_of_each
from tests.corpus.small_corpus import small_score

BAND = encode(small_score(3)).ids
LONG_BAND = encode(small_score(4, num_bars=40)).ids


@given(st.integers(-12, 12))
def test_transposing_there_and_back_is_identity(semitones: int) -> None:
    there = variation(semitones, 0, 0)[BAND]
    assert np.array_equal(variation(-semitones, 0, 0)[there], BAND)
    assert np.array_equal(there, transposition(semitones)[BAND])


def test_drums_stay_where_they_are() -> None:
    kind = vocabulary().kind
    moved = variation(3, 0, 0)[BAND]
    assert np.array_equal(moved[kind[BAND] == Kind.DRUM], BAND[kind[BAND] == Kind.DRUM])
    assert np.array_equal(moved[kind[BAND] == Kind.PITCH], BAND[kind[BAND] == Kind.PITCH] + 3)


def test_a_transposition_out_of_range_leaves_the_key() -> None:
    track = Track("", 0, False, note_array([(0, 12, 126, 80), (12, 12, 60, 80)]))
    score = Score(12, (track,), (Tempo(0, 100.0),), (TimeSignature(0, 4, 4),), 48)
    ids = encode(score).ids
    up = LoaderConfig(transpose=(5, 5), velocity_jitter=0, tempo_jitter=0)
    assert np.array_equal(vary(ids, up, np.random.default_rng(0)), ids)


@pytest.mark.parametrize("kind", [Kind.VELOCITY, Kind.TEMPO])
@pytest.mark.parametrize("steps", [-40, -2, 0, 3, 40])
def test_shifting_moves_one_kind_and_stays_within_it(kind: Kind, steps: int) -> None:
    kinds, value = vocabulary().kind, vocabulary().value
    table = variation(0, *((steps, 0) if kind == Kind.VELOCITY else (0, steps)))
    moved = table[BAND]
    is_kind = kinds[BAND] == kind
    assert np.array_equal(kinds[moved], kinds[BAND])
    assert np.array_equal(moved[~is_kind], BAND[~is_kind])
    assert np.array_equal(value[moved][is_kind], np.clip(value[BAND][is_kind] + steps, 0, 31))


def test_a_dropped_part_is_gone_and_the_others_are_whole() -> None:
    parts = set(np.unique(annotate(BAND).part)) - {-1}
    fewer = drop_part(BAND, np.random.default_rng(1))
    left = set(np.unique(annotate(fewer).part)) - {-1}
    assert len(left) == len(parts) - 1
    assert decode(fewer).num_notes < decode(BAND).num_notes


def test_parts_of_one_program_are_told_apart_when_one_is_dropped() -> None:
    starts = range(0, 192, 12)
    tracks = tuple(
        Track("", 0, False, note_array([(t, 12, pitch, 80) for t in starts])) for pitch in (48, 72)
    )
    score = Score(12, tracks, (Tempo(0, 100.0),), (TimeSignature(0, 4, 4),), 192)
    ids = encode(score).ids
    for seed in range(6):
        left = decode(drop_part(ids, np.random.default_rng(seed)))
        assert left.num_notes == len(starts)
        assert len({int(pitch) for track in left.tracks for pitch in track.notes[:, 2]}) == 1


def test_a_single_part_is_never_dropped() -> None:
    ids = encode(small_score(4, num_tracks=1)).ids
    assert np.array_equal(drop_part(ids, np.random.default_rng(0)), ids)


def test_any_variant_is_music_of_the_same_bars() -> None:
    bars = decode(BAND).end_tick
    for seed in range(20):
        variant = vary(BAND, LoaderConfig(), np.random.default_rng(seed))
        assert decode(variant).end_tick == bars
        assert len(variant) == len(BAND)


def test_a_part_that_enters_late_is_whole_from_there_on_and_silent_before() -> None:
    entries = set()
    for seed in range(40):
        late = enter_late(LONG_BAND, len(LONG_BAND), np.random.default_rng(seed))
        before, after = (sounding(ids) for ids in (LONG_BAND, late))
        (part,) = {part for part in before if before[part] != after.get(part)}
        entry = min(after[part])
        assert after[part] == {bar: one for bar, one in before[part].items() if bar >= entry}
        assert entry > min(before[part])
        entries.add(entry)
        decode(late)
    assert len(entries) > 10


def test_a_part_enters_within_what_will_be_kept() -> None:
    room = len(LONG_BAND) // 4
    for seed in range(20):
        late = enter_late(LONG_BAND, room, np.random.default_rng(seed))
        before, after = (sounding(ids) for ids in (LONG_BAND, late[:room]))
        assert all(after[part] for part in before)


def test_a_single_part_is_never_late() -> None:
    ids = encode(small_score(4, num_tracks=1)).ids
    assert np.array_equal(enter_late(ids, len(ids), np.random.default_rng(0)), ids)


def sounding(ids: np.ndarray) -> dict[int, dict[int, tuple[int, ...]]]:
    """The tokens of each part, by the bars in which it plays."""
    part, bar = part_of_each(ids), annotate(ids).bar
    return {
        int(one): {
            int(at): tuple(ids[(part == one) & (bar == at)].tolist())
            for at in np.unique(bar[part == one])
        }
        for one in np.unique(part[part >= 0])
    }
