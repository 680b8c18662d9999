"""Channels that parts must share, in sentences: MIDI has sixteen."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from meloformer.midi.channel_assignment import ChannelAssignment, NewPart, count_clashes, spans_of
from meloformer.midi.note_table import PITCHED_CHANNELS
from meloformer.midi.stage import Stage
from meloformer.score.general_midi import part_name


def shared_channels(
    stage: Stage, parts: Sequence[NewPart], assignments: Sequence[ChannelAssignment]
) -> tuple[str, ...]:
    """Say which parts sound at once in one channel with different programs.

    Args:
        stage: Where they play.
        parts: With notes.
        assignments: Of each part.

    Returns:
        A sentence for each such channel; none where every part sounds as it should.
    """
    table = stage.file.notes
    by_channel: defaultdict[int, dict[int, list[NewPart]]] = defaultdict(dict)
    moved = {assignment.channel for assignment in assignments if assignment.has_moved}
    for part, assignment in zip(parts, assignments, strict=True):
        if assignment.channel in moved and not part.track.is_drum:
            by_channel[assignment.channel].setdefault(assignment.program, []).append(part)
    sentences = []
    for channel, of_program in sorted(by_channel.items()):
        spans = {
            program: [spans_of(part.track) for part in own] for program, own in of_program.items()
        }
        for index, voice in enumerate(table.voices):
            rows = stage.stays & (table.voice == index) & (table.channel == channel)
            if rows.any():
                spans.setdefault(voice.program, []).append(
                    np.stack([table.start[rows], table.end[rows]])
                )
        whole = {program: np.concatenate(own, axis=1) for program, own in spans.items()}
        clashing = [
            program
            for program, own in whole.items()
            if any(count_clashes(own, theirs) for of, theirs in whole.items() if of != program)
        ]
        if clashing:
            names = " and ".join(part_name(program, False) for program in sorted(clashing))
            sentences.append(
                f"MIDI has {len(PITCHED_CHANNELS)} channels for pitched parts, and all are in use: "
                f"{names} share channel {channel % 16 + 1}, and may change each other's sound."
            )
    return tuple(sentences)
