import dataclasses

import numpy as np
import pytest

from meloformer.engine.composition import compose, finish
from meloformer.engine.request import (
    ContinueRequest,
    PartRequest,
    Presence,
    RewriteRequest,
    SamplingConfig,
    parse_bars,
)
from meloformer.engine.stream import Stream, inputs_of
from meloformer.engine.tasks import Rewriting
from meloformer.errors import ConfigError
from meloformer.score import Part, bar_grid
from meloformer.score.chords import CHORD_NAMES, NO_CHORD, parse_chords
from meloformer.tokens import Kind, encode, vocabulary

WILD = SamplingConfig(temperature=1.0)
PIANOS = (Part(0), Part(0, 2))
BASS = Part(33)
FREE_BASS = (PartRequest(BASS),)


@pytest.fixture
def filler(card):
    return dataclasses.replace(card, infill=True)


@pytest.fixture(scope="module")
def encoding(score):
    return encode(score)


def rewrite(model, card, encoding, first=2, last=4, **request):
    asked = RewriteRequest(first_bar=first, last_bar=last, sampling=WILD, **request)
    return finish(compose(model, card, encoding, asked))


def opened(encoding, request, context_tokens):
    return Rewriting(encoding, request).opened(context_tokens)


def test_exactly_the_bars_asked_for_are_written(model, filler, encoding):
    for first, last in ((0, 1), (2, 5), (4, 6)):
        (candidate,) = rewrite(model, filler, encoding, first, last)
        assert len(candidate.chords) == candidate.num_bars
        assert candidate.score.end_tick == (last - first) * 36
        assert bar_grid(candidate.score).num_bars == last - first


def test_the_same_seed_makes_the_same_notes_on_any_batch_size(model, filler, encoding):
    four = rewrite(model, filler, encoding, num_candidates=4, seed=3)
    for candidate in four:
        (alone,) = rewrite(model, filler, encoding, seed=candidate.seed)
        assert alone.score == candidate.score
    assert len({candidate.score.tracks for candidate in four}) > 1


def test_the_cache_filled_again_on_the_way_changes_nothing(model, filler, encoding):
    short = dataclasses.replace(filler, context_tokens=8)
    window = opened(encoding, RewriteRequest(first_bar=2, last_bar=4), 8)
    room = dataclasses.replace(filler, context_tokens=4 * len(window))
    # Both read a bar on each side; only one has room for what is written.
    assert np.array_equal(window, opened(encoding, RewriteRequest(first_bar=2, last_bar=4), 1))
    (often,) = rewrite(model, short, encoding, 2, 4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rewriting, "opened", lambda *_: window)
        (once,) = rewrite(model, room, encoding, 2, 4)
    assert often.score == once.score


def test_the_model_reads_what_the_plain_path_reads(encoding):
    window = opened(encoding, RewriteRequest(first_bar=2, last_bar=4), 4096)
    stream = Stream(window)
    columns = stream.columns(16)  # however little room there is
    inputs = inputs_of(window)
    for column, field in zip(columns, inputs[:6], strict=True):
        assert np.array_equal(column, field[0].numpy())


def test_parts_that_are_not_named_write_nothing(model, filler, encoding):
    (candidate,) = rewrite(model, filler, encoding, parts=FREE_BASS)
    assert set(candidate.parts) <= {BASS}
    (candidate,) = rewrite(
        model, filler, encoding, parts=(PartRequest(Part(40), Presence.ALWAYS), *FREE_BASS)
    )
    notes = candidate.score.tracks[candidate.parts.index(Part(40))].notes
    assert set(notes[:, 0] // 36) == {0, 1}


def test_chords_stay_where_a_pitched_part_stays(model, filler, encoding):
    (asked,) = rewrite(model, filler, encoding, parts=FREE_BASS, chords=parse_chords("Am F"))
    assert asked.chords == ("Am", "F")
    vocab = vocabulary()
    own = vocab.value[encoding.ids[vocab.kind[encoding.ids] == Kind.CHORD]][2:4]
    for version in rewrite(model, filler, encoding, parts=FREE_BASS, num_candidates=4):
        # A bar without a chord is left to the model.
        stays = zip(own, version.chords, strict=True)
        assert all(chord in (NO_CHORD, CHORD_NAMES.index(name)) for chord, name in stays)
    drums_stay = tuple(PartRequest(part) for part in (*PIANOS, BASS))
    versions = rewrite(model, filler, encoding, parts=drums_stay, num_candidates=4)
    assert len({candidate.chords for candidate in versions}) == 4


def test_all_that_fits_the_context_is_read_on_both_sides(encoding):
    request = RewriteRequest(first_bar=2, last_bar=3)
    small, whole = (opened(encoding, request, room) for room in (1, 10_000))
    assert len(small) < len(whole)
    assert (whole == encoding.ids[0]).sum() == 1
    bars = [(ids == encoding.ids[-2]).sum() for ids in (small, whole)]  # SUM
    assert bars == [3, 6]


def test_requests_that_cannot_be_met_are_refused(model, card, filler, encoding):
    with pytest.raises(ConfigError, match="has not learned"):
        rewrite(model, card, encoding)
    with pytest.raises(ConfigError, match="has bars 1 to 6, but no bars 6 to 7"):
        rewrite(model, filler, encoding, 5, 7)
    with pytest.raises(ConfigError, match="Nothing of the piece"):
        rewrite(model, filler, encoding, 0, 6)
    with pytest.raises(ConfigError, match="At most 16 bars"):
        RewriteRequest(first_bar=0, last_bar=17)
    for first, last in ((3, 3), (-1, 2), (4, 2)):
        with pytest.raises(ConfigError, match="counted from 1"):
            RewriteRequest(first_bar=first, last_bar=last)
    for asked in (RewriteRequest, ContinueRequest):
        bars = {"first_bar": 1, "last_bar": 2} if asked is RewriteRequest else {}
        with pytest.raises(ConfigError, match="silent"):
            asked(parts=(PartRequest(BASS, Presence.SILENT),), **bars)


def test_bars_are_read_as_musicians_write_them():
    assert parse_bars("9-12") == (8, 12)
    assert parse_bars(" 9 – 12 ") == (8, 12)
    assert parse_bars("7") == (6, 7)
    with pytest.raises(ConfigError, match="5-3 are turned round") as caught:
        parse_bars("5-3")
    assert caught.value.hint == "Write 3-5."
    for text in ("", "9-", "-3", "a-b", "1-2-3", "1" * 9):
        with pytest.raises(ConfigError, match="no range of bars"):
            parse_bars(text)
