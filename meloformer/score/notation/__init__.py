"""Notation: a score as a musician reads it, written as MusicXML.

    notes ──snap──▶ staves ──voices──▶ chords in voices ──spell──▶ values ──music21──▶ MusicXML

All times are ticks of the grid (`TICKS_PER_QUARTER`), counted from the beginning of the piece
unless a name says otherwise.
"""

from meloformer.score.notation.document import MAX_BARS, MAX_NOTES, musicxml

__all__ = ["MAX_BARS", "MAX_NOTES", "musicxml"]
