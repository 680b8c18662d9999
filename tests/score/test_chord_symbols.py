"""Chord symbols beyond those that our own table knows: German, solfège, and what music21 parses."""

import subprocess
import sys

import pytest

from meloformer.errors import ConfigError
from meloformer.score.chord_reduction import nearest_quality
from meloformer.score.chord_spellings import NEAREST
from meloformer.score.chords import CHORD_NAMES, QUALITIES, read_chord, read_chords, reductions


def names(text: str) -> str:
    return " ".join(reading.name for reading in read_chords(text))


@pytest.mark.parametrize(
    ("symbols", "name"),
    [
        ("C^7 C^ CΔ CΔ7 C△", "Cmaj7"),
        ("Cm(maj9) Cm(maj7) C-Δ7 C-^9 CmΔ", "Cm"),
        ("C7alt Calt C7b9#11 C7#9b13 C7(b9,#11) C13b9 C7b5b9 C7-9 C7+9 C7omit3 C7no5", "C7"),
        ("C7b5#9 C7(#5,#9)", "C7"),  # the raised ninth is no minor third
        ("C7M", "Cmaj7"),
        ("C7M(9)", "Cmaj9"),
        ("Cm7(11) Cm7(11)/G Cm7/11", "Cm7"),
        ("C7(9) C7(9,13)", "C9"),
        ("C9b5 C+9 C9#11 C13 C7/9 C7/9/13", "C9"),
        ("C7/b9 C7/#11 C7/13/E", "C7"),
        ("Cm9(maj7) Cm/9", "Cm"),
        ("Cm7/9", "Cm9"),
        ("C5(add9)", "Csus2"),
        ("Cm11b5 Cø11 Cm9(b5)", "Cm7b5"),
        ("Cmaj13#11 CM9#11 C^13", "Cmaj9"),
        ("C7sus4b9 C13sus4", "C7sus4"),
        ("Csus4add9 Csus2sus4 C6sus4 C(4)", "Csus4"),
        ("C#(b9) Dbaddb9", "Db"),
        ("C6/9/G C69#11", "C6"),
        ("Bb7b9#11/D Sib13b9", "Bb7"),
    ],
)
def test_what_the_chords_cannot_say_goes_to_the_nearest(symbols: str, name: str) -> None:
    assert {symbol: read_chord(symbol).name for symbol in symbols.split()} == dict.fromkeys(
        symbols.split(), name
    )


def test_the_nearest_by_tones_agrees_with_our_own_table() -> None:
    differing = {
        spelling: QUALITIES[nearest]
        for quality, spellings in NEAREST.items()
        for spelling in spellings.split()
        if (nearest := nearest_quality(spelling)) not in (None, QUALITIES.index(quality))
    }
    assert differing == {"11": "9"}  # its third is left out, as the third and the fourth clash


@pytest.mark.parametrize(
    ("symbols", "name"),
    [
        ("Do do Ut DO Dó", "C"),
        ("Ré re RE", "D"),
        ("Fa fa Fá", "F"),
        ("Sib sib SI♭", "Bb"),
        ("Solm sol- SOLm", "Gm"),
        ("La7 la7", "A7"),
        ("Fa#m7 Fa♯-7", "F#m7"),
        ("Do7", "C7"),
        ("Ddim D°", "Ddim"),
    ],
)
def test_solfege_is_read(symbols: str, name: str) -> None:
    assert {read_chord(symbol).name for symbol in symbols.split()} == {name}


def test_brackets_may_have_commas_and_spaces() -> None:
    readings = read_chords("Cm7, F7(b9, #11), Bbmaj7(#11,13) | G7 (b9)")
    assert [one.name for one in readings] == ["Cm7", "F7", "Bbmaj7", "G7"]


def test_words_may_be_in_capitals_and_naturals_may_be_said() -> None:
    assert names("CMI7 CMIN DMA7 FMAJ9 GSUS B♮m7 BDIM7 MI MIm") == (
        "Cm7 Cm Dmaj7 Fmaj9 Gsus4 Bm7 Bdim7 E Em"
    )


def test_letters_are_read_before_syllables_and_german() -> None:
    assert names("Faug Fadd9 Asus4 Esus4 Amin") == "Faug F Asus4 Esus4 Am"


def test_german_roots_are_read_and_make_b_a_b_flat() -> None:
    assert names("Am E7 H7") == "Am E7 B7"
    assert names("Fis Cism7 Es As7 Des Hm") == "F# Dbm7 Eb Ab7 Db Bm"
    assert names("H7 B B7 Bb C/H") == "B7 Bb Bb7 Bb C"
    assert names("B B7 Bb") == "B B7 Bb"
    assert reductions(read_chords("H7 B")) == "B is played as Bb."


def test_a_reduction_is_said_once_and_in_the_words_that_were_written() -> None:
    readings = read_chords("| C^7 | C7b9#11 | % | C/E | N.C. | C7b9#11 |")
    assert [one.name for one in readings] == ["Cmaj7", "C7", "C7", "C", "N", "C7"]
    assert reductions(readings) == "C7b9#11 is played as C7, C/E is played as C."
    assert reductions(read_chords("Am F C G")) == ""


@pytest.mark.parametrize("symbol", CHORD_NAMES)
def test_every_name_is_exact(symbol: str) -> None:
    reading = read_chord(symbol)
    assert reading.is_exact
    assert reading.name == symbol


@pytest.mark.parametrize(
    "text",
    ["Caddadd", "C77", "C###", "Cpedal", "Ctristan", "C7b", "Dominant", "C" + "b9" * 40],
)
def test_what_music21_does_not_know_either_is_a_sentence(text: str) -> None:
    with pytest.raises(ConfigError, match="is not a chord I can read"):
        read_chord(text)


def test_usual_symbols_and_words_do_not_load_music21() -> None:
    program = (
        "import sys; from meloformer.errors import ConfigError\n"
        "from meloformer.score.chords import read_chord, read_chords\n"
        "read_chords('Am F#m7b5 C^7 C7alt H7 Do Cm(maj9) N.C.')\n"
        "try: read_chord('Hello')\n"
        "except ConfigError: pass\n"
        "assert 'music21' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
