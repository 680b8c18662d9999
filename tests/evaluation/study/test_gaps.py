import numpy as np
import pytest

from meloformer.data.shards import Shards
from meloformer.errors import DataError
from meloformer.evaluation.study.gaps import choose_gaps, plays_all_the_time
from meloformer.score.score import START
from tests.evaluation.small_music import BAR
from tests.evaluation.study.gap_music import BASS, DRUMS, PIANO, gap, passage


def test_a_gap_knows_its_sides_and_its_parts() -> None:
    one = gap()
    assert one.truth.parts == one.following.parts == (DRUMS, BASS, PIANO)
    assert one.before.score.end_tick == one.truth.score.end_tick == 8 * BAR
    assert len(one.truth.chords) == 8
    assert [track.program for track in one.truth.of([BASS]).tracks] == [32]
    assert len(one.truth.without([BASS]).tracks) == 2


def test_filling_a_gap_with_what_it_has_changes_nothing() -> None:
    one = gap()
    whole = one.bars(0, 24)
    filled = one.filled(one.truth, one.encoding.parts)
    assert filled.parts == whole.parts
    assert filled.chords == whole.chords
    for mine, own in zip(filled.score.tracks, whole.score.tracks, strict=True):
        np.testing.assert_array_equal(mine.notes, own.notes)


def test_only_what_is_written_again_gives_way() -> None:
    filled = gap().filled(passage(BASS, [(12, 12, 40)]), [BASS])
    starts = dict(
        zip(filled.parts, (one.notes[:, START] for one in filled.score.tracks), strict=True)
    )
    inside = {
        part: np.count_nonzero((at >= 8 * BAR) & (at < 16 * BAR)) for part, at in starts.items()
    }
    assert inside == {DRUMS: 8 * 12, BASS: 1, PIANO: 8 * 6}
    assert np.count_nonzero(starts[BASS] < 8 * BAR) == 8 * 4
    assert 8 * BAR + 12 in starts[BASS]


def test_a_part_that_rests_most_of_the_time_does_not_play_all_the_time() -> None:
    assert plays_all_the_time(gap().truth, BASS)
    assert not plays_all_the_time(passage(BASS, [(0, 12, 40), (48, 12, 40)]), BASS)


def test_draws_share_no_song_and_a_set_that_is_not_there_is_a_sentence(shards: Shards) -> None:
    first, second = (
        choose_gaps(shards, 2, bars=(2, 2, 2), draw=draw, accept=lambda one: one) for draw in (0, 1)
    )
    assert {one.document for one in first}.isdisjoint(one.document for one in second)
    name = first[0].document_set
    of_set = choose_gaps(shards, 9, bars=(2, 2, 2), sets=(name,), accept=lambda one: one)
    assert {one.document_set for one in of_set} == {name}
    with pytest.raises(DataError, match="no-such-set"):
        choose_gaps(shards, 1, sets=("no-such-set",), accept=lambda one: one)
    with pytest.raises(DataError, match="is left"):
        choose_gaps(shards, 1, bars=(2, 2, 2), accept=lambda _: None)
