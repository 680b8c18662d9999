"""Single locked notes as they are in the file, where they stay message for message."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from meloformer.engine.candidate import Candidate
from meloformer.engine.handles.handles import LockedNote
from meloformer.midi.file import MidiFile
from meloformer.score.grid import TICKS_PER_QUARTER, bar_grid
from meloformer.score.score import PITCH, START, Score, note_array
from meloformer.tokens import Encoding


def locked_rows(
    file: MidiFile, encoding: Encoding, notes: Sequence[LockedNote], first_bar: int
) -> NDArray[np.bool_] | None:
    """Find locked notes among those of a file; `None` without any.

    What several notes of the file became on the grid is locked with all of them.

    Args:
        file: That of the piece.
        encoding: The piece.
        notes: On the grid of the tokens.
        first_bar: The bar of the stream that is written again first.

    Returns:
        (N,).
    """
    if not notes:
        return None
    table, lines = file.notes, file.grid.starts
    step = file.score.ticks_per_quarter / TICKS_PER_QUARTER
    locked = np.zeros(len(table.start), dtype=bool)
    voices = {
        part: [track for track, own in enumerate(encoding.part_of_track) if own == part]
        for part in {one.part for one in notes}
    }
    for one in notes:
        tick = int(lines[first_bar + one.bar]) + one.onset * step
        own = np.isin(table.voice, voices[one.part]) & (table.pitch == one.pitch)
        locked |= own & (np.abs(table.start - tick) <= step / 2)
    return locked


def without_locked(candidate: Candidate, notes: Sequence[LockedNote]) -> Score:
    """Return the new notes of a candidate but for those that are locked."""
    if not notes:
        return candidate.score
    lines = bar_grid(candidate.score).starts
    locked = {
        (one.part, int(lines[one.bar]) + one.onset, one.pitch)
        for one in notes
        if one.bar < len(candidate.chords)  # it may have been stopped
    }
    tracks = []
    for part, track in zip(candidate.parts, candidate.score.tracks, strict=True):
        rows = [row for row in track.notes.tolist() if (part, row[START], row[PITCH]) not in locked]
        tracks.append(replace(track, notes=note_array(rows)))
    return candidate.score.with_tracks(tuple(tracks))
