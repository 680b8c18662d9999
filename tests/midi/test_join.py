import io
from collections import Counter
from dataclasses import replace
from pathlib import Path

import mido
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meloformer.midi.join import join
from meloformer.midi.messages import trim_unisons
from meloformer.midi.read import read_file
from meloformer.score import (
    Score,
    Tempo,
    TimeSignature,
    Track,
    bar_grid,
    note_array,
    read_midi,
    write_midi,
)
from tests.midi.hostile import (
    END,
    NOTE,
    READABLE,
    container,
    control,
    meta,
    off,
    on,
    program,
    track,
)
from tests.strategies import scores

EXAMPLES = sorted(Path("assets/examples").glob("*.mid"))
SEAM = 384
"""One bar of 4/4 at 96 ticks a quarter."""

BAND = container(
    track((0, meta(3, b"Song")), (0, meta(0x51, b"\x07\xa1\x20")), END),
    track((0, meta(3, b"Fl\xf6te")), (0, program(73, 2)), (0, control(7, 90, 2)),
          (0, on(60, 80, 2)), (384, off(60, 2)), END),
    track((0, on(36, 90, 9)), (96, off(36, 9)), END),
)  # fmt: skip


def part(*notes, program=0, is_drum=False, name=""):
    return Track(name, program, is_drum, note_array(list(notes)))


def music(*tracks, qpm=120.0, metre=(4, 4)) -> Score:
    """A bar on the grid of the tokens."""
    return Score(12, tracks, (Tempo(0, qpm),), (TimeSignature(0, *metre),), end_tick=48)


def joined(data, *tracks, track_of, seam_tick=SEAM, **settings) -> bytes:
    file = read_file(data)
    return join(file, music(*tracks, **settings), seam_tick=seam_tick, track_of=track_of)


def messages(data: bytes) -> list[list[tuple[int, mido.Message]]]:
    """Every message of every MIDI track, without its time, and its tick; as mido reads them."""
    tracks = []
    for own in mido.MidiFile(file=io.BytesIO(data), clip=True).tracks:
        ticks = np.cumsum([message.time for message in own]).tolist()
        tracks.append([(t, m.copy(time=0)) for t, m in zip(ticks, own, strict=True)])
    return tracks


def before(data: bytes, seam_tick: int) -> list[list[tuple[int, mido.Message]]]:
    return [
        [(tick, m) for tick, m in own if tick < seam_tick and m.type != "end_of_track"]
        for own in messages(data)
    ]


def after(data: bytes, seam_tick: int = SEAM) -> list[list[tuple[int, str]]]:
    return [[(tick, str(m)) for tick, m in own if tick >= seam_tick] for own in messages(data)]


def sounding(score: Score) -> Counter[tuple[int, ...]]:
    return Counter(
        (128 if own.is_drum else own.program, *row)
        for own in score.tracks
        for row in own.notes.tolist()
    )


def test_parts_go_on_in_their_own_track_and_channel():
    data = joined(BAND, part((0, 12, 62, 70), program=73), part((12, 6, 38, 99), is_drum=True),
                  track_of=[0, 1])  # fmt: skip
    assert before(data, SEAM)[:3] == before(BAND, SEAM)
    assert after(data) == [
        [],
        [
            (384, "note_off channel=2 note=60 velocity=0 time=0"),
            (384, "note_on channel=2 note=62 velocity=70 time=0"),
            (480, "note_off channel=2 note=62 velocity=0 time=0"),
            (768, "MetaMessage('end_of_track', time=0)"),
        ],
        [
            (480, "note_on channel=9 note=38 velocity=99 time=0"),
            (528, "note_off channel=9 note=38 velocity=0 time=0"),
            (768, "MetaMessage('end_of_track', time=0)"),
        ],
    ]
    score = read_midi(data)
    assert [own.name for own in score.tracks] == ["Flöte", ""]
    assert sounding(score) == sounding(read_midi(BAND)) + Counter(
        [(73, 384, 96, 62, 70), (128, 480, 48, 38, 99)]
    )


def test_a_track_that_ended_before_the_seam_stays_byte_for_byte():
    data = joined(BAND, part((0, 12, 62, 70), program=73), track_of=[0])
    song = track((0, meta(3, b"Song")), (0, meta(0x51, b"\x07\xa1\x20")), END)
    assert data[14:].startswith(song)
    assert data.endswith(track((0, on(36, 90, 9)), (96, off(36, 9)), END))


def test_new_parts_get_tracks_and_free_channels():
    data = joined(
        BAND,
        part((0, 12, 40, 70), program=33, name="Bass"),
        part((0, 12, 64, 70), program=0),
        part((0, 12, 42, 70), is_drum=True),
        track_of=[None, None, 1],
    )
    own = messages(data)
    assert len(own) == 5
    assert [str(m) for _, m in own[3][:3]] == [
        "MetaMessage('track_name', name='Bass', time=0)",
        "program_change channel=0 program=33 time=0",
        "note_on channel=0 note=40 velocity=70 time=0",
    ]
    assert {m.channel for _, m in own[4] if not m.is_meta} == {1}
    assert [(t.name, t.program) for t in read_midi(data).tracks[2:]] == [("Bass", 33), ("Piano", 0)]


def test_new_drums_play_in_channel_10():
    data = joined(container(track(*NOTE, END)), part((0, 6, 38, 90), is_drum=True), track_of=[None])
    assert {m.channel for _, m in messages(data)[1] if not m.is_meta} == {9}


def test_a_file_of_type_0_stays_one_track():
    data = container(
        track(
            (0, program(5)), (0, on(60)), (0, on(36, 90, 9)), (96, b"\x24\x00"), (0, off(60)), END
        ),
        file_format=0,
    )
    whole = joined(data, part((0, 12, 62, 70), program=5), part((0, 12, 40, 70), program=33),
                   track_of=[0, None])  # fmt: skip
    assert whole[8:12] == data[8:12]
    assert before(whole, SEAM) == before(data, SEAM)
    assert sounding(read_midi(whole)) == sounding(read_midi(data)) + Counter(
        [(5, 384, 96, 62, 70), (33, 384, 96, 40, 70)]
    )


def full_band(programs: list[int]) -> bytes:
    """A track in each of the fifteen pitched channels; the higher the channel, the busier."""
    channels = [channel for channel in range(16) if channel != 9]
    return container(
        *[
            track(
                (0, program(number, channel)),
                *[(0, on(60, channel=channel)), (4, off(60, channel))] * (channel + 1),
                END,
            )
            for channel, number in zip(channels, programs, strict=True)
        ]
    )


def test_with_all_channels_full_a_part_shares_that_of_its_program():
    data = joined(full_band(list(range(15))), part((0, 12, 40, 70), program=7), track_of=[None])
    assert {m.channel for _, m in messages(data)[15] if not m.is_meta} == {7}
    assert read_midi(data).tracks[15].program == 7


def test_with_all_channels_full_a_part_takes_the_least_used_that_falls_silent():
    band = full_band(list(range(15)))
    data = joined(
        band,
        part((0, 12, 60, 70), program=0),
        part((0, 12, 61, 70), program=1),
        part((0, 12, 40, 70), program=99),
        track_of=[0, 1, None],
    )
    assert {m.channel for _, m in messages(data)[15] if not m.is_meta} == {2}
    assert sounding(read_midi(data)) - sounding(read_midi(band)) == Counter(
        [(0, 384, 96, 60, 70), (1, 384, 96, 61, 70), (99, 384, 96, 40, 70)]
    )


def test_programs_that_took_turns_in_a_channel_part_ways():
    data = container(track((0, program(4)), *NOTE, (0, program(5)), *NOTE, END))
    whole = joined(data, part((0, 12, 62, 70), program=4), part((0, 12, 64, 70), program=5),
                   track_of=[0, 1])  # fmt: skip
    (own,) = messages(whole)  # both stay in their track
    assert (384, mido.Message("program_change", program=4)) in own
    assert (384, mido.Message("program_change", program=5, channel=1)) in own
    assert sounding(read_midi(whole)) - sounding(read_midi(data)) == Counter(
        [(4, 384, 96, 62, 70), (5, 384, 96, 64, 70)]
    )


def test_a_seam_before_the_end_cuts_what_comes_after():
    data = container(
        track((0, on(60)), (200, meta(5, b"la")), (100, control(1, 7)), (100, meta(5, b"lu")),
              (0, meta(0x51, b"\x01\x00\x00")), (9, off(60)), *NOTE, END),
    )  # fmt: skip
    whole = joined(data, part((0, 12, 62, 70)), track_of=[0])
    assert before(whole, SEAM) == before(data, SEAM)
    assert [text for _, text in after(whole)[0]] == [
        "note_off channel=0 note=60 velocity=0 time=0",
        "control_change channel=0 control=1 value=0 time=0",
        "note_on channel=0 note=62 velocity=70 time=0",
        "note_off channel=0 note=62 velocity=0 time=0",
        "MetaMessage('end_of_track', time=0)",
    ]
    assert sounding(read_midi(whole)) == Counter([(0, 0, 384, 60, 80), (0, 384, 96, 62, 70)])


def test_lost_notes_are_silenced_once():
    data = container(
        track((0, on(60)), (9, on(60)), (9, off(60)), (9, on(60)), (900, meta(1, b"")), END)
    )
    whole = joined(data, part((0, 12, 62, 70)), track_of=[0])
    assert [text for _, text in after(whole)[0]][:2] == [
        "note_off channel=0 note=60 velocity=0 time=0",
        "note_on channel=0 note=62 velocity=70 time=0",
    ]


def test_pedals_bends_and_fade_outs_are_undone():
    data = container(
        track((0, control(64, 127)), (0, b"\xe0\x00\x50"), (0, control(11, 100)), *NOTE,
              (0, control(11, 3)), END),
        track((0, control(64, 127, 1)), (9, control(121, 0, 1)), (0, on(60, 80, 1)),
              (9, off(60, 1)), END),
        track((0, b"\xe2\x05\x40"), (0, control(66, 1, 2)), (0, on(60, 80, 2)), (9, off(60, 2)),
              END),
    )  # fmt: skip
    whole = joined(data, part((0, 12, 62, 70)), part((0, 12, 62, 70)), track_of=[0, 1])
    assert [text for _, text in after(whole)[0]][:3] == [
        "control_change channel=0 control=64 value=0 time=0",
        "pitchwheel channel=0 pitch=0 time=0",
        "control_change channel=0 control=11 value=100 time=0",
    ]
    assert after(whole)[1][0][1].startswith("note_on")
    assert [text for _, text in after(whole)[2]][:-1] == [
        "control_change channel=2 control=66 value=0 time=0"
    ]


@pytest.mark.parametrize(
    ("settings", "written"),
    [
        ({}, []),
        ({"qpm": 119.0}, ["set_tempo"]),
        ({"qpm": 127.0}, ["set_tempo"]),
        ({"metre": (3, 4)}, ["time_signature"]),
        ({"seam_tick": 400}, ["time_signature"]),
    ],
    ids=["as before", "a little slower", "faster", "another metre", "off the bar line"],
)
def test_tempo_and_metre_are_written_where_they_change(settings, written):
    data = joined(BAND, part((0, 12, 62, 70), program=73), track_of=[0], **settings)
    seam_tick = settings.get("seam_tick", SEAM)
    conductor = [m for tick, m in messages(data)[0] if tick >= seam_tick]
    assert [m.type for m in conductor if m.type != "end_of_track"] == written


def test_a_seam_off_the_bar_line_is_a_bar_line_of_the_whole():
    data = joined(BAND, part((0, 12, 62, 70), program=73), track_of=[0], seam_tick=400)
    assert 400 in bar_grid(read_midi(data)).starts


def test_a_wrapped_file_comes_out_plain():
    for kind in ["a RIFF wrapper", "a MacBinary prefix"]:
        data = joined(READABLE[kind][0], part((0, 12, 62, 70)), track_of=[0])
        assert data.startswith(b"MThd")
        assert before(data, SEAM) == before(READABLE["a plain file"][0], SEAM)


def test_an_smpte_clock_stays():
    data = READABLE["an SMPTE clock"][0]
    whole = joined(data, part((0, 12, 62, 70)), track_of=[0], seam_tick=2000, qpm=90.0)
    assert whole[12:14] == data[12:14]
    assert read_midi(whole).tracks[0].notes[-1].tolist() == [2000, 500, 62, 70]


@pytest.mark.parametrize("data", [data for data, _ in READABLE.values()], ids=READABLE.keys())
def test_whatever_is_read_can_be_continued(data):
    score = read_midi(data)
    whole = joined(data, part((0, 12, 62, 70)), track_of=[None], seam_tick=score.end_tick)
    assert read_midi(whole).num_notes == score.num_notes + 1


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_are_continued_at_any_bar(path):
    data = path.read_bytes()
    score = read_midi(data)
    for seam_tick in bar_grid(score).starts[1:].tolist():
        tracks = [part((0, 6, 60, 70), program=t.program, is_drum=t.is_drum) for t in score.tracks]
        whole = joined(data, *tracks, track_of=range(len(tracks)), seam_tick=seam_tick)
        assert before(whole, seam_tick) == before(data, seam_tick)
        assert sounding(read_midi(whole)) == sounding(cut(score, seam_tick)) + Counter(
            (128 if t.is_drum else t.program, seam_tick, score.ticks_per_quarter // 2, 60, 70)
            for t in score.tracks
        )


@given(scores(), scores(), st.data())
def test_the_whole_is_what_was_there_and_what_was_added(original, continuation, data):
    """New drums are one part: a channel can't play one drum twice at once."""
    drums = [track for track in continuation.tracks if track.is_drum]
    pitched = tuple(track for track in continuation.tracks if not track.is_drum)
    continuation = replace(continuation, tracks=(*pitched, *drums[:1]))
    upload = write_midi(original)
    file = read_file(upload)
    score = file.score
    seam_tick = data.draw(st.integers(1, score.end_tick + 100))
    track_of = [
        data.draw(st.sampled_from([None, *same]))
        if not own.is_drum
        else data.draw(st.sampled_from([None, *same[:1]]))
        for own in continuation.tracks
        for same in [[i for i, t in enumerate(score.tracks) if _voice(t) == _voice(own)]]
    ]
    track_of = [of if of not in track_of[:i] else None for i, of in enumerate(track_of)]
    scaled = replace(continuation, ticks_per_quarter=score.ticks_per_quarter)
    whole = join(file, scaled, seam_tick=seam_tick, track_of=track_of)
    assert before(whole, seam_tick)[: len(messages(upload))] == before(upload, seam_tick)
    added = Score(
        scaled.ticks_per_quarter,
        tuple(
            replace(t, notes=note_array(trim_unisons(t.notes) + np.array([seam_tick, 0, 0, 0])))
            for t in scaled.tracks
        ),
        (), (), 0,
    )  # fmt: skip
    assert sounding(read_midi(whole)) == sounding(cut(score, seam_tick)) + sounding(added)


def _voice(own: Track) -> tuple[int, bool]:
    return own.program, own.is_drum


def cut(score: Score, seam_tick: int) -> Score:
    """What is left of a score before the seam."""
    tracks = []
    for own in score.tracks:
        notes = own.notes[own.notes[:, 0] < seam_tick].copy()
        notes[:, 1] = np.minimum(notes[:, 1], seam_tick - notes[:, 0])
        tracks.append(replace(own, notes=note_array(notes)))
    return replace(score, tracks=tuple(tracks))
