from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from meloformer.midi.early_notes import early_notes
from meloformer.midi.read import read_file
from meloformer.midi.replace import replace_notes
from meloformer.score import bar_grid, read_midi, write_midi
from meloformer.score.grid import place
from meloformer.score.score import DURATION, PITCH, START
from meloformer.tokens import Kind, Part, annotate, crop, decode, encode, vocabulary
from tests.midi.hostile import END, container, control, off, on, program, track
from tests.midi.test_join import BAND, messages, music, part, sounding
from tests.strategies import scores

EXAMPLES = sorted(Path("assets/examples").glob("*.mid"))
BEND_UP = bytes([0xE0, 0, 0x60])


def replaced(data, *tracks, first_bar=1, last_bar=2, again=(0,), track_of=(0,)):
    return replace_notes(
        read_file(data),
        music(*tracks),
        first_bar=first_bar,
        last_bar=last_bar,
        again=again,
        track_of=track_of,
    )


def of_range(score, first_bar, last_bar, again):
    """Which notes of each track give way."""
    first, last = bar_grid(score).starts[[first_bar, last_bar]].tolist()
    return [
        behind(score, own, first) & ~behind(score, own, last) & (index in again)
        for index, own in enumerate(score.tracks)
    ]


def behind(score, own, line):
    """Which notes of a track belong behind a bar line, those that begin a little early included."""
    start, length = own.notes[:, START], own.notes[:, DURATION]
    near = own.is_drum | (2 * (start + length - line) > length)
    return start >= line - score.ticks_per_quarter / 12 * np.where(near, 1, 0.5)


def of_bars(score, first_bar, last_bar):
    """Which notes of each track of a score on the grid are in some bars, or right before them."""
    grid = bar_grid(score)
    chosen = []
    for own in score.tracks:
        bar, _ = place(score, grid, own.notes[:, START])
        inside = (bar >= first_bar) & (bar < last_bar)
        chosen.append(inside | np.isin(own.notes[:, START], grid.starts[[first_bar, last_bar]] - 1))
    return chosen


def clock(data):
    """Every change of tempo and metre, as mido reads them."""
    of_time = ("set_tempo", "time_signature")
    return [(tick, str(m)) for own in messages(data) for tick, m in own if m.type in of_time]


@st.composite
def requests(draw):
    """A file, a range of its bars, some of its tracks."""
    data = write_midi(draw(scores()))
    score = read_midi(data)
    num_bars = bar_grid(score).num_bars
    first = draw(st.integers(0, num_bars - 1))
    last = draw(st.integers(first + 1, min(first + 16, num_bars)))
    again = draw(st.sets(st.integers(0, len(score.tracks) - 1), min_size=1))
    return data, score, first, last, sorted(again)


@given(requests())
def test_with_nothing_new_all_other_notes_stay(request):
    data, score, first, last, again = request
    empty = music()
    made = replace_notes(
        read_file(data),
        empty,
        first_bar=first,
        last_bar=last,
        again=again,
        track_of=(),
    )
    gone = of_range(score, first, last, again)
    assume(not all(own.all() for own in gone))
    kept = score.with_tracks(
        tuple(
            own
            if not away.any()
            else type(own)(own.name, own.program, own.is_drum, own.notes[~away])
            for own, away in zip(score.tracks, gone, strict=True)
        )
    )
    sounds = sounding(read_midi(made))
    assert not sounding(kept) - sounds
    assert clock(made) == clock(data)
    line = bar_grid(score).starts[last]
    rang_on = {
        (row[START] + row[DURATION], row[PITCH])
        for own, away in zip(score.tracks, gone, strict=True)
        for row in own.notes[away].tolist()
    }
    for _, start, duration, pitch, _ in sounds - sounding(kept):  # tails of what rang on
        assert start == line
        assert any(pitch == of and end >= start + duration for end, of in rang_on)


@given(requests())
def test_writing_the_same_bars_again_changes_no_onset_and_no_pitch(request):
    data, score, first, last, again = request
    encoding = encode(score)
    own = encoding.part_of_track
    assume(len(set(own)) == len(own))
    grid = bar_grid(score)  # where bars are cut short, other notes may mean other metres
    assume(np.array_equal(np.diff(grid.starts) * 12, grid.bar_ticks * score.ticks_per_quarter))
    # Nor may a metre wait behind the end, which longer notes would bring in.
    assume(score.time_signatures[-1].tick <= score.end_tick)
    # What is played a little early belongs behind the bar line, though its tokens stand before it.
    file = read_file(data)
    assume(not any(early_notes(file, line).any() for line in grid.starts[[first, last]]))
    cut = crop(encoding.ids, first, last)
    numbers = set(annotate(cut).part[vocabulary().kind[cut] == Kind.ONSET].tolist())
    parts = sorted((Part.from_number(number) for number in numbers), key=_rank)
    bars = decode(cut)
    chosen = [index for index, of in enumerate(parts) if own.index(of) in again]
    made = replace_notes(
        file,
        bars.with_tracks(tuple(bars.tracks[index] for index in chosen)),
        first_bar=first,
        last_bar=last,
        again=again,
        track_of=[own.index(parts[index]) for index in chosen],
    )
    before, after = decode(encoding.ids), decode(encode(read_midi(made)).ids)
    away = of_bars(before, first, last)
    for old, new, gone in zip(before.tracks, after.tracks, away, strict=True):
        outside = old.notes[~gone].tolist()
        assert {tuple(row) for row in new.notes.tolist()} >= {tuple(row) for row in outside}
        starts = {(row[START], row[PITCH]) for row in new.notes.tolist()}
        for row in old.notes[gone].tolist():
            held = any(
                one[PITCH] == row[PITCH] and one[START] <= row[START] < one[START] + one[DURATION]
                for one in outside
            )
            assert held or (row[START], row[PITCH]) in starts


def _rank(part):
    return part.rank


def test_only_the_messages_of_the_notes_change():
    data = container(
        track((0, program(73)), (0, control(7, 90)), *_tune(0, 60, 62, 64), END),
        track(*_tune(1, 40, 41, 42), END),
    )
    made = replaced(data, part((0, 24, 70, 99), program=73))
    assert messages(made)[1] == messages(data)[1]
    assert [(tick, str(m)) for tick, m in messages(made)[0]] == [
        (0, "program_change channel=0 program=73 time=0"),
        (0, "control_change channel=0 control=7 value=90 time=0"),
        (0, "note_on channel=0 note=60 velocity=80 time=0"),
        (384, "note_off channel=0 note=60 velocity=0 time=0"),
        (384, "note_on channel=0 note=70 velocity=99 time=0"),
        (576, "note_off channel=0 note=70 velocity=0 time=0"),
        (768, "note_on channel=0 note=64 velocity=80 time=0"),
        (1152, "note_off channel=0 note=64 velocity=0 time=0"),
        (1152, "MetaMessage('end_of_track', time=0)"),
    ]


def _tune(channel, *pitches):
    return [
        event
        for pitch in pitches
        for event in ((0, on(pitch, 80, channel)), (384, off(pitch, channel)))
    ]


def test_a_note_that_sounds_into_the_range_stays_and_holds_its_key():
    data = container(track((0, on(60)), (480, off(60)), (288, on(62)), (384, off(62)), END))
    made = replaced(data, part((0, 4, 60, 70), (12, 4, 60, 70), (44, 12, 64, 70)))
    assert sounding(read_midi(made)) == sounding(read_midi(data)) + sounding(
        read_midi(
            container(
                track((480, on(60, 70)), (32, off(60)), (224, on(64, 70)), (32, off(64)), END)
            )
        )
    )


def test_bends_give_way_with_their_notes_and_come_back_after_them():
    bar = [(0, BEND_UP), *_tune(0, 60)]
    data = container(track(*bar, (0, bytes([0xE0, 0, 0x20])), *_tune(0, 62), *_tune(0, 64), END))
    made = replaced(data, part((0, 48, 65, 70)))
    bends = [(t, m.pitch) for t, m in messages(made)[0] if m.type == "pitchwheel"]
    assert bends == [(0, 4096), (384, 0), (768, -4096)]


def test_bends_stay_where_another_part_of_the_channel_plays():
    data = container(
        track((0, BEND_UP), *_tune(0, 60, 62, 64), END),
        track(*_tune(0, 40, 41, 42), END),
    )
    made = replaced(data, part((0, 48, 65, 70)))
    assert [(t, m.pitch) for t, m in messages(made)[0] if m.type == "pitchwheel"] == [(0, 4096)]


def test_a_new_part_gets_a_track_and_channel_of_its_own():
    made = replaced(
        BAND,
        part((0, 24, 40, 70), program=33, name="Bass"),
        first_bar=0,
        last_bar=1,
        again=(),
        track_of=(None,),
    )
    own = messages(made)
    assert own[:3] == messages(BAND)
    assert [(tick, str(m)) for tick, m in own[3]] == [
        (0, "MetaMessage('track_name', name='Bass', time=0)"),
        (0, "program_change channel=0 program=33 time=0"),
        (0, "note_on channel=0 note=40 velocity=70 time=0"),
        (192, "note_off channel=0 note=40 velocity=0 time=0"),
        (192, "MetaMessage('end_of_track', time=0)"),
    ]


def test_a_part_whose_channel_has_another_program_by_then_moves_out():
    data = container(track((0, program(5)), *_tune(0, 60), (0, program(9)), *_tune(0, 62, 64), END))
    score = read_midi(data)
    first = [own.program for own in score.tracks].index(5)
    made = replaced(data, part((0, 48, 65, 70), program=5), again=(), track_of=(first,))
    assert sounding(read_midi(made)) == sounding(score) + Counter([(5, 384, 384, 65, 70)])


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_in_the_examples_all_else_stays(path):
    data = path.read_bytes()
    score = read_midi(data)
    written = decode(crop(encode(score).ids, 2, 4))
    drums = [own for own in written.tracks if own.is_drum] or [written.tracks[0]]
    of = next(i for i, own in enumerate(score.tracks) if own.is_drum == drums[0].is_drum)
    made = replace_notes(
        read_file(data),
        written.with_tracks(tuple(drums)),
        first_bar=2,
        last_bar=4,
        again=[of],
        track_of=[of],
    )
    after = read_midi(made)
    away = of_range(score, 2, 4, [of])[of]
    for index, (old, new) in enumerate(zip(score.tracks, after.tracks, strict=True)):
        if index != of:
            assert np.array_equal(old.notes, new.notes)
        else:
            kept = of_range(after, 2, 4, [of])[of]
            assert np.array_equal(old.notes[~away], new.notes[~kept])
