from pathlib import Path

import pytest

from meloformer.errors import DataError
from meloformer.evaluation.listening.count import count_votes, wilson_interval
from meloformer.evaluation.listening.votes import Answer, Vote, VoteFile
from tests.evaluation.listening.small_test import write_small_test

ONE, OTHER = "1" * 32, "2" * 32


def test_the_last_vote_of_a_listener_on_a_pair_counts(tmp_path: Path) -> None:
    votes = VoteFile(tmp_path)
    assert votes.read() == ()
    for liked in (Answer.TRUE, Answer.WRITTEN):
        votes.add(Vote(ONE, "00000000", liked, Answer.NEITHER))
    votes.add(Vote(OTHER, "00000000", Answer.TRUE, Answer.TRUE))
    assert [(vote.listener, vote.liked) for vote in votes.read()] == [
        (ONE, Answer.WRITTEN), (OTHER, Answer.TRUE)
    ]  # fmt: skip
    assert all(vote.at for vote in votes.read())
    assert len(votes.path.read_text().splitlines()) == 3


def test_a_damaged_file_is_a_sentence_and_is_left_as_it_is(tmp_path: Path) -> None:
    votes = VoteFile(tmp_path)
    votes.path.write_text('{"listener": "1"\n')
    with pytest.raises(DataError, match="damaged"):
        votes.add(Vote(ONE, "00000000", Answer.TRUE, Answer.TRUE))
    assert votes.path.read_text() == '{"listener": "1"\n'


def test_votes_are_counted_by_pair_and_by_set(tmp_path: Path) -> None:
    test = write_small_test(tmp_path)
    band, *folk = (pair.name for pair in test.pairs)
    votes = [
        Vote(ONE, band, Answer.WRITTEN, Answer.WRITTEN),
        Vote(OTHER, band, Answer.WRITTEN, Answer.TRUE),
        Vote(ONE, folk[0], Answer.NEITHER, Answer.TRUE),
        Vote(ONE, "ffffffff", Answer.WRITTEN, Answer.WRITTEN),  # of another test
    ]
    count = count_votes(test, votes)
    assert (count.total.votes, count.total.listeners, count.total.pairs) == (3, 2, 2)
    assert count.total.liked.value == pytest.approx((1 + 0.5) / 2)
    assert count.total.taken_for_real.value == pytest.approx((0.5 + 0) / 2)
    assert count.per_set["band"].liked.value == 1
    assert count.per_set["folk"].pairs == 1
    assert str(count_votes(test, []).total) == "no vote yet"


def test_wilsons_interval_is_as_published() -> None:
    half = wilson_interval(0.5, 10)
    assert (half.low, half.high) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    none = wilson_interval(0.0, 10)
    assert (none.low, none.high) == pytest.approx((0.0, 0.2775), abs=1e-4)
