"""Replicas that die: what is written is what one model alone writes, bar for bar."""

import numpy as np
import pytest

from meloformer.engine.composition import finish
from meloformer.engine.replicas import MAX_TRIES, Refused, ReplicaLostError, ReplicatedEngine
from meloformer.engine.request import ContinueRequest
from meloformer.engine.writer import LocalEngine
from meloformer.errors import ConfigError, MeloFormerError
from meloformer.tokens import encode
from tests.corpus.small_corpus import small_score

REQUEST = ContinueRequest(num_bars=5, num_candidates=2, seed=7)


@pytest.fixture
def encoding():
    return encode(small_score(1, 6))


@pytest.fixture
def local(model, card):
    return LocalEngine(model, card)


class Replicas:
    """Replicas that die after so many bars, one after the other."""

    def __init__(self, local, *lives):
        self.lives = list(lives)
        self.local = local
        self.num_asked = 0

    def stream(self, encoding, request):
        self.num_asked += 1
        life = self.lives.pop(0) if self.lives else None
        for number, bar in enumerate(self.local.write(encoding, request)):
            if number == life:
                raise ReplicaLostError
            yield bar


def told(bars):
    return [
        (bar.candidate, bar.bar, bar.chord, [track.notes.tolist() for track in bar.score.tracks])
        for bar in bars
    ]


@pytest.mark.parametrize("lives", [(), (3,), (0,), (4, 2, 9)])
def test_a_run_whose_replicas_die_has_the_bars_of_one_that_lives(local, encoding, lives):
    replicas = Replicas(local, *lives)
    engine = ReplicatedEngine(replicas.stream)
    assert told(engine.write(encoding, REQUEST)) == told(local.write(encoding, REQUEST))
    assert replicas.num_asked == len(lives) + 1


def test_the_candidates_at_the_end_are_the_same(local, encoding):
    engine = ReplicatedEngine(Replicas(local, 4).stream)
    mine, theirs = (finish(one.write(encoding, REQUEST)) for one in (local, engine))
    assert [one.seed for one in mine] == [one.seed for one in theirs]
    for one, other in zip(mine, theirs, strict=True):
        for track, same in zip(one.score.tracks, other.score.tracks, strict=True):
            assert np.array_equal(track.notes, same.notes)


def test_where_one_after_the_other_is_lost_a_sentence_ends_the_run(local, encoding):
    engine = ReplicatedEngine(Replicas(local, *[1] * MAX_TRIES).stream)
    bars = engine.write(encoding, REQUEST)
    next(bars)
    with pytest.raises(MeloFormerError, match="cannot be reached"):
        next(bars)


def test_what_no_replica_can_do_is_told_and_not_tried_again(encoding):
    asked = []

    def stream(encoding, request):
        asked.append(request)
        yield Refused("The piece has no bars.", "Bring another.")

    with pytest.raises(ConfigError, match="no bars") as told_so:
        next(ReplicatedEngine(stream).write(encoding, REQUEST))
    assert told_so.value.hint == "Bring another."
    assert len(asked) == 1
