"""MusicXML of a score, through music21.

music21 takes a second to import, so it comes only when a score is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from meloformer.errors import MidiError
from meloformer.phrases import phrase
from meloformer.score.grid import BarGrid, bar_grid
from meloformer.score.key import estimate_key
from meloformer.score.notation.drum_sounds import name_drum_sounds
from meloformer.score.notation.measure import measures_of
from meloformer.score.notation.placing import placed_notes
from meloformer.score.notation.snapping import BeatSteps, feel_of, snap
from meloformer.score.notation.staves import WrittenPart, players_of, staves_of
from meloformer.score.part import Part, parts_of
from meloformer.score.score import Score

if TYPE_CHECKING:
    from meloformer.score.notation.sheet import Sheet

MAX_BARS = 1_000
MAX_NOTES = 10_000
"""Of more, a page would be no longer read; music21 writes some thousand notes a second."""
_HEADER = (
    b'<?xml version="1.0" encoding="utf-8"?>\n'
    b'<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" '
    b'"http://www.musicxml.org/dtds/partwise.dtd">\n'
)


def musicxml(
    score: Score,
    *,
    title: str = "",
    chords: Sequence[str] = (),
    grid: BarGrid | None = None,
    parts: Sequence[Part | None] | None = None,
    names: Mapping[Part, str] = MappingProxyType({}),
) -> bytes:
    """Return a score as MusicXML: as many bars as it has, each part on a staff or two.

    Onsets and ends are moved to sixteenths, triplets or sextuplets, whichever a beat is nearest to.
    The key signature is that of the key found; drums are on a percussion staff.

    Args:
        score: The music.
        title: Stands above.
        chords: The chord symbol of each bar, "N" for none; written where it changes.
        grid: Its bars, if they are known.
        parts: The part of each track, if they are known.
        names: What stands before the staves of a part, instead of its instrument.

    Raises:
        MidiError: There are more bars or notes than a page is written with.
    """
    grid = grid or bar_grid(score)
    _check_size(score, grid)
    sheet = _sheet(score, title, grid, parts or parts_of(score), names)
    sheet.add_chords(chords)
    return _as_bytes(sheet)


def _check_size(score: Score, grid: BarGrid) -> None:
    if grid.num_whole_bars <= MAX_BARS and score.num_notes <= MAX_NOTES:
        return
    raise MidiError(
        phrase(
            "The piece has {bars} bars and {notes} notes; a score is written of up to {max_bars} "
            "bars and {max_notes} notes.",
            bars=f"{grid.num_whole_bars:,}",
            notes=f"{score.num_notes:,}",
            max_bars=MAX_BARS,
            max_notes=f"{MAX_NOTES:,}",
        ),
        hint="Cut it into shorter files.",
    )


def _sheet(
    score: Score,
    title: str,
    grid: BarGrid,
    parts: Sequence[Part | None],
    names: Mapping[Part, str],
) -> Sheet:
    from meloformer.score.notation.sheet import Sheet

    measures = measures_of(grid)
    notes = placed_notes(score, grid, parts)
    onsets = [start for own in notes.values() for start, _, _ in own]
    feel = feel_of(measures, onsets)
    written = []
    for part, own in notes.items():
        steps = BeatSteps(measures, (note[0] for note in own), feel)
        written.append(WrittenPart(part, snap(own, steps, measures[-1].end), steps))
    sheet = Sheet(title, measures, estimate_key(score))
    for player in players_of(written):
        called = {names.get(one.part, "") for one in player}
        name = called.pop() if len(called) == 1 else ""
        sheet.add_player(player[0].part, staves_of(player), name)
    sheet.add_tempos(score, grid, is_swing=feel.is_swing)
    return sheet


def _as_bytes(sheet: Sheet) -> bytes:
    tree = sheet.to_xml()
    name_drum_sounds(tree)
    ElementTree.indent(tree, " ")
    body: bytes = ElementTree.tostring(tree, encoding="utf-8")
    return _HEADER + body + b"\n"
