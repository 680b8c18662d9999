"""A stem: a MIDI file in which one part plays, at the tempo and in the bars of the whole."""

from dataclasses import replace

import numpy as np

from meloformer.midi.container import read_container
from meloformer.midi.edit import NoteEdit, edit_notes
from meloformer.midi.events import META, METRE, SET_TEMPO
from meloformer.midi.file import MidiFile
from meloformer.score.part import Part

_KEY_SIGNATURE = 0x59
_CONDUCTED = (SET_TEMPO, METRE, _KEY_SIGNATURE)


def stem_of(file: MidiFile, part: Part) -> bytes:
    """Return a MIDI file with the notes of one part, each as it is in the whole.

    Tracks without a note of the part are left out, unless they say tempo, metre or key.

    Args:
        file: The whole.
        part: One of `file.parts`.
    """
    own = np.array([of == part for of in file.part_of_track])[file.notes.voice]
    others = [NoteEdit(row, None) for row in np.flatnonzero(~own).tolist()]
    container = read_container(edit_notes(file, others), max_bytes=len(file.data) * 4 + 1_000)
    events = file.events
    is_conducted = (events.status == META) & np.isin(events.data1, _CONDUCTED)
    kept = {*events.track[is_conducted].tolist()}
    kept |= {*events.track[file.notes.start_event[own]].tolist()}
    tracks = tuple(body for index, body in enumerate(container.tracks) if index in kept)
    return replace(container, tracks=tracks).to_bytes()
