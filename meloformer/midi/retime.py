"""A MIDI file on another tempo map: every message at the same second, bars where they are heard."""

from enum import StrEnum

import numpy as np

from meloformer.errors import MidiError
from meloformer.midi.container import MidiContainer
from meloformer.midi.events import END_OF_TRACK, META, METRE, SET_TEMPO
from meloformer.midi.file import MidiFile
from meloformer.midi.messages import in_order, metre_message, tempo_message, track_body
from meloformer.midi.read import read_file
from meloformer.score.beat_grid import is_free, on_beat_grid
from meloformer.score.score import Score
from meloformer.score.steady_beat import find_steady_beat, says_no_tempo, steady_grid


class GridChoice(StrEnum):
    """Whose bars count: those that a file says, or those that are played."""

    AUTO = "auto"
    """The file's, unless its notes plainly follow other beats."""
    AS_WRITTEN = "as-written"
    FOLLOW = "follow"


def follow_beats(file: MidiFile, choice: GridChoice = GridChoice.AUTO) -> MidiFile:
    """Put the beats of a recording without a click, or of a transcription, on the quarters.

    A file that is moved is read once more, from its new bytes.

    Args:
        file: As it was uploaded.
        choice: Whether to look for other beats than the file's at all, or even where it keeps time.

    Returns:
        The file on its new grid, which sounds the same; the file itself if it keeps time, or if no
        beat can be followed.
    """
    grid = _other_grid(file.score, choice)
    return file if grid is None else read_file(retime(file, grid), pickup_ticks=0)


def _other_grid(score: Score, choice: GridChoice) -> Score | None:
    """Find a grid that suits the notes better than that of the file."""
    if choice is GridChoice.AS_WRITTEN:
        return None
    is_asked = choice is GridChoice.FOLLOW
    free = is_free(score)
    if free or is_asked or says_no_tempo(score):
        beat = find_steady_beat(score, against_file=not (free or is_asked))
        if beat is not None:
            return steady_grid(score, beat)
    if not (free or is_asked):
        return None
    try:
        return on_beat_grid(score)
    except MidiError:
        return None


def retime(file: MidiFile, grid: Score) -> bytes:
    """Move a file to the clock, tempos and metres of `grid`.

    All messages stay, controllers and lyrics too, but for the tempos and metres of the file.

    Args:
        file: What is moved.
        grid: The same music under another tempo map, such as `on_beat_grid` gives.
    """
    events = file.events
    ticks = grid.ticks_at(file.score.seconds_at(events.tick))
    is_meta = events.status == META
    is_kept = ~(is_meta & np.isin(events.data1, (SET_TEMPO, METRE, END_OF_TRACK)))
    changes = [metre_message(metre.tick, metre) for metre in grid.time_signatures]
    changes += [tempo_message(tempo.tick, tempo) for tempo in grid.tempos]
    bodies = []
    for track in range(len(file.container.tracks)):
        of_track = events.track == track
        rows = np.flatnonzero(of_track & is_kept).tolist()
        timed = [(int(ticks[row]), events.message_bytes(row)) for row in rows]
        messages = in_order(changes + timed) if track == 0 else timed
        bodies.append(track_body(messages, int(ticks[of_track].max(initial=0))))
    return MidiContainer(
        file.container.format, grid.ticks_per_quarter, tuple(bodies), file.container.other_chunks
    ).to_bytes()
