"""The sheet: staves of measures in music21's own objects, and from them MusicXML."""

from collections.abc import Sequence
from typing import Any
from xml.etree.ElementTree import Element

from music21 import bar, clef, duration, expressions, key, layout, metadata, meter, stream, tempo
from music21.musicxml.m21ToXml import ScoreExporter

from meloformer.score.general_midi import part_name
from meloformer.score.grid import TICKS_PER_QUARTER, BarGrid
from meloformer.score.notation.accidentals import show_accidentals
from meloformer.score.notation.bar_pieces import BarPiece, cut_by_bars
from meloformer.score.notation.beams import BeamTable
from meloformer.score.notation.drum_staff import FEET
from meloformer.score.notation.measure import Measure
from meloformer.score.notation.snapping import BeatSteps
from meloformer.score.notation.spelling import signature_of
from meloformer.score.notation.staves import Clef, Staff
from meloformer.score.notation.symbols import (
    chord_symbol,
    drums_of,
    instrument_of,
    quarters,
    rest_of,
    sound_of,
    tie_of,
)
from meloformer.score.notation.values import note_values, rest_values
from meloformer.score.notation.voices import drum_voices, voices_of
from meloformer.score.part import Part
from meloformer.score.score import Score

_CLEFS = {
    Clef.TREBLE: clef.TrebleClef,
    Clef.TREBLE_8VB: clef.Treble8vbClef,
    Clef.ALTO: clef.AltoClef,
    Clef.BASS: clef.BassClef,
    Clef.BASS_8VB: clef.Bass8vbClef,
    Clef.PERCUSSION: clef.PercussionClef,
}
_NEW_TEMPO = 0.08
"""A tempo is written where it differs by as much: less is how people play."""


class Sheet:
    """A score that is being written.

    Args:
        title: Stands above.
        measures: Its bars.
        key_name: One of `score.key.KEY_NAMES`, or "".
    """

    def __init__(self, title: str, measures: Sequence[Measure], key_name: str) -> None:
        self._measures = measures
        self._key = key_name
        self._score = stream.Score()
        self._score.metadata = metadata.Metadata(title=title or None)
        self._top: stream.Part | None = None
        self._num_parts = 0
        self._beams = BeamTable()

    def add_player(self, part: Part, staves: Sequence[Staff], name: str = "") -> None:
        """Write who plays below the others.

        Args:
            part: Names the instrument.
            staves: From above.
            name: Stands before them; empty for the instrument's.
        """
        name = name or str(part_name(part.program, part.is_drum, part.instance))
        kind = stream.PartStaff if len(staves) > 1 else stream.Part
        written = [
            self._staff(kind(id=f"{self._num_parts}-{index}"), part, staff)
            for index, staff in enumerate(staves)
        ]
        for staff in written:
            staff.partName = name
            staff.insert(0, instrument_of(part, name, self._num_parts))
            self._score.insert(0, staff)
        if len(written) > 1:
            group = layout.StaffGroup(written, name=name, symbol="brace")
            self._score.insert(0, group)
        self._top = self._top or written[0]
        self._num_parts += 1

    def add_tempos(self, score: Score, grid: BarGrid, *, is_swing: bool) -> None:
        """Write the tempo above the first bar, and where it changes.

        Args:
            score: The music.
            grid: Its bars.
            is_swing: Whether eighths are played as a long and a short one.
        """
        seconds = score.seconds_at(grid.whole_starts)
        written = 0.0
        for index, measure in enumerate(self._top_measures()):
            beat = 1.5 if self._measures[index].is_compound else 1.0
            ticks = int(grid.whole_starts[index + 1] - grid.whole_starts[index])
            length_s = max(float(seconds[index + 1] - seconds[index]), 1e-3)
            qpm = ticks / score.ticks_per_quarter * 60 / length_s
            if abs(qpm - written) > _NEW_TEMPO * written:
                mark = tempo.MetronomeMark(None, max(1, round(qpm / beat)), duration.Duration(beat))
                measure.insert(0, mark)
                written = qpm
            if is_swing and index == 0:
                swing = expressions.TextExpression("Swing")
                swing.placement = "above"
                measure.insert(1, swing)  # a beat later, or it would lie on the tempo

    def add_chords(self, chords: Sequence[str]) -> None:
        """Write chord symbols above the uppermost staff, where they change.

        Args:
            chords: Of each bar, as `CHORD_NAMES` has them.
        """
        before = "N"
        for measure, symbol in zip(self._top_measures(), chords, strict=False):
            if symbol not in (before, "N"):
                measure.insert(0, chord_symbol(symbol))
            before = symbol

    def to_xml(self) -> Element:
        """Return the score as a <score-partwise>."""
        exporter = ScoreExporter(self._score, makeNotation=False)
        root: Element = exporter.parse()
        for about in root.findall("identification"):
            for creator in about.findall("creator"):
                if creator.text == "Music21":
                    about.remove(creator)
        return root

    def _top_measures(self) -> list[stream.Measure]:
        return [] if self._top is None else list(self._top.getElementsByClass(stream.Measure))

    def _staff(self, staff: stream.Part, part: Part, own: Staff) -> stream.Part:
        notes, steps = own.notes, own.steps
        voices = drum_voices(notes, FEET, steps) if part.is_drum else voices_of(notes)
        pieces = [cut_by_bars(voice, self._measures) for voice in (voices.upper, voices.lower)]
        before = None
        for index, measure in enumerate(self._measures):
            written = stream.Measure(number=measure.number)
            if index == 0:
                written.insert(0, _CLEFS[own.clef]())
                if not part.is_drum:
                    written.insert(0, key.KeySignature(signature_of(self._key)))
            metre = measure.numerator, measure.denominator
            if metre != before:
                written.insert(0, meter.TimeSignature("{}/{}".format(*metre)))
            before = metre
            written.paddingLeft = measure.missing / TICKS_PER_QUARTER
            self._fill(written, measure, [voice[index] for voice in pieces], steps, part)
            staff.append(written)
        written.rightBarline = bar.Barline("final")
        return staff

    def _fill(
        self,
        written: stream.Measure,
        measure: Measure,
        voices: Sequence[Sequence[BarPiece]],
        steps: BeatSteps,
        part: Part,
    ) -> None:
        thirds = [
            (max(first, measure.start) - measure.start, last - measure.start)
            for first, last in steps.beats_in_thirds(measure.start, measure.end)
        ]
        used = [own for own in voices if own] or [[]]
        for number, own in enumerate(used, start=1):
            target = written if len(used) == 1 else stream.Voice(id=str(number))
            at = 0
            for piece in own:
                _add_rests(target, at, piece.start, measure, thirds, is_hidden=number > 1)
                self._add_chord(target, piece, measure, thirds, part)
                at = piece.end
            _add_rests(target, at, measure.length, measure, thirds, is_hidden=number > 1)
            _bracket(target, thirds)
            if len(used) > 1:
                for sounding in target.notes:
                    sounding.stemDirection = "up" if number == 1 else "down"
                written.insert(0, target)
            metre, missing = (measure.numerator, measure.denominator), quarters(measure.missing)
            self._beams.join(list(target.notesAndRests), metre, missing)
        if not part.is_drum:
            show_accidentals(written.recurse().notes, signature_of(self._key))

    def _add_chord(
        self,
        target: "stream.Stream[Any]",
        piece: BarPiece,
        measure: Measure,
        thirds: Sequence[tuple[int, int]],
        part: Part,
    ) -> None:
        values = note_values(piece.start, piece.end, measure, thirds)
        for index, (start, end) in enumerate(values):
            pitches = piece.pitches
            sound = drums_of(pitches) if part.is_drum else sound_of(pitches, self._key)
            sound.duration = duration.Duration(quarters(end - start))
            is_first, is_last = index == 0, index == len(values) - 1
            sound.tie = tie_of(
                goes_on=piece.goes_on or not is_first, is_held=piece.is_held or not is_last
            )
            target.insert(quarters(start), sound)


def _add_rests(
    target: "stream.Stream[Any]",
    start: int,
    end: int,
    measure: Measure,
    thirds: Sequence[tuple[int, int]],
    *,
    is_hidden: bool,
) -> None:
    is_whole_bar = (start, end) == (0, measure.length)
    values = [(start, end)] if is_whole_bar else rest_values(start, end, measure, thirds)
    for first, last in values:
        rest = rest_of(last - first, is_whole_bar=is_whole_bar, is_hidden=is_hidden)
        target.insert(quarters(first), rest)


def _bracket(target: "stream.Stream[Any]", thirds: Sequence[tuple[int, int]]) -> None:
    """Put a bracket over the triplets of each beat."""
    for first, last in thirds:
        inside = [
            one
            for one in target.notesAndRests
            if quarters(first) <= one.offset < quarters(last) and one.duration.tuplets
        ]
        if inside:
            inside[0].duration.tuplets[0].type = "start"
            inside[-1].duration.tuplets[0].type = "stop"
