"""More parts than MIDI has channels: what is a part's own is used again, and each has its sound."""

import pytest

from meloformer.midi.join import join, joined_file
from meloformer.midi.read import read_file
from meloformer.score import Score, Tempo, TimeSignature, Track, note_array
from tests.files.seam.playing import hanging, kept, num_tracks, played
from tests.files.seam.writing import BAR, QUARTER, continued, control, file, new_bars, note, program

PITCHED = [channel for channel in range(16) if channel != 9]
NUM_PARTS = 20
"""The last five share channels with the first five."""


def orchestra(*, together=False):
    """Twenty tracks; those that share a channel play in bars of their own, or set up together."""
    tracks = []
    for index in range(NUM_PARTS):
        channel, shares = PITCHED[index % 15], index % 15 < 5
        bars = [bar for bar in range(4) if not shares or bar % 2 == index // 15]
        begins = [0] if together else [bar * BAR for bar in bars]
        opening = [
            one
            for tick in begins
            for one in (program(tick, index + 20, channel), control(tick, 7, 60 + index, channel))
        ]
        notes = [one for bar in bars for one in note(bar * BAR, 40 + index, BAR - 9, channel)]
        tracks.append(opening + notes)
    return file(*tracks)


def sounds(data, since):
    """Which program each pitch has; a part has one pitch of its own."""
    return {one.pitch: one.program for one in played(data, since)}


@pytest.mark.parametrize("together", [False, True], ids=["in turns", "set up at once"])
def test_twenty_parts_go_on_with_their_programs_in_their_tracks(together):
    data = orchestra(together=together)
    whole = continued(data, num_bars=2)
    assert kept(data, whole, 4 * BAR)
    assert num_tracks(whole) == NUM_PARTS
    assert sounds(whole, 4 * BAR) == {40 + index: 20 + index for index in range(NUM_PARTS)}
    assert not hanging(whole)


def test_parts_that_play_in_turn_share_a_channel_and_keep_their_volumes():
    data = orchestra()
    tracks = []
    for index, own in enumerate(read_file(data).score.tracks):
        pitch = 20 + own.program
        beat = 24 * (index >= 15 or own.program >= 35)
        tracks.append(Track("", own.program, False, note_array([(beat, 12, pitch, 80)])))
    new = Score(12, tuple(tracks), (Tempo(0, 120.0),), (TimeSignature(0, 4, 4),), 48)
    whole = join(read_file(data), new, seam_tick=4 * BAR, track_of=list(range(NUM_PARTS)))
    for one in played(whole, 4 * BAR):
        assert (one.program, one.control(7)) == (one.pitch - 20, one.pitch + 20)


def test_parts_that_have_to_share_a_channel_are_named():
    file_ = read_file(orchestra())
    every = list(range(NUM_PARTS))
    seam = {"seam_tick": 4 * BAR, "track_of": every}
    said = joined_file(file_, new_bars(file_.data), **seam).remarks
    assert len(said) == 5
    assert said[0] == (
        "MIDI has 15 channels for pitched parts, and all are in use: "
        "Reed organ and Fretless bass share channel 1, and may change each other's sound."
    )
    few = {"seam_tick": 4 * BAR, "track_of": every[:3]}
    assert joined_file(file_, new_bars(file_.data, only=every[:3]), **few).remarks == ()


def test_a_part_moves_to_a_channel_that_is_silent_now():
    data = orchestra()
    voices = read_file(data).notes.voices
    sharing = [index for index, voice in enumerate(voices) if voice.channel < 5]
    whole = continued(data, only=sharing)
    assert len({one.channel for one in played(whole, 4 * BAR)}) == len(sharing) == 10
    for one in played(whole, 4 * BAR):
        assert (one.program, one.control(7)) == (one.pitch - 20, one.pitch + 20)


def test_a_file_of_one_track_stays_one_track():
    turns = [
        one
        for beat in range(16)
        for one in (program(beat * QUARTER, 20 + beat % 4), *note(beat * QUARTER, 60 + beat % 4))
    ]
    whole = continued(file(turns, kind=0))
    assert num_tracks(whole) == 1
    assert sounds(whole, 4 * BAR) == {60 + index: 20 + index for index in range(4)}
