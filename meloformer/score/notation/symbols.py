"""What stands on a staff, as music21's objects: notes, drums, rests, chord symbols, instruments."""

from collections.abc import Sequence
from fractions import Fraction

from music21 import chord, duration, harmony, instrument, note, percussion, pitch, tie

from meloformer.score.chords import CHORD_NAMES, NUM_QUALITIES, ROOTS, SUFFIXES
from meloformer.score.grid import TICKS_PER_QUARTER
from meloformer.score.notation.drum_sounds import note_name
from meloformer.score.notation.drum_staff import drum_place
from meloformer.score.notation.spelling import spelled
from meloformer.score.part import Part

_KINDS = (
    "major", "minor", "diminished", "augmented", "dominant-seventh", "major-seventh",
    "minor-seventh", "diminished-seventh", "half-diminished-seventh", "suspended-second",
    "suspended-fourth", "suspended-fourth-seventh", "major-sixth", "minor-sixth",
    "dominant-ninth", "major-ninth", "minor-ninth", "power",
)  # fmt: skip
"""What music21 calls the qualities of chords, in their order."""
_DRUM_CHANNEL = 9


def quarters(ticks: int) -> Fraction:
    """Return ticks in quarters."""
    return Fraction(ticks, TICKS_PER_QUARTER)


def sound_of(pitches: Sequence[int], key: str) -> note.GeneralNote:
    """Return a note or chord, spelled in a key."""
    sounds = [
        pitch.Pitch(name, octave=octave) for name, octave in (spelled(p, key) for p in pitches)
    ]
    return note.Note(sounds[0]) if len(sounds) == 1 else chord.Chord(sounds)


def drums_of(pitches: Sequence[int]) -> note.GeneralNote:
    """Return the strokes on drums that are played together."""
    strokes = []
    for one in pitches:
        place = drum_place(one)
        stroke = note.Unpitched(displayName=f"{place.step}{place.octave}")
        stroke.notehead = place.head
        stroke.id = note_name(one)
        strokes.append(stroke)
    return strokes[0] if len(strokes) == 1 else percussion.PercussionChord(strokes)


def tie_of(*, goes_on: bool, is_held: bool) -> tie.Tie | None:
    """Return the tie of a note that began before, or goes on after it."""
    if goes_on:
        return tie.Tie("continue" if is_held else "stop")
    return tie.Tie("start") if is_held else None


def rest_of(ticks: int, *, is_whole_bar: bool, is_hidden: bool) -> note.Rest:
    """Return a rest; one of a second voice is not shown."""
    rest = note.Rest(duration=duration.Duration(quarters(ticks)))
    rest.fullMeasure = is_whole_bar
    rest.style.hideObjectOnPrint = is_hidden
    return rest


def chord_symbol(name: str) -> harmony.ChordSymbol:
    """Return a chord symbol.

    Args:
        name: One of `CHORD_NAMES`, but for the last.
    """
    root, quality = divmod(CHORD_NAMES.index(name), NUM_QUALITIES)
    symbol = harmony.ChordSymbol(
        root=ROOTS[root].replace("b", "-"), kind=_KINDS[quality], kindStr=SUFFIXES[quality]
    )
    symbol.writeAsChord = False
    return symbol


def instrument_of(part: Part, name: str, index: int) -> instrument.Instrument:
    """Return what plays a part.

    Args:
        part: Who plays.
        name: What it is called on the page.
        index: Of the part in the score; its identifier.
    """
    found = instrument.UnpitchedPercussion() if part.is_drum else instrument.Instrument()
    found.instrumentName = found.partName = name
    found.partId, found.instrumentId = f"P{index + 1}", f"I{index + 1}"
    if part.is_drum:
        found.midiChannel = _DRUM_CHANNEL
    else:
        found.midiProgram = part.program
    return found
