import dataclasses

import numpy as np
import pytest

from meloformer.engine.composition import compose, continue_score, finish, prepare_prompt
from meloformer.engine.constraints import Constraint
from meloformer.engine.request import (
    ContinueRequest,
    PartRequest,
    Presence,
    SamplingConfig,
)
from meloformer.errors import ConfigError
from meloformer.score import Part, Track, bar_grid, note_array
from meloformer.score.chords import parse_chords
from meloformer.tokens import Kind, encode, vocabulary

WILD = SamplingConfig(temperature=1.0)


def continued(model, card, score, **request):
    """All candidates of one request."""
    request = ContinueRequest(**{"sampling": WILD} | request)
    return finish(compose(model, card, encode(score), request))


def test_exactly_the_bars_asked_for_come_out(model, card, score):
    for num_bars in (1, 5):
        (candidate,) = continued(model, card, score, num_bars=num_bars)
        assert len(candidate.chords) == candidate.num_bars
        assert candidate.score.end_tick == num_bars * 36
        assert bar_grid(candidate.score).num_bars == num_bars
        assert len(candidate.chords) == num_bars


def test_a_continuation_longer_than_the_context_goes_on(model, card, score):
    short = dataclasses.replace(card, context_tokens=96)
    (candidate,) = continued(model, short, score, num_bars=20)
    assert candidate.score.end_tick == 20 * 36


def test_the_same_seed_makes_the_same_notes_on_any_batch_size(model, card, score):
    four = continued(model, card, score, num_bars=3, num_candidates=4, seed=7)
    for candidate in four:
        (alone,) = continued(model, card, score, num_bars=3, seed=candidate.seed)
        assert alone.score == candidate.score
    assert len({candidate.score.tracks for candidate in four}) > 1


def test_the_same_seed_makes_the_same_notes_when_the_past_is_forgotten_on_the_way(
    model, card, score
):
    short = dataclasses.replace(card, context_tokens=160)
    for candidate in continued(model, short, score, num_bars=40, num_candidates=3):
        (alone,) = continued(model, short, score, num_bars=40, seed=candidate.seed)
        assert alone.score == candidate.score


def test_chords_and_what_follows_a_note_can_be_drawn_in_a_way_of_their_own(model, card, score):
    def made(**own):
        sampling = dataclasses.replace(WILD, **own)
        return continued(model, card, score, num_bars=2, num_candidates=4, sampling=sampling)

    def first_chords(candidates):
        return {candidate.chords[0] for candidate in candidates}

    likeliest = SamplingConfig(top_k=1)
    usual, sure_chords, sure_onsets = made(), made(chords=likeliest), made(onsets=likeliest)
    assert len(first_chords(sure_chords)) == 1 < len(first_chords(usual))
    assert first_chords(sure_onsets) == first_chords(usual)
    assert [one.score for one in sure_onsets] != [one.score for one in usual]
    assert [one.score for one in made(chords=WILD, onsets=WILD)] == [one.score for one in usual]


def test_forced_chords_appear_as_given(model, card, score):
    (candidate,) = continued(model, card, score, num_bars=5, chords=parse_chords("Am F C"))
    assert candidate.chords == ("Am", "F", "C", "Am", "F")


def test_parts_asked_for_play_in_every_bar_and_silent_ones_in_none(model, card, score):
    violin, piano = Part(40), Part(0)
    parts = (
        PartRequest(violin, Presence.ALWAYS),
        PartRequest(piano, Presence.SILENT),
        PartRequest(Part(33), Presence.FREE),
    )
    (candidate,) = continued(model, card, score, num_bars=4, parts=parts)
    assert set(candidate.parts) <= {violin, Part(33)}
    notes = candidate.score.tracks[candidate.parts.index(violin)].notes
    assert set(notes[:, 0] // 36) == {0, 1, 2, 3}


def test_tracks_go_on_where_they_came_from(model, card, score):
    parts = tuple(
        PartRequest(part, Presence.ALWAYS)
        for part in (Part(0), Part(0, 2), Part(33), Part(128), Part(73))
    )
    (candidate,) = continued(model, card, score, num_bars=1, parts=parts)
    by_part = dict(zip(candidate.parts, candidate.tracks_in(encode(score)), strict=True))
    expected = {Part(0): 0, Part(0, 2): 1, Part(33): 2, Part(128): 3, Part(73): None}
    assert by_part == expected


def test_parts_stay_within_reach_and_new_ones_where_they_are_at_home(model, card, score):
    who = (Part(33), Part(0), Part(128), Part(40))
    parts = tuple(PartRequest(part, Presence.ALWAYS) for part in who)
    (candidate,) = continued(model, card, score, num_bars=6, parts=parts)
    pitches = {
        part: set(track.notes[:, 2].tolist())
        for part, track in zip(candidate.parts, candidate.score.tracks, strict=True)
    }
    assert pitches[Part(33)] <= set(range(36 - 5, 36 + 6))
    assert pitches[Part(0)] <= set(range(48 - 5, 48 + 17 + 6))
    assert pitches[Part(128)] == {42}
    assert pitches[Part(40)] <= set(range(55, 97))


def test_no_part_plays_more_notes_at_once_than_it_has_before(model, card, score):
    chords = Track("", 48, False, note_array([(0, 480, 60 + n, 80) for n in range(3)]))
    who = (Part(0), Part(33), Part(48), Part(128))
    parts = tuple(PartRequest(part, Presence.ALWAYS) for part in who)
    piece = score.with_tracks((*score.tracks, chords))
    (candidate,) = continued(model, card, piece, num_bars=8, parts=parts)
    most = {
        part: np.unique(track.notes[:, 0], return_counts=True)[1].max()
        for part, track in zip(candidate.parts, candidate.score.tracks, strict=True)
    }
    assert most[Part(0)] == most[Part(33)] == most[Part(128)] == 1
    assert most[Part(48)] <= 3


def test_each_bar_is_reported_once_and_they_add_up(model, card, score):
    request = ContinueRequest(num_bars=3, num_candidates=2, sampling=WILD)
    steps = list(compose(model, card, encode(score), request))
    for index in (0, 1):
        own = [step for step in steps if step.candidate == index]
        assert [step.bar for step in own] == [1, 2, 3]
        assert [step.first_tick for step in own] == [0, 36, 72]
        assert sum(step.score.num_notes for step in own) == own[-1].so_far.score.num_notes
        for step in own:
            for track in step.score.tracks:
                starts = track.notes[:, 0]
                assert np.all((starts >= step.first_tick) & (starts < step.first_tick + 36))


def test_closing_early_keeps_the_finished_bars(model, card, score):
    steps = compose(model, card, encode(score), ContinueRequest(num_bars=8, sampling=WILD))
    next(steps)
    kept = next(steps).so_far
    steps.close()
    assert kept.score.end_tick == 72
    assert len(kept.chords) < kept.num_bars
    (whole,) = continued(model, card, score, num_bars=8)  # the model is as good as before
    assert whole.chords[:2] == kept.chords


def test_a_prompt_read_before_gives_the_same_music_and_can_be_used_again(model, card, score):
    request = ContinueRequest(num_bars=2, sampling=WILD)
    encoding = encode(score)
    prompt = prepare_prompt(model, card, encoding)
    runs = [
        finish(compose(model, card, encoding, request, prompt=given))[0].score
        for given in (None, prompt, prompt)
    ]
    assert runs[0] == runs[1] == runs[2]


def test_a_prompt_of_other_music_is_not_used(model, card, score):
    encoding, request = encode(score), ContinueRequest(num_bars=2, from_bar=3, sampling=WILD)
    of_the_whole = prepare_prompt(model, card, encoding)
    of_three_bars = prepare_prompt(model, card, encoding, request)
    assert len(of_three_bars.stream.ids) < len(of_the_whole.stream.ids)
    alone, *given = (
        finish(compose(model, card, encoding, request, prompt=prompt))[0].score
        for prompt in (None, of_the_whole, of_three_bars)
    )
    assert given == [alone, alone]


def test_a_score_is_continued_as_its_encoding_is(model, card, score):
    request = ContinueRequest(num_bars=2, sampling=WILD)
    (one,) = finish(continue_score(model, card, score, request))
    (other,) = finish(compose(model, card, encode(score), request))
    assert one.score == other.score


def test_the_seam_may_lie_inside_the_piece(model, card, score):
    (early,) = continued(model, card, score, num_bars=2, from_bar=3)
    assert early.score.end_tick == 72
    with pytest.raises(ConfigError, match="has 6 bars"):
        continued(model, card, score, num_bars=2, from_bar=7)


def test_a_last_bar_of_thousands_of_notes_is_refused(model, card, score):
    rows = [(17 * 480 + t // 128, 1, t % 128, 64) for t in range(0, 450 * 128, 9)]
    crowd = Track("Crowd", 0, False, note_array(rows))
    with pytest.raises(ConfigError, match="Bar 6 has more notes"):
        prepare_prompt(model, card, encode(score.with_tracks((*score.tracks, crowd))))


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ({"num_bars": 0}, "number of bars must be between 1 and 64"),
        ({"num_bars": 65}, "number of bars"),
        ({"num_candidates": 5}, "number of candidates"),
        ({"from_bar": 0}, "at least one bar"),
        ({"chords": (999,)}, "chord that does not exist"),
        ({"parts": (PartRequest(Part(0), Presence.SILENT),)}, "All parts are silent"),
    ],
)
def test_impossible_requests_are_refused_with_a_sentence(bad, sentence):
    with pytest.raises(ConfigError, match=sentence):
        ContinueRequest(**bad)


def test_impossible_sampling_is_refused():
    for bad in (
        {"temperature": 0.0},
        {"top_p": 0.0},
        {"min_p": 1.0},
        {"temperature": float("nan")},
    ):
        with pytest.raises(ConfigError):
            SamplingConfig(**bad)
    with pytest.raises(ConfigError):
        SamplingConfig.from_adventure(1.5)


class OnQuarters(Constraint):
    """Lets notes begin on quarters alone."""

    def mask(self, cursor, bar):
        onsets = vocabulary().span(Kind.ONSET)
        mask = np.ones(vocabulary().size, dtype=bool)
        mask[onsets] = vocabulary().value[onsets] % 12 == 0
        return mask


def test_a_constraint_of_the_request_holds_in_what_is_written(model, card, score):
    (candidate,) = continued(model, card, score, num_bars=2, constraints=(OnQuarters(),))
    starts = np.concatenate([track.notes[:, 0] for track in candidate.score.tracks])
    assert len(starts)
    assert not (starts % 12).any()
