from dataclasses import replace

import pytest

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
from meloformer.engine.request import ContinueRequest, PartRequest, RewriteRequest
from meloformer.engine.tasks import task_of
from meloformer.errors import ConfigError
from meloformer.score.chords import parse_chords
from meloformer.score.part import Part
from meloformer.score.scales import Scale
from meloformer.tokens import encode
from tests.engine.handles.music import BASS, DRUMS, LEFT, RIGHT, trio

TOP = Lock(LEFT, LockedLine.TOP)


def plan(request):
    return task_of(encode(trio()), request).plan()


def again(handles, parts=(LEFT,)):
    requests = tuple(PartRequest(part) for part in parts)
    return RewriteRequest(first_bar=2, last_bar=4, parts=requests, handles=handles)


def continued(handles, parts=(LEFT,)):
    return ContinueRequest(parts=tuple(PartRequest(part) for part in parts), handles=handles)


@pytest.mark.parametrize(
    ("handles", "sentence"),
    [
        (Handles(keep=Keep.RHYTHM, grid=RhythmGrid.SWING), "rhythm grid and the kept rhythm"),
        (Handles(keep=Keep.NOTES, grid=RhythmGrid.QUARTERS), "rhythm grid and the kept notes"),
        (Handles(keep=Keep.NOTES, scale=Scale(1, "major")), "scale Db major and the kept notes"),
        (Handles(keep=Keep.NOTES, ranges=(PitchRange(RIGHT, 20, 30),)), "range and the kept notes"),
    ],
)
def test_what_is_kept_of_a_melody_in_eighths(handles, sentence):
    with pytest.raises(ConfigError, match=sentence):
        plan(again(handles, (RIGHT,)))


@pytest.mark.parametrize(
    ("handles", "sentence"),
    [
        (Handles(locks=(TOP,), scale=Scale(1, "major")), "scale Db major and the locked notes"),
        (Handles(locks=(TOP,), ranges=(PitchRange(LEFT, 20, 30),)), "range and the locked notes"),
        (Handles(locks=(TOP,), velocity=VelocityRange(100, 127)), "velocities and the locked"),
        (Handles(keep=Keep.RHYTHM, at_once=(NotesAtOnce(LEFT, 1),)), "most notes at once and the"),
        (Handles(ranges=(PitchRange(LEFT, 61, 61),), scale=Scale(0, "major")), "range and the sca"),
    ],
)
def test_locked_notes_and_chords(handles, sentence):
    with pytest.raises(ConfigError, match=sentence):
        plan(again(handles))


def test_the_sentence_of_two_locked_lines_and_one_note_at_once():
    locks = (TOP, replace(TOP, line=LockedLine.BOTTOM))
    handles = Handles(locks=locks, at_once=(NotesAtOnce(LEFT, 1),))
    with pytest.raises(ConfigError, match="most notes at once and the locked notes"):
        plan(again(handles))


def test_chords_outside_the_scale_are_refused():
    request = ContinueRequest(chords=parse_chords("C E7"), handles=Handles(scale=Scale(0, "major")))
    with pytest.raises(ConfigError, match="The scale and the chords contradict each other: E7"):
        plan(request)


def test_a_part_that_does_not_play_has_no_handles():
    handles = Handles(ranges=(PitchRange(Part(40), 60, 70),))
    with pytest.raises(ConfigError, match="Nobody plays Violin in the new bars"):
        plan(ContinueRequest(handles=handles))


def test_a_continuation_keeps_nothing():
    for handles in (Handles(keep=Keep.NOTES), Handles(locks=(TOP,))):
        with pytest.raises(ConfigError, match="a continuation has none"):
            ContinueRequest(handles=handles)


@pytest.mark.parametrize("make", [again, continued])
@pytest.mark.parametrize(
    ("handles", "sentence"),
    [
        ({"grid": RhythmGrid.QUARTERS}, "density and the rhythm grid"),
        ({"at_once": (NotesAtOnce(RIGHT, 1),), "grid": RhythmGrid.SWING}, "12 notes a bar, .* 6"),
    ],
)
def test_a_density_that_the_rhythm_grid_has_no_room_for(make, handles, sentence):
    plan(make(Handles(densities=(Density(RIGHT, 0.4),), **handles), (RIGHT,)))
    with pytest.raises(ConfigError, match=sentence):
        plan(make(Handles(densities=(Density(RIGHT, 2.0),), **handles), (RIGHT,)))


def test_a_rhythm_that_is_not_there_cannot_be_kept():
    request = replace(again(Handles(keep=Keep.RHYTHM), (BASS,)), first_bar=3, last_bar=4)
    with pytest.raises(ConfigError, match="nothing to keep"):
        plan(request)


def test_drums_have_a_rhythm_and_no_scale():
    assert plan(again(Handles(keep=Keep.RHYTHM, scale=Scale(1, "major")), (DRUMS,)))
