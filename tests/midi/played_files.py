"""Small files to hear, their messages timed in ticks of a millisecond."""

import io

import mido

from meloformer.midi.read import read_file

NOTE, OFF, CONTROL, BEND = "note_on", "note_off", "control_change", "pitchwheel"


def played(*tracks, tempos=()):
    """Read a file of tracks of (millisecond, message); tempos are (tick, quarters a minute)."""
    file = mido.MidiFile(ticks_per_beat=500)
    conductor = [
        (tick, mido.MetaMessage("set_tempo", tempo=round(60e6 / qpm))) for tick, qpm in tempos
    ]
    for timed in (conductor, *tracks):
        track, now = mido.MidiTrack(), 0
        for tick, message in sorted(timed, key=lambda one: one[0]):
            track.append(message.copy(time=tick - now))
            now = tick
        file.tracks.append(track)
    data = io.BytesIO()
    file.save(file=data)
    return read_file(data.getvalue())


def note(start_ms, end_ms, pitch=60, channel=0, velocity=90):
    """Make a note as (millisecond, message) twice."""
    return [
        (start_ms, mido.Message(NOTE, note=pitch, channel=channel, velocity=velocity)),
        (end_ms, mido.Message(OFF, note=pitch, channel=channel)),
    ]


def control(ms, number, value, channel=0):
    """Make a move of a controller."""
    return ms, mido.Message(CONTROL, control=number, value=value, channel=channel)


def program(ms, number, channel=0):
    """Make a change of instrument."""
    return ms, mido.Message("program_change", program=number, channel=channel)
