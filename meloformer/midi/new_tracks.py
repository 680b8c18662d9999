"""The beginnings of MIDI tracks that are added for new parts: names, and the port they play on."""

from collections.abc import Sequence

import numpy as np

from meloformer.midi.channel_assignment import ChannelAssignment, NewPart
from meloformer.midi.events import CHANNELS_OF_PORT, DEVICE, PORT
from meloformer.midi.file import MidiFile
from meloformer.midi.messages import name_message
from meloformer.midi.part_messages import ENDS, Additions
from meloformer.score.general_midi import part_name


def begin_new_tracks(
    file: MidiFile,
    parts: Sequence[NewPart],
    assignments: Sequence[ChannelAssignment],
    additions: Additions,
) -> None:
    """Name each track that is added, and say its port where the file says those of its tracks.

    Args:
        file: To which tracks are added.
        parts: The new notes.
        assignments: Of each part.
        additions: Takes the messages.
    """
    for part, assignment in zip(parts, assignments, strict=True):
        if assignment.track >= len(file.container.tracks):
            name = part.track.name or part_name(assignment.program, part.track.is_drum)
            opening = [name_message(0, name)[1]]
            opening += _port_messages(file, assignment.channel // CHANNELS_OF_PORT)
            additions[assignment.track] += [(0, ENDS, message) for message in opening]


def _port_messages(file: MidiFile, port: int) -> list[bytes]:
    """Return what a track of the file says to play on a port; nothing where none has to."""
    events = file.events
    said = np.sort(np.concatenate([events.metas(kind, min_bytes=1) for kind in (PORT, DEVICE)]))
    playing = np.flatnonzero((events.status < 0xF0) & (events.port == port))
    if not len(said) or not len(playing):
        return []
    first = playing[0]
    own = said[(events.track[said] == events.track[first]) & (said < first)]
    latest = {int(events.data1[row]): events.message_bytes(row) for row in own.tolist()}
    return list(latest.values())
