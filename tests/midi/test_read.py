import io
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import mido
import numpy as np
import pytest
import symusic
from hypothesis import assume, given

from meloformer.midi.messages import trim_unisons
from meloformer.midi.read import read_file
from meloformer.score import Score, Tempo, TimeSignature, Track, note_array, read_midi, write_midi
from meloformer.score.score import DURATION, START
from tests.midi.hostile import (
    END,
    NOTE,
    TUNE,
    container,
    meta,
    off,
    on,
    program,
    track,
)
from tests.strategies import scores

EXAMPLES = sorted(Path("assets/examples").glob("*.mid"))


def test_a_file_is_read():
    data = container(
        track((0, meta(0x51, b"\x09\x27\xc0")), (0, meta(0x58, b"\x03\x02\x18\x08")), END),
        track((0, meta(3, b"Flute")), (0, program(73)), (48, on(60, 90)), (24, off(60)), END),
        track((0, on(36, 100, 9)), (12, off(36, 9)), END),
    )
    assert read_midi(data) == Score(
        ticks_per_quarter=96,
        tracks=(
            Track("Flute", 73, False, note_array([(48, 24, 60, 90)])),
            Track("", 0, True, note_array([(0, 12, 36, 100)])),
        ),
        tempos=(Tempo(0, 100.0),),
        time_signatures=(TimeSignature(0, 3, 4),),
        end_tick=72,
    )


# What is written comes back.


@given(scores())
def test_a_score_reads_back_as_far_as_a_file_can_hold_it(score):
    assert read_back(score) == as_a_file_holds(score)


@given(scores())
def test_what_a_file_holds_of_a_score_reads_back_equal(score):
    held = as_a_file_holds(score)
    assume(is_holdable(held))  # a metre moved onto a bar line may bring another near one
    assert read_back(held) == held


def read_back(score: Score) -> Score:
    """What is read of a file of the score, but for silent bars at its end."""
    file = read_file(write_midi(replace(score, end_tick=0)), pickup_ticks=0)
    return replace(file.score, end_tick=int(file.notes.end.max()))


def is_holdable(score: Score) -> bool:
    """Whether a file can hold all of it."""
    return score == as_a_file_holds(score)


def as_a_file_holds(score: Score) -> Score:
    """Whole microseconds a quarter, one note a key, changes that change something, no tail."""
    tracks = tuple(Track(t.name, t.program, t.is_drum, trim_unisons(t.notes)) for t in score.tracks)
    end_tick = max(int((t.notes[:, START] + t.notes[:, DURATION]).max()) for t in tracks)
    tempos = [Tempo(t.tick, 60_000_000 / round(60_000_000 / t.qpm)) for t in score.tempos]
    return Score(
        ticks_per_quarter=score.ticks_per_quarter,
        tracks=tracks,
        tempos=tuple(
            new for old, new in pairwise([None, *tempos]) if old is None or old.qpm != new.qpm
        ),
        time_signatures=_held_metres(score, end_tick),
        end_tick=end_tick,
    )


def _on_bar_lines(score: Score) -> list[TimeSignature]:
    """Metres a thirty-second beside a bar line, or less, are on it; the last there counts."""
    moved = {0: TimeSignature(0, 4, 4)}
    for metre in score.time_signatures:
        last = list(moved.values())[-1]
        bar = max(1, round(4 * last.numerator / last.denominator * score.ticks_per_quarter))
        line = last.tick + round((metre.tick - last.tick) / bar) * bar
        is_near = abs(metre.tick - line) <= min(score.ticks_per_quarter // 8, bar // 4)
        tick = line if is_near else metre.tick
        moved[tick] = replace(metre, tick=tick)
    return list(moved.values())


def _held_metres(score: Score, end_tick: int) -> tuple[TimeSignature, ...]:
    metres = _on_bar_lines(score)
    ends = [*(metre.tick for metre in metres[1:]), end_tick]
    covered: dict[tuple[int, int], int] = {}
    for metre, end in zip(metres, ends, strict=True):
        key = metre.numerator, metre.denominator
        covered[key] = covered.get(key, 0) + max(0, min(end, end_tick) - metre.tick)
    main = max(covered, key=lambda key: covered[key])
    if 4 * main[0] < main[1]:
        metres = [
            TimeSignature(m.tick, 4, 4) if 4 * m.numerator < m.denominator else m for m in metres
        ]
    held: list[TimeSignature] = []
    for metre in metres:
        old = held[-1] if held else None
        if old and (old.numerator, old.denominator) == (metre.numerator, metre.denominator):
            bars = (metre.tick - old.tick) / (
                4 * score.ticks_per_quarter * metre.numerator / metre.denominator
            )
            if bars == int(bars):
                continue
        held.append(metre)
    return tuple(held)


def test_the_end_of_the_file_is_the_end_of_the_score():
    score = Score(
        480,
        (Track("", 0, False, note_array([(0, 480, 60, 80)])),),
        (Tempo(0, 120.0),),
        (TimeSignature(0, 4, 4),),
        end_tick=1920,
    )
    file = mido.MidiFile(file=io.BytesIO(write_midi(score)))
    assert [sum(message.time for message in messages) for messages in file.tracks] == [1920, 1920]


def test_pitched_tracks_keep_off_the_drum_channel():
    notes = note_array([(0, 12, 60, 80)])
    tracks = [Track(str(p), p, False, notes) for p in range(17)]
    score = Score(
        12,
        (*tracks, Track("again", 3, False, notes), Track("", 0, True, notes)),
        (Tempo(0, 120.0),),
        (TimeSignature(0, 4, 4),),
        end_tick=12,
    )
    file = mido.MidiFile(file=io.BytesIO(write_midi(score)))
    channels = [
        {message.channel for message in messages if not message.is_meta}
        for messages in file.tracks[1:]
    ]
    own = [{channel} for channel in range(16) if channel != 9]
    assert channels == [*own, {0}, {1}, {3}, {9}]
    assert read_midi(write_midi(score)) == score


def test_note_offs_come_before_note_ons():
    notes = note_array([(0, 12, 60, 80), (12, 12, 60, 80), (12, 12, 59, 80)])
    score = Score(12, (Track("", 0, False, notes),), (Tempo(0, 120.0),),
                  (TimeSignature(0, 4, 4),), end_tick=24)  # fmt: skip
    file = mido.MidiFile(file=io.BytesIO(write_midi(score)))
    assert [m.type for m in file.tracks[1] if m.type.startswith("note")] == [
        "note_on", "note_off", "note_on", "note_on", "note_off", "note_off",
    ]  # fmt: skip


# What the bytes mean.


def starts_and_ends(data: bytes) -> list[tuple[int, int, int]]:
    return [
        (start, start + duration, pitch)
        for part in read_midi(data).tracks
        for start, duration, pitch, _ in part.notes.tolist()
    ]


def test_notes_of_one_key_end_in_the_order_they_began():
    events = ((0, on(60)), (10, on(60)), (10, off(60)), (10, off(60)))
    assert starts_and_ends(container(track(*events, END))) == [(0, 20, 60), (10, 30, 60)]


def test_a_note_without_end_ends_with_the_next_of_its_key():
    events = ((0, on(60)), (10, on(60)), (10, off(60)), (10, on(60)), (500, off(61)))
    assert starts_and_ends(container(track(*events, END))) == [
        (0, 10, 60),
        (10, 20, 60),
        (30, 414, 60),
    ]


def test_a_lost_note_does_not_outlast_its_track():
    assert starts_and_ends(container(track((0, on(60)), (96, on(62)), (96, off(62)), END))) == [
        (0, 192, 60),
        (96, 192, 62),
    ]


def test_a_note_of_no_length_lasts_a_tick():
    assert starts_and_ends(container(track((0, on(60)), (0, off(60)), END))) == [(0, 1, 60)]


def test_stray_note_offs_end_nothing():
    events = ((0, off(60)), (0, off(60)), (5, on(60)), (5, off(60)), (5, off(60)), (5, on(60)),
              (5, off(60)))  # fmt: skip
    assert starts_and_ends(container(track(*events, END))) == [(5, 10, 60), (20, 25, 60)]


def test_each_program_of_a_channel_is_a_track():
    data = container(
        track((0, program(4)), *NOTE, (0, program(5)), *NOTE, (0, program(4)), *NOTE, END)
    )
    assert [(t.program, len(t.notes)) for t in read_midi(data).tracks] == [(4, 2), (5, 1)]


def test_a_note_belongs_to_the_program_it_begins_with():
    data = container(track((0, program(4)), (0, on(60)), (9, program(5)), (9, off(60)), END))
    assert [t.program for t in read_midi(data).tracks] == [4]


def test_a_program_set_in_another_track_counts_where_a_track_has_none_of_its_own():
    data = container(
        track((0, program(40)), (0, program(41, 1)), END),
        track(*NOTE, END),
        track((0, program(7, 1)), (0, on(60, channel=1)), (9, off(60, 1)), END),
    )
    assert [t.program for t in read_midi(data).tracks] == [40, 7]


@pytest.mark.parametrize(
    ("contents", "name"),
    [
        (b"Fl\xf6te", "Flöte"),
        ("Flöte".encode(), "Flöte"),
        ("ピアノ".encode("cp932"), "ピアノ"),
        (b"Bass\x00\x00", "Bass"),
        (b"\x00\xff", "ÿ"),
        (b"x" * 5000, "x" * 200),
    ],
)
def test_names_are_read_in_any_character_set(contents, name):
    assert read_midi(container(track((0, meta(3, contents)), *NOTE, END))).tracks[0].name == name


def metre(numerator: int, power: int) -> bytes:
    return meta(0x58, bytes([numerator, power, 24, 8]))


@pytest.mark.parametrize(
    ("events", "metres"),
    [
        ((), [(0, 4, 4)]),
        (((0, metre(3, 2)),), [(0, 3, 4)]),
        (((96, metre(3, 2)),), [(0, 4, 4), (96, 3, 4)]),
        (((0, metre(1, 4)),), [(0, 4, 4)]),
        (((0, metre(1, 3)), (48, metre(3, 2))), [(0, 1, 8), (48, 3, 4)]),
        (((0, metre(3, 2)), (288, metre(3, 2))), [(0, 3, 4)]),
        (((0, metre(3, 2)), (100, metre(3, 2))), [(0, 3, 4), (100, 3, 4)]),
        (((0, metre(3, 2)), (0, metre(4, 2))), [(0, 4, 4)]),
        (((0, metre(0, 2)), (9, metre(3, 60))), [(0, 4, 4)]),
    ],
    ids=["none", "3/4", "late", "1/16 throughout", "a pickup", "said again", "bars begin anew",
         "the last word", "invalid"],
)  # fmt: skip
def test_metres_are_made_sense_of(events, metres):
    score = read_midi(container(track(*events, END), track(*NOTE * 8, END)))
    assert score.time_signatures == tuple(TimeSignature(*m) for m in metres)


@pytest.mark.parametrize(
    ("us_per_quarter", "qpm"),
    [(500_000, 120.0), (0, 120.0), (1, 1000.0), (0xFFFFFF, 4.0), (400_000, 150.0)],
)
def test_tempos_are_kept_in_a_sane_range(us_per_quarter, qpm):
    data = container(track((0, meta(0x51, us_per_quarter.to_bytes(3, "big"))), *NOTE, END))
    assert read_midi(data).tempos == (Tempo(0, qpm),)


def test_an_smpte_clock_keeps_its_seconds():
    score = read_midi(container(TUNE, division=0xE728))  # 25 frames of 40 ticks
    assert score.duration_s == pytest.approx(0.192)
    assert score.ticks_per_quarter == 500


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_well_formed_files_have_the_notes_that_symusic_reads(path):
    other = symusic.Score.from_midi(path.read_bytes())
    theirs = [part for part in other.tracks if len(part.notes)]
    score = read_midi(path.read_bytes())
    assert score.ticks_per_quarter == other.ticks_per_quarter
    for mine, part in zip(score.tracks, theirs, strict=True):
        columns = part.notes.numpy()
        rows = [columns[key] for key in ("time", "duration", "pitch", "velocity")]
        assert (mine.name, mine.program, mine.is_drum) == (part.name, part.program, part.is_drum)
        assert np.array_equal(mine.notes, note_array(np.stack(rows, axis=1)))
