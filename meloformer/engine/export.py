"""What a musician takes home: the whole piece and the continuation alone, as MIDI files."""

from dataclasses import replace

import numpy as np

from meloformer.engine.candidate import Candidate
from meloformer.engine.cast import name_of
from meloformer.engine.compose import Prompt, track_of
from meloformer.score import bar_grid, write_midi
from meloformer.score.join import join
from meloformer.score.score import DURATION, START, Score, note_array


def whole_piece(data: bytes, score: Score, prompt: Prompt, candidate: Candidate) -> bytes:
    """The uploaded file up to the seam, message for message, then the continuation.

    Args:
        data: The file.
        score: What `read_midi` made of it.
        prompt: Says where the seam is.
        candidate: What comes after it.
    """
    return join(
        data,
        within_bars(candidate.score),
        seam_tick=int(bar_grid(score).starts[prompt.from_bar]),
        track_of=track_of(prompt, candidate),
        original_score=score,
    )


def continuation_alone(candidate: Candidate) -> bytes:
    """The continuation as a file of its own, its tracks named after their parts."""
    score = within_bars(candidate.score)
    tracks = zip(score.tracks, candidate.parts, strict=True)
    return write_midi(
        score.with_tracks(tuple(replace(track, name=name_of(part)) for track, part in tracks))
    )


def within_bars(score: Score) -> Score:
    """End what would ring beyond the last bar there, so that a piece grows by whole bars."""
    tracks = []
    for track in score.tracks:
        notes = track.notes.copy()
        notes[:, DURATION] = np.minimum(notes[:, DURATION], score.end_tick - notes[:, START])
        tracks.append(replace(track, notes=note_array(notes)))
    return score.with_tracks(tuple(tracks))
