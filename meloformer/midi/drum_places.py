"""Where a file has its drums: one track for all, one for each drum, or several channels."""

import numpy as np
from numpy.typing import NDArray

from meloformer.midi.file import MidiFile
from meloformer.score.score import PITCH


def drum_places(file: MidiFile, notes: NDArray[np.int32]) -> NDArray[np.int64]:
    """Find the voice of the file that plays each drum most often.

    Args:
        file: With drums.
        notes: Of drums. (N, 4)

    Returns:
        Indices of voices; of a kit that has changed, the last. (N,).
    """
    table = file.notes
    drums = np.flatnonzero([track.is_drum for track in file.score.tracks])
    played = np.isin(table.voice, drums)
    last_of_place = {
        (table.voices[voice].track, table.voices[voice].channel): voice
        for voice in table.voice[played][np.argsort(table.start[played], kind="stable")].tolist()
    }
    names = sorted(last_of_place)
    number = {name: index for index, name in enumerate(names)}
    place_of_voice = np.zeros(len(table.voices), dtype=np.int64)
    for voice in drums.tolist():
        own = table.voices[voice]
        place_of_voice[voice] = number.get((own.track, own.channel), 0)
    counts = np.zeros((128, len(names)), dtype=np.int64)
    np.add.at(counts, (table.pitch[played], place_of_voice[table.voice[played]]), 1)
    counts[~counts.any(axis=1)] = counts.sum(axis=0)
    voices = np.array([last_of_place[name] for name in names])
    of_notes: NDArray[np.int64] = voices[counts.argmax(axis=1)[notes[:, PITCH]]]
    return of_notes
