"""The beginnings of MIDI tracks that are added for new parts: names, and the port they play on."""

from collections.abc import Sequence

from meloformer.midi.channel_assignment import ChannelAssignment, NewPart
from meloformer.midi.events import CHANNELS_OF_PORT
from meloformer.midi.file import MidiFile
from meloformer.midi.messages import name_message
from meloformer.midi.part_messages import ENDS, Additions, Placed
from meloformer.midi.ports import port_messages
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
            opening += port_messages(file.events, assignment.channel // CHANNELS_OF_PORT)
            additions[assignment.track] += [Placed(0, ENDS, message) for message in opening]
