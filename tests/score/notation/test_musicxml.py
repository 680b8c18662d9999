import io
from collections import Counter
from fractions import Fraction
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from music21 import converter, stream

from meloformer.errors import MidiError
from meloformer.midi.read import read_file
from meloformer.resources import EXAMPLES
from meloformer.score import Score, Tempo, TimeSignature, Track, note_array
from meloformer.score.grid import bar_grid
from meloformer.score.notation import MAX_BARS, musicxml
from tests.strategies import scores

QUARTER = 12


def piece(*tracks: Track, metre=(4, 4), end_tick=4 * QUARTER, qpm=120.0) -> Score:
    tempos, metres = (Tempo(0, qpm),), (TimeSignature(0, *metre),)
    return Score(QUARTER, tracks, tempos, metres, end_tick)


def track(rows, program=73, is_drum=False) -> Track:
    return Track("", program, is_drum, note_array(rows))


def notes_of(xml: bytes, part=0) -> list[ElementTree.Element]:
    root = ElementTree.fromstring(xml)
    return list(root.findall("part")[part].iter("note"))


def values(xml: bytes, part=0) -> list[tuple[str, int]]:
    """The kind of each note or rest, and how many dots it has."""
    found = notes_of(xml, part)
    kinds = [(note.findtext("type", "whole"), len(note.findall("dot"))) for note in found]
    return [
        ("r " if n.find("rest") is not None else "") + k + "." * d
        for n, (k, d) in zip(found, kinds, strict=True)
    ]


def parsed(xml: bytes) -> stream.Score:
    return converter.parse(xml, format="musicxml")


@pytest.mark.parametrize("name", ["band", "choir", "jazz-lead", "jig", "piano", "solo-melody"])
def test_an_example_reads_again_with_its_bars_and_its_pitches(name):
    file = read_file((EXAMPLES / f"{name}.mid").read_bytes())
    again = parsed(musicxml(file.score, title=name))
    assert {len(part.getElementsByClass("Measure")) for part in again.parts} == {
        file.grid.num_whole_bars
    }
    written = Counter(
        pitch.midi
        for part in again.parts
        for one in part.stripTies().recurse().notes
        if "Unpitched" not in one.classes
        and "PercussionChord" not in one.classes
        and "ChordSymbol" not in one.classes
        for pitch in one.pitches
    )
    given = Counter(
        pitch for one in file.score.tracks if not one.is_drum for pitch in one.notes[:, 2].tolist()
    )
    assert written == given


@pytest.mark.filterwarnings("ignore:.*does not map to a valid instrument")
@settings(max_examples=12, deadline=None)
@given(scores())
def test_bars_are_full_and_no_pitch_is_lost(score):
    xml = musicxml(score)
    root = ElementTree.fromstring(xml)
    grid = bar_grid(score)
    lengths = [
        Fraction(int(end - start), QUARTER)
        for start, end in zip(
            grid.lines[grid.whole_bars][:-1], grid.lines[grid.whole_bars][1:], strict=True
        )
    ]
    divisions = int(root.findtext(".//divisions"))
    for part in root.findall("part"):
        bars = part.findall("measure")
        assert len(bars) == len(lengths)
        for bar, length in zip(bars, lengths, strict=True):
            for staff in {note.findtext("staff", "1") for note in bar.iter("note")}:
                assert max(_voice_lengths(bar, staff)) == length * divisions
    drums = {int(one.text) - 1 for one in root.iter("midi-unpitched")}
    assert drums == {p for t in score.tracks if t.is_drum for p in t.notes[:, 2].tolist()}
    pitched = {
        pitch.midi
        for one in parsed(xml).recurse().notes
        if "Unpitched" not in one.classes and "PercussionChord" not in one.classes
        for pitch in one.pitches
    }
    assert pitched == {p for t in score.tracks if not t.is_drum for p in t.notes[:, 2].tolist()}


def _voice_lengths(bar: ElementTree.Element, staff: str) -> list[int]:
    totals: Counter[str] = Counter()
    for note in bar.iter("note"):
        if note.findtext("staff", "1") == staff and note.find("chord") is None:
            totals[note.findtext("voice", "1")] += int(note.findtext("duration"))
    return list(totals.values())


def test_a_note_over_the_bar_line_is_tied():
    xml = musicxml(piece(track([(3 * QUARTER, 2 * QUARTER, 72, 80)]), end_tick=8 * QUARTER))
    assert values(xml) == ["r half", "r quarter", "quarter", "quarter", "r quarter", "r half"]
    assert [tie.get("type") for tie in ElementTree.fromstring(xml).iter("tie")] == ["start", "stop"]


def test_what_is_played_a_little_short_is_written_full():
    rows = [(beat * QUARTER, QUARTER - 3, 72 + beat, 80) for beat in range(4)]
    assert values(musicxml(piece(track(rows)))) == ["quarter"] * 4


def test_triplets_are_bracketed_beat_by_beat():
    rows = [(third * 4, 4, 72, 80) for third in range(12)]
    found = notes_of(musicxml(piece(track(rows))))
    brackets = [one.get("type") for note in found for one in note.iter("tuplet")]
    assert brackets == ["start", "stop"] * 4
    assert {note.findtext("type") for note in found} == {"eighth"}


def test_swing_is_written_in_even_eighths():
    rows = [(beat * QUARTER + at, 4, 72, 80) for beat in range(16) for at in (0, 8)]
    xml = musicxml(piece(track(rows), end_tick=16 * QUARTER))
    assert set(values(xml)) == {"eighth"}
    assert b"Swing" in xml


def test_in_compound_metres_the_tempo_is_that_of_the_dotted_quarter():
    rows = [(at * 6, 6, 72, 80) for at in range(6)]
    xml = musicxml(piece(track(rows), metre=(6, 8), end_tick=36, qpm=180.0))
    mark = ElementTree.fromstring(xml).find(".//metronome")
    assert [one.tag for one in mark] == ["beat-unit", "beat-unit-dot", "per-minute"]
    assert mark.findtext("per-minute") == "120"


def test_accidentals_are_shown_once_a_bar_and_taken_back():
    scale = [60, 62, 64, 65, 67, 69, 71, 72] * 3
    rows = [(at * 6, 6, pitch, 80) for at, pitch in enumerate([*scale, 66, 66, 65, 65])]
    found = notes_of(musicxml(piece(track(rows), end_tick=16 * QUARTER)))
    assert [n.findtext("accidental") for n in found[24:28]] == ["sharp", None, "natural", None]


def test_a_keyboard_with_two_hands_has_two_staves_and_two_clefs():
    rows = [(at * QUARTER, QUARTER, pitch, 80) for at in range(4) for pitch in (40, 47, 76, 79)]
    root = ElementTree.fromstring(musicxml(piece(track(rows, program=0))))
    assert root.findtext(".//staves") == "2"
    assert [clef.findtext("sign") for clef in root.iter("clef")] == ["G", "F"]


def test_two_parts_of_a_keyboard_are_its_hands():
    right = track([(at * QUARTER, QUARTER, 76, 80) for at in range(4)], program=0)
    left = track([(at * QUARTER, QUARTER, 48, 80) for at in range(4)], program=0)
    root = ElementTree.fromstring(musicxml(piece(left, right)))
    assert len(root.findall("part")) == 1
    assert root.findtext(".//staves") == "2"


def test_drums_stand_on_a_percussion_staff_and_say_which_they_are():
    rows = [(0, 3, 36, 90), (0, 3, 42, 90), (12, 3, 38, 90), (12, 3, 42, 90)]
    root = ElementTree.fromstring(musicxml(piece(track(rows, program=0, is_drum=True))))
    assert root.findtext(".//clef/sign") == "percussion"
    assert root.find(".//pitch") is None
    assert {int(one.text) - 1 for one in root.iter("midi-unpitched")} == {36, 38, 42}
    assert [one.text for one in root.iter("instrument-name")] == ["Kick", "Snare", "Closed hi-hat"]


def test_chords_stand_above_the_uppermost_staff_where_they_change():
    flute = track([(bar * 4 * QUARTER, 4 * QUARTER, 72, 80) for bar in range(4)])
    bass = track([(bar * 4 * QUARTER, 4 * QUARTER, 40, 80) for bar in range(4)], program=33)
    score = piece(bass, flute, end_tick=16 * QUARTER)
    root = ElementTree.fromstring(musicxml(score, chords=["Am", "Am", "N", "Bb7"]))
    upper, lower = root.findall("part")
    kinds = [kind.text for kind in upper.iter("kind")]
    assert kinds == ["minor", "dominant"]
    assert upper.findtext(".//root-alter") == "-1"
    assert lower.find(".//harmony") is None


def test_a_pickup_is_bar_nought():
    file = read_file((EXAMPLES / "solo-melody.mid").read_bytes())
    bars = ElementTree.parse(io.BytesIO(musicxml(file.score))).findall(".//measure")
    assert int(bars[0].get("number")) == file.grid.first_number


def test_more_bars_than_a_page_are_refused_in_a_sentence():
    score = piece(track([(0, 1, 72, 80)]), end_tick=(MAX_BARS + 1) * 4 * QUARTER)
    with pytest.raises(MidiError, match=r"1,001 bars and 1 notes; a score is written of up to"):
        musicxml(score)
