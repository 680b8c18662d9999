"""What a musician takes home: the whole piece and the new notes alone, as MIDI files."""

from dataclasses import replace

import numpy as np

from meloformer.engine.candidate import Candidate
from meloformer.engine.instrumentation import name_of
from meloformer.engine.request import ContinueRequest, RewriteRequest
from meloformer.engine.rewrite import parts_again
from meloformer.midi.join import join
from meloformer.midi.replace import replace_notes
from meloformer.score import bar_grid, write_midi
from meloformer.score.score import DURATION, START, Score, note_array
from meloformer.tokens import Encoding


def whole_piece(
    data: bytes,
    score: Score,
    encoding: Encoding,
    request: ContinueRequest | RewriteRequest,
    candidate: Candidate,
) -> bytes:
    """The uploaded file with the new notes: after the seam, or in the place of others.

    All else stays message for message; where bars were written again, of those that the candidate
    has not finished the old notes stay too.

    Args:
        data: The file.
        score: What `read_midi` made of it.
        encoding: What `encode` made of that.
        request: What the candidate was written for.
        candidate: The new notes.
    """
    if isinstance(request, RewriteRequest):
        again = parts_again(encoding, request)
        return replace_notes(
            data,
            candidate.score,
            first_bar=request.first_bar,
            last_bar=request.first_bar + len(candidate.chords),
            again=[i for i, part in enumerate(encoding.part_of_track) if part in again],
            track_of=candidate.tracks_in(encoding),
            original_score=score,
        )
    return join(
        data,
        within_bars(candidate.score),
        seam_tick=int(bar_grid(score).starts[request.from_bar or encoding.num_bars]),
        track_of=candidate.tracks_in(encoding),
        original_score=score,
    )


def continuation_alone(candidate: Candidate) -> bytes:
    """The new notes as a file of their own, its tracks named after their parts."""
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
