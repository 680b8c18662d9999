"""Nothing outside what a handle allows is ever written, whatever the model thinks."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meloformer.engine.handles import (
    Density,
    Handles,
    Keep,
    Lock,
    LockedLine,
    NotesAtOnce,
    PitchRange,
    RhythmGrid,
    VelocityRange,
)
from meloformer.engine.request import ContinueRequest, PartRequest, Presence, RewriteRequest
from meloformer.errors import ConfigError
from meloformer.score import Track, note_array
from meloformer.score.grid import DURATION_TICKS
from meloformer.score.scales import MODES, Scale
from meloformer.tokens import encode
from meloformer.tokens.note_lines import part_lines
from tests.engine.handles.drawing import written
from tests.engine.handles.music import BASS, DRUMS, LEFT, ORGAN, RIGHT, held, trio

SEEDS = st.integers(0, 2**32)
PARTS = (DRUMS, BASS, LEFT, RIGHT)
few = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)


def continued(handles, num_bars=2):
    return ContinueRequest(num_bars=num_bars, handles=handles)


def again(handles, parts=PARTS):
    requests = tuple(PartRequest(part, Presence.FREE) for part in parts)
    return RewriteRequest(first_bar=2, last_bar=4, parts=requests, handles=handles)


tasks = st.sampled_from([continued, again])
scales = st.builds(Scale, st.integers(0, 11), st.sampled_from(sorted(MODES)))


@few
@given(tasks, scales, SEEDS)
def test_notes_and_chords_keep_to_the_scale(infilling_card, make, scale, seed):
    bars, chords = written(make(Handles(scale=scale)), seed, infilling_card)
    for bar in bars:
        for part, line in bar.items():
            assert part.is_drum or set((line.pitch % 12).tolist()) <= scale.pitch_classes
    assert chords


@few
@given(tasks, st.integers(0, 100), st.integers(0, 27), SEEDS)
def test_a_part_keeps_within_its_range(infilling_card, make, lowest, width, seed):
    ranged = PitchRange(BASS, lowest, lowest + width)
    bars, _ = written(make(Handles(ranges=(ranged,))), seed, infilling_card)
    for bar in bars:
        if BASS in bar:
            assert bar[BASS].pitch.min() >= lowest
            assert bar[BASS].pitch.max() <= lowest + width


@few
@given(tasks, st.integers(1, 4), SEEDS)
def test_no_more_notes_begin_at_once_than_are_asked_for(infilling_card, make, most, seed):
    handles = Handles(at_once=(NotesAtOnce(LEFT, most), NotesAtOnce(RIGHT, most)))
    bars, _ = written(make(handles), seed, infilling_card)
    for bar in bars:
        for part in {LEFT, RIGHT} & bar.keys():
            assert np.unique(bar[part].onset, return_counts=True)[1].max() <= most


@few
@given(tasks, st.integers(1, 120), st.integers(4, 60), SEEDS)
def test_velocities_are_within_their_range(infilling_card, make, softest, width, seed):
    velocity = VelocityRange(softest, min(softest + width, 127))
    bars, _ = written(make(Handles(velocity=velocity)), seed, infilling_card)
    for bar in bars:
        for line in bar.values():
            sounding = line.velocity_bin * 4 + 2
            assert sounding.min() >= softest
            assert sounding.max() <= softest + width


@few
@given(tasks, st.sampled_from(RhythmGrid), SEEDS)
def test_notes_begin_on_the_rhythm_grid(infilling_card, make, grid, seed):
    bars, _ = written(make(Handles(grid=grid)), seed, infilling_card)
    for bar in bars:
        for line in bar.values():
            assert np.isin(line.onset % 12, grid.ticks).all()


@few
@given(st.sets(st.sampled_from(PARTS), min_size=1), SEEDS)
def test_a_kept_rhythm_has_the_same_onsets_and_lengths(infilling_card, parts, seed):
    bars, _ = written(again(Handles(keep=Keep.RHYTHM), sorted(parts)), seed, infilling_card)
    for bar, before in zip(bars, original(parts), strict=True):
        assert bar.keys() == before.keys()
        for part, line in bar.items():
            assert line.onset.tolist() == before[part].onset.tolist()
            assert line.duration_step.tolist() == before[part].duration_step.tolist()


@few
@given(SEEDS)
def test_in_a_kept_rhythm_no_pitch_is_struck_while_it_sounds(infilling_card, seed):
    handles = Handles(keep=Keep.RHYTHM)
    request = RewriteRequest(
        first_bar=2, last_bar=4, parts=(PartRequest(ORGAN, Presence.FREE),), handles=handles
    )
    bars, _ = written(request, seed, infilling_card, held())
    before = part_lines(encode(held()).ids, 0, 5)
    notes = []
    for number, bar in enumerate([*before[:2], *bars, before[4]]):
        line = bar[ORGAN]
        starts = line.onset + 48 * number
        notes += zip(starts, starts + DURATION_TICKS[line.duration_step], line.pitch, strict=True)
    sounding = {}
    for start, end, pitch in sorted(notes):
        assert sounding.get(pitch, 0) <= start
        sounding[pitch] = end


@few
@given(st.sets(st.sampled_from(PARTS), min_size=1), st.none() | st.sampled_from(RhythmGrid), SEEDS)
def test_kept_notes_are_the_same_one_after_the_other(infilling_card, parts, grid, seed):
    handles = Handles(keep=Keep.NOTES, grid=grid)
    try:
        bars, _ = written(again(handles, sorted(parts)), seed, infilling_card)
    except ConfigError as error:
        if "contradict each other" not in str(error):
            raise
        return
    for bar, before in zip(bars, original(parts), strict=True):
        assert bar.keys() == before.keys()
        for part, line in bar.items():
            assert line.pitch.tolist() == before[part].pitch.tolist()
            assert chord_sizes(line) == chord_sizes(before[part])


@few
@given(SEEDS)
def test_kept_notes_begin_on_no_pitch_that_rings_in(infilling_card, seed):
    notes = [
        (start + tick, ticks, pitch, 80)
        for start in range(0, 5 * 1920, 1920)
        for tick, ticks, pitch in ((480, 480, 60), (960, 240, 64), (1440, 960, 60))
    ]
    tied = held().with_tracks((Track("Organ", 19, False, note_array(notes)),))
    request = RewriteRequest(
        first_bar=2,
        last_bar=4,
        parts=(PartRequest(ORGAN, Presence.FREE),),
        handles=Handles(keep=Keep.NOTES),
    )
    bars, _ = written(request, seed, infilling_card, tied)
    assert bars[0][ORGAN].pitch.tolist() == [60, 64, 60]
    assert bars[0][ORGAN].onset[0] >= 12  # the quarter that is tied over the bar line


@few
@given(
    st.sets(st.sampled_from(LockedLine), min_size=1),
    st.booleans(),
    st.sampled_from([None, 1, 2, 5]),
    SEEDS,
)
def test_locked_lines_stay_note_by_note(infilling_card, lines, has_scale, most, seed):
    handles = Handles(
        locks=tuple(Lock(LEFT, line) for line in sorted(lines)),
        scale=Scale(0, "major") if has_scale else None,
        at_once=(NotesAtOnce(LEFT, most),) if most else (),
    )
    try:
        bars, _ = written(again(handles, (LEFT, BASS)), seed, infilling_card)
    except ConfigError as error:
        if "contradict each other" not in str(error):
            raise
        return
    for bar, before in zip(bars, original([LEFT]), strict=True):
        if LEFT not in before:
            continue
        for line in lines:
            assert set(rows(outer(before[LEFT], line))) <= set(rows(bar[LEFT]))


@few
@given(st.floats(0.1, 8.0), SEEDS)
def test_a_density_never_leaves_nothing_to_choose(infilling_card, times, seed):
    handles = Handles(densities=tuple(Density(part, times) for part in PARTS))
    assert written(continued(handles), seed, infilling_card)


def original(parts):
    bars = part_lines(encode(trio()).ids, 2, 4)
    return [{part: line for part, line in bar.items() if part in parts} for bar in bars]


def chord_sizes(line):
    return np.unique(line.onset, return_counts=True)[1].tolist()


def rows(line):
    columns = (line.onset, line.pitch, line.duration_step, line.velocity_bin)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def outer(line, which):
    if which is LockedLine.TOP:
        return line[np.diff(line.onset, append=10**6) > 0]
    return line[np.diff(line.onset, prepend=-1) > 0]
