import numpy as np
import pytest

from meloformer.data.shards import Shards
from meloformer.errors import DataError
from meloformer.evaluation.study.excerpts import choose_excerpts
from meloformer.tokens import Kind, crop, decode, vocabulary


def test_an_excerpt_is_three_neighbouring_passages_of_a_song(shards: Shards) -> None:
    for one in choose_excerpts(shards, 5, prompt_bars=4, num_bars=3):
        ids = np.asarray(shards.document(one.document))
        first = one.first_bar
        assert one.prompt.score == decode(crop(ids, first, first + 4))
        assert one.truth.score == decode(crop(ids, first + 4, first + 7))
        assert one.following.score == decode(crop(ids, first + 7, first + 10))
        chords = vocabulary().value[ids[vocabulary().kind[ids] == Kind.CHORD]].tolist()
        spelt = one.prompt.chords + one.truth.chords + one.following.chords
        assert list(spelt) == chords[first : first + 10]


def test_no_song_is_drawn_twice_and_a_seed_draws_the_same(shards: Shards) -> None:
    drawn = choose_excerpts(shards, 100, prompt_bars=4, num_bars=4)
    assert len(drawn) == len({one.document for one in drawn}) == shards.num_documents
    again = choose_excerpts(shards, 100, prompt_bars=4, num_bars=4)
    assert [(one.document, one.first_bar) for one in drawn] == [
        (one.document, one.first_bar) for one in again
    ]
    other = choose_excerpts(shards, 100, prompt_bars=4, num_bars=4, seed=1)
    assert [one.document for one in drawn] != [one.document for one in other]


def test_draws_share_no_song(shards: Shards) -> None:
    drawn = [choose_excerpts(shards, 4, prompt_bars=4, num_bars=4, draw=k) for k in (0, 1, 2)]
    together = choose_excerpts(shards, 12, prompt_bars=4, num_bars=4)
    assert [len(draw) for draw in drawn] == [4, 4, len(together) - 8]
    assert [(one.document, one.first_bar) for draw in drawn for one in draw] == [
        (one.document, one.first_bar) for one in together
    ]
    with pytest.raises(DataError, match=r"All \d+ held-out songs .* earlier draws"):
        choose_excerpts(shards, 12, prompt_bars=4, num_bars=4, draw=1)


def test_songs_that_are_too_short_are_a_sentence(shards: Shards) -> None:
    with pytest.raises(DataError, match="No held-out song has 48 bars"):
        choose_excerpts(shards, 1, prompt_bars=16, num_bars=16)
