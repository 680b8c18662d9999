"""A model that is kept from writing what it would write."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from meloformer.checkpoint import Card
from meloformer.data.known_runs import RUN_NOTES
from meloformer.engine.candidate import Candidate
from meloformer.engine.composition import compose, finish
from meloformer.engine.constraints import Choice, Constraint, CurrentBar, Logits
from meloformer.engine.continuation_study import continuations
from meloformer.engine.request import (
    ContinueRequest,
    PartRequest,
    Presence,
    Request,
    RewriteRequest,
    SamplingConfig,
)
from meloformer.evaluation.study.excerpts import Passage
from meloformer.model import MeloFormer
from meloformer.score import Part, Score, quantise
from meloformer.score.note_runs import Line, lines_of
from meloformer.tokens import Cursor, Kind, encode, vocabulary
from meloformer.tokens.cursor import AFTER_NOTE
from tests.engine.constraints.copying import Steps, known_of, runs_of_steps

WILD = SamplingConfig(temperature=1.0)
PIANOS = tuple(PartRequest(Part(0, n), Presence.ALWAYS) for n in (1, 2))


class Busy(Constraint):
    """Plays a note every sixteenth."""

    states = AFTER_NOTE

    def bias(self, cursor: Cursor, bar: CurrentBar, choice: Choice) -> Logits:
        bias = np.zeros_like(choice.logits)
        bias[vocabulary().id(Kind.ONSET, cursor.onset + 3)] = 20
        return bias


ASKED: dict[str, Any] = {"parts": PIANOS, "sampling": WILD, "constraints": (Busy(),)}
CONTINUED = ContinueRequest(num_bars=4, **ASKED)
REWRITTEN = RewriteRequest(first_bar=2, last_bar=6, **ASKED)


@pytest.fixture
def filler(card: Card) -> Card:
    return dataclasses.replace(card, infill=True)


def long_runs(lines: list[Line]) -> set[Steps]:
    return set().union(*(runs_of_steps(line, RUN_NOTES + 1) for line in lines))


def lines_from(candidate: Candidate) -> list[Line]:
    lines = lines_of(candidate.score)
    assert max(map(len, lines)) > RUN_NOTES
    return lines


@pytest.mark.parametrize("asked", [CONTINUED, REWRITTEN], ids=["continued", "rewritten"])
def test_music_is_written_in_another_way_than_it_is_known(
    model: MeloFormer, filler: Card, score: Score, asked: Request
) -> None:
    encoding = encode(score)
    (free,) = finish(compose(model, filler, encoding, asked))
    known = known_of(lines_from(free))
    (guarded,) = finish(compose(model, filler, encoding, asked, known_runs=known))
    assert not long_runs(lines_from(guarded)) & long_runs(lines_from(free))
    off = dataclasses.replace(asked, copy_guard=False)
    (unguarded,) = finish(compose(model, filler, encoding, off, known_runs=known))
    assert unguarded.score == free.score


def test_a_known_run_that_begins_before_the_seam_is_left_after_it(
    model: MeloFormer, card: Card, score: Score
) -> None:
    encoding, asked = encode(score), dataclasses.replace(CONTINUED, num_bars=2)
    reading_all = dataclasses.replace(card, context_tokens=1_024)
    (free,) = finish(compose(model, reading_all, encoding, asked))
    _, left_hand, _ = lines_of(quantise(score))
    seam = quantise(score).end_tick
    whole = np.concatenate((left_hand, lines_of(free.score)[0] + np.array([seam, 0])))
    known = known_of([whole])
    (guarded,) = finish(compose(model, reading_all, encoding, asked, known_runs=known))
    ours, theirs = (lines_of(one.score)[0][0] for one in (guarded, free))
    assert ours[0] == theirs[0]
    assert ours[1] != theirs[1]


def test_what_the_piece_has_itself_is_not_kept_from_it(
    model: MeloFormer, card: Card, score: Score
) -> None:
    encoding = encode(score)
    (free,) = finish(compose(model, card, encoding, CONTINUED))
    known = known_of(lines_of(quantise(score)))
    (guarded,) = finish(compose(model, card, encoding, CONTINUED, known_runs=known))
    assert guarded.score == free.score


def test_a_study_asks_for_the_guard(model: MeloFormer, card: Card, score: Score) -> None:
    prompt = Passage(quantise(score), (0,) * 6)
    free = continuations(model, card, prompt, 20, [1])[0].score
    known = known_of(lines_of(free))
    (guarded,) = continuations(model, card, prompt, 20, [1], known_runs=known)
    assert long_runs(lines_of(free))
    assert not long_runs(lines_of(guarded.score)) & long_runs(lines_of(free))
