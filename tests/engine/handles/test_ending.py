"""A piece comes to an end, whatever the model thinks."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meloformer.engine.handles import (
    Handles,
    Keep,
    NotesAtOnce,
    PitchRange,
    RhythmGrid,
)
from meloformer.engine.request import ContinueRequest, PartRequest, Presence, RewriteRequest
from meloformer.engine.tasks import task_of
from meloformer.errors import ConfigError
from meloformer.score import TimeSignature
from meloformer.score.chords import CHORD_NAMES, chord_pitch_classes, parse_chords
from meloformer.score.grid import DURATION_TICKS, split_metre
from meloformer.score.part import Part
from meloformer.score.scales import Scale, scale_of_key
from meloformer.tokens import encode
from tests.engine.handles.drawing import written
from tests.engine.handles.music import BASS, DRUMS, LEFT, RIGHT, trio

SEEDS = st.integers(0, 2**32)
BAR = 36
few = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
endings = st.builds(
    Handles,
    ending=st.just(True),
    scale=st.none() | st.builds(Scale, st.just(0), st.sampled_from(["major", "dorian", "blues"])),
    grid=st.none() | st.sampled_from(RhythmGrid),
    at_once=st.sampled_from([(), (NotesAtOnce(LEFT, 1),)]),
)


def assert_ends(bars, tonic, chord):
    """Check the last two bars against what an ending is."""
    lowest = {}
    for part, line in bars[-1].items():
        assert line.onset.tolist() == [0] * len(line.onset)
        if part.is_drum:
            continue
        assert (DURATION_TICKS[line.duration_step] >= BAR).all()
        assert set((line.pitch % 12).tolist()) <= set(chord_pitch_classes(chord))
        lowest[part] = int(line.pitch.min())
    assert min(lowest.values()) % 12 == tonic
    assert_none_rings_into(bars, [BAR] * len(bars), len(bars) - 1)


def assert_none_rings_into(bars, bar_ticks, last):
    """Check that no pitched note before a bar is still held in it."""
    for number, bar in enumerate(bars[:last]):
        for part, line in bar.items():
            ends = line.onset + DURATION_TICKS[line.duration_step]
            assert part.is_drum or (ends <= sum(bar_ticks[number:last])).all()


@few
@given(endings, st.integers(1, 3), SEEDS)
def test_the_last_bar_is_one_chord_on_the_tonic_that_rings(card, handles, num_bars, seed):
    request = ContinueRequest(num_bars=num_bars, handles=handles)
    bars, chords = written(request, seed, card)
    scale = handles.scale or scale_of_key(trio())
    assert_ends(bars, scale.tonic, chords[-1])
    assert chord_pitch_classes(chords[-1])[0] == scale.tonic
    if num_bars > 1:
        assert chord_pitch_classes(chords[-2])[0] == (scale.tonic + 7) % 12


@few
@given(st.sampled_from(["Am F", "F", "Bb7 Eb"]), SEEDS)
def test_chords_that_are_asked_for_are_the_cadence(card, chords, seed):
    asked = parse_chords(chords)
    request = ContinueRequest(num_bars=2, chords=asked, handles=Handles(ending=True))
    bars, made = written(request, seed, card)
    assert made == (list(asked) * 2)[:2]
    assert_ends(bars, chord_pitch_classes(made[-1])[0], made[-1])


@few
@given(SEEDS)
def test_the_last_bars_of_a_piece_are_written_again_as_its_end(card, seed):
    request = RewriteRequest(first_bar=4, last_bar=6, handles=Handles(ending=True))
    bars, chords = written(request, seed, replace(card, infill=True))
    assert_ends(bars, chord_pitch_classes(chords[-1])[0], chords[-1])


@few
@given(SEEDS)
def test_new_parts_and_those_that_always_play_end_too(card, seed):
    parts = [(BASS, Presence.ALWAYS), (RIGHT, Presence.FREE), (Part(40), Presence.ALWAYS)]
    requests = tuple(PartRequest(part, presence) for part, presence in parts)
    request = ContinueRequest(num_bars=2, parts=requests, handles=Handles(ending=True))
    bars, chords = written(request, seed, card)
    assert {BASS, Part(40)} <= bars[-1].keys()
    assert_ends(bars, chord_pitch_classes(chords[-1])[0], chords[-1])


@few
@given(st.sampled_from([(12, 4), (13, 8), (23, 4)]), st.integers(1, 2), st.booleans(), SEEDS)
def test_a_long_last_bar_is_one_chord_held_over_all_of_it(card, metre, num_bars, again, seed):
    metres, end_tick = (TimeSignature(0, *metre),), 24 * 480 * metre[0]
    score = replace(trio(), time_signatures=metres, end_tick=end_tick)
    request = ContinueRequest(num_bars=num_bars, handles=Handles(ending=True))
    if again:
        request = RewriteRequest(first_bar=1, last_bar=1 + num_bars, handles=request.handles)
    task = task_of(encode(score), request)
    bars, chords = written(request, seed, replace(card, infill=True), score)
    last = int(task.stream_bars[-2])
    assert_ends([bars[last]], chord_pitch_classes(chords[-1])[0], chords[-1])
    ticks = 48 * metre[0] // metre[1]
    whole = min(ticks, int(DURATION_TICKS[-1]))
    for part, line in bars[last].items():
        assert part.is_drum or (DURATION_TICKS[line.duration_step] >= whole).all()
    assert not any(bars[last + 1 :])
    lengths = [48 * beats // unit for beats, unit in split_metre(*metre)] * num_bars
    assert_none_rings_into(bars, lengths, last)


def test_drums_alone_end_on_the_first_beat(card):
    request = ContinueRequest(num_bars=2, parts=(PartRequest(DRUMS),), handles=Handles(ending=True))
    for seed in range(5):
        bars, _ = written(request, seed, card)
        assert all(line.onset.max() == 0 for line in bars[-1].values())


def test_in_minor_the_dominant_is_major(card):
    minor = Handles(ending=True, scale=Scale(9, "harmonic minor"))
    _, chords = written(ContinueRequest(num_bars=2, handles=minor), 1, card)
    assert [CHORD_NAMES[chord] for chord in chords] == ["E7", "Am"]


@pytest.mark.parametrize(
    ("handles", "sentence"),
    [
        (
            {"ranges": (PitchRange(BASS, 37, 38),)},
            "ending and the range contradict",
        ),
        (
            {"ranges": (PitchRange(BASS, 50, 54),), "parts": (BASS,)},
            "ending and the ranges of",
        ),
    ],
)
def test_a_part_that_cannot_play_the_last_chord_gets_a_sentence(handles, sentence):
    parts = tuple(PartRequest(one, Presence.ALWAYS) for one in handles.pop("parts", (BASS, LEFT)))
    request = ContinueRequest(parts=parts, handles=Handles(ending=True, **handles))
    with pytest.raises(ConfigError, match=sentence):
        task_of(encode(trio()), request).plan()


def test_an_ending_keeps_no_rhythm():
    with pytest.raises(ConfigError, match="An ending and what is kept"):
        Handles(ending=True, keep=Keep.RHYTHM)
