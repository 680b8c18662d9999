"""A score moved to the ticks of a file."""

from dataclasses import replace

from meloformer.score.score import Score, Tempo, TimeSignature, note_array


def score_at(score: Score, ticks_per_quarter: int, first_tick: int = 0) -> Score:
    """Move a score to begin at a tick of a file, in the file's ticks; it ends with its notes."""

    def moved(tick: int) -> int:
        own = score.ticks_per_quarter
        return first_tick + (2 * tick * ticks_per_quarter + own) // (2 * own)

    tracks = []
    end_tick = moved(score.end_tick)
    for track in score.tracks:
        rows = [
            (moved(start), max(1, moved(start + duration) - moved(start)), pitch, velocity)
            for start, duration, pitch, velocity in track.notes.tolist()
        ]
        end_tick = max([end_tick, *(start + duration for start, duration, _, _ in rows)])
        tracks.append(replace(track, notes=note_array(rows)))
    return Score(
        ticks_per_quarter=ticks_per_quarter,
        tracks=tuple(tracks),
        tempos=tuple(Tempo(moved(t.tick), t.qpm) for t in score.tempos),
        time_signatures=tuple(
            TimeSignature(moved(s.tick), s.numerator, s.denominator) for s in score.time_signatures
        ),
        end_tick=end_tick,
    )
