"""Chord symbols in, chord indices out; bars of notes in, chords out."""

import time
from itertools import pairwise, product

import numpy as np
import pytest

from meloformer.errors import ConfigError
from meloformer.score.chord_recognition import chord_table, recognise
from meloformer.score.chords import (
    CHORD_NAMES,
    INTERVALS,
    NO_CHORD,
    NUM_QUALITIES,
    QUALITIES,
    chord_pitch_classes,
    parse_chord,
    parse_chords,
    transpose_chord,
)

BAR = 48


def named(*names: str) -> list[int]:
    return [CHORD_NAMES.index(name) for name in names]


def recognise_one(*notes: tuple[int, int, int]) -> str:
    start, duration, pitch = np.array(notes, dtype=np.int64).reshape(-1, 3).T
    return CHORD_NAMES[int(recognise(start, duration, pitch, np.array([0, BAR]))[0])]


def block(*pitches: int) -> list[tuple[int, int, int]]:
    return [(0, BAR, pitch) for pitch in pitches]


def random_notes(seed: int, count: int, bars: int) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    start = rng.integers(0, BAR * bars, count)
    return start, rng.integers(1, 2 * BAR, count), rng.integers(24, 96, count)


# Names


def test_there_are_217_names_and_all_differ() -> None:
    assert len(CHORD_NAMES) == len(set(CHORD_NAMES)) == NO_CHORD + 1 == 217
    assert CHORD_NAMES[NO_CHORD] == "N"
    assert CHORD_NAMES[9 * NUM_QUALITIES + QUALITIES.index("min7")] == "Am7"


def test_every_name_reads_as_its_own_index() -> None:
    assert [parse_chord(name) for name in CHORD_NAMES] == list(range(217))


@pytest.mark.parametrize(
    ("spellings", "name"),
    [
        ("C# Db C♯ D♭ c# db", "Db"),
        ("Am A- Amin Ami am a- Aminor A−", "Am"),
        ("Cmaj7 CM7 CΔ CΔ7 Cma7 C△7 Cj7", "Cmaj7"),
        ("CM Cmaj C Cadd9", "C"),
        ("Cm7 Cmin7 C-7", "Cm7"),
        ("Bdim B° Bo", "Bdim"),
        ("Bø Bø7 Bm7b5 B-7b5 Bm7(b5) Bm7♭5 H-7b5", "Bm7b5"),
        ("B°7 Bo7 Bdim7", "Bdim7"),
        ("F+ Faug", "Faug"),
        ("G7 G7/B G7/F# G7b9 Galt", "G7"),
        ("G7sus4 G7sus G9sus4 G11", "G7sus4"),
        ("Gsus Gsus4", "Gsus4"),
        ("F#m7 Gbm7 F♯m7 f#m7", "F#m7"),
        ("Bb bb B♭ A# A#/D", "Bb"),
        ("Bbm bbm A#m", "Bbm"),
        ("C6 C6/9 C69 CM6 C6/9/G", "C6"),
        ("Ebmaj9 D#M9 EbΔ9", "Ebmaj9"),
        ("Cb Cbmaj B", "B"),
        ("E# F", "F"),
        ("N NC N.C. n.c. n", "N"),
        ("A5 A5/E", "A5"),
    ],
)
def test_musicians_spellings(spellings: str, name: str) -> None:
    assert [CHORD_NAMES[parse_chord(text)] for text in spellings.split()] == [name] * len(
        spellings.split()
    )


@pytest.mark.parametrize(
    "text", ["", "X", "Hello", "C&", "Cmaj77", "/G", "#", "C/", "C###", "%", "7"]
)
def test_an_unknown_symbol_is_explained_with_examples(text: str) -> None:
    with pytest.raises(ConfigError, match="is not a chord") as caught:
        parse_chord(text)
    assert "Am" in caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "Am F C G",
        "Am, F, C, G",
        "| Am | F | C | G |",
        "|Am|F|C|G|",
        "Am - F - C - G",
        "Am – F – C – G",
        "Am-F-C-G",
        "Am\nF\nC; G",
        "  a- F   C/E || G ",
    ],
)
def test_a_progression_may_be_separated_in_any_usual_way(text: str) -> None:
    assert list(parse_chords(text)) == named("Am", "F", "C", "G")


def test_a_minus_sign_on_a_root_is_minor_and_alone_a_separator() -> None:
    assert list(parse_chords("A- - D-7 - G7")) == named("Am", "Dm7", "G7")


def test_a_percent_sign_repeats_the_chord_before_it() -> None:
    assert list(parse_chords("| Am | % | F % |")) == named("Am", "Am", "F", "F")
    with pytest.raises(ConfigError, match="repeats"):
        parse_chords("% Am")


def test_an_empty_progression_is_empty() -> None:
    assert parse_chords("") == parse_chords(" | | ") == ()


def test_transposing_round_the_octave_is_identity() -> None:
    for chord in range(217):
        assert transpose_chord(transpose_chord(chord, 5), 7) == chord
        assert transpose_chord(transpose_chord(chord, -3), 3) == chord
    assert CHORD_NAMES[transpose_chord(parse_chord("Am7"), 3)] == "Cm7"


def test_pitch_classes_begin_with_the_root() -> None:
    assert chord_pitch_classes(parse_chord("G7")) == (7, 11, 2, 5)
    assert chord_pitch_classes(NO_CHORD) == ()


# Recognition


def test_every_chord_in_root_position_is_recognised() -> None:
    for chord in range(NO_CHORD):
        root, quality = divmod(chord, NUM_QUALITIES)
        notes = block(*(48 + root + interval for interval in INTERVALS[quality]))
        assert recognise_one(*notes) == CHORD_NAMES[chord]


@pytest.mark.parametrize(
    ("pitches", "name"),
    [
        ((52, 60, 67), "C"),  # C/E
        ((55, 60, 64, 69), "Am7"),  # over G, neither root in the bass
        ((60, 64, 67, 69), "C6"),
        ((57, 60, 64, 67), "Am7"),
        ((48, 53, 55), "Csus4"),
        ((53, 55, 60), "Fsus2"),
        ((59, 62, 65, 68), "Bdim7"),
        ((56, 59, 62, 65), "Abdim7"),
        ((48, 64, 70), "C7"),  # no fifth
        ((48, 64, 70, 74), "C9"),
        ((60, 64), "C"),
        ((57, 60), "Am"),
        ((60,), "N"),
        ((60, 61), "N"),
    ],
)
def test_inversions_and_incomplete_chords(pitches: tuple[int, ...], name: str) -> None:
    assert recognise_one(*block(*pitches)) == name


def test_short_passing_notes_do_not_change_the_chord() -> None:
    passing = [(12 * k, 3, pitch) for k, pitch in enumerate((62, 65, 66, 70))]
    assert recognise_one(*block(48, 64, 67), *passing) == "C"


def test_a_bar_without_pitched_notes_has_no_chord() -> None:
    assert recognise_one() == "N"
    empty = np.zeros(0, dtype=np.int64)
    assert recognise(empty, empty, empty, np.array([0, 48, 96])).tolist() == [NO_CHORD] * 2
    assert recognise(empty, empty, empty, np.array([0])).shape == (0,)


def test_a_held_chord_counts_in_every_bar_it_sounds_in() -> None:
    bars = np.arange(6) * BAR
    start, duration, pitch = np.array([(BAR // 2, 3 * BAR, p) for p in (48, 64, 67)]).T
    names = [CHORD_NAMES[c] for c in recognise(start, duration, pitch, bars)]
    assert names == ["C", "C", "C", "C", "N"]


def test_a_note_that_ends_on_the_bar_line_stays_out_of_the_next_bar() -> None:
    notes = [(0, BAR, p) for p in (48, 64, 67)] + [(BAR, BAR, p) for p in (57, 60, 64)]
    start, duration, pitch = np.array(notes).T
    assert recognise(start, duration, pitch, np.array([0, BAR, 2 * BAR])).tolist() == named(
        "C", "Am"
    )


def test_notes_outside_the_bars_are_ignored() -> None:
    notes = [(-30, 20, 61), (-30, 40, 60), (0, BAR, 64), (0, BAR, 67), (0, BAR, 72), (60, 9, 61)]
    assert recognise_one(*notes) == "C"


def test_bars_of_any_length_equal_the_bars_alone() -> None:
    start, duration, pitch = random_notes(3, 400, bars=12)
    lines = np.array([0, 7, 48, 60, 61, 200, 333, 12 * BAR])
    together = recognise(start, duration, pitch, lines)
    alone = [
        int(recognise(start, duration, pitch, lines[k : k + 2])[0]) for k in range(len(lines) - 1)
    ]
    assert together.tolist() == alone


def test_cutting_held_notes_inside_bars_changes_nothing() -> None:
    start, duration, pitch = random_notes(4, 60, bars=8)
    pieces = []
    for begin, end, key in zip(start, start + duration, pitch, strict=True):
        middles = [m for m in range(BAR // 2, 9 * BAR, BAR) if begin < m < end]
        for left, right in pairwise([begin, *middles, end]):
            pieces.append((left, right - left, key))
    assert len(pieces) > 80
    bars = np.arange(9) * BAR
    assert np.array_equal(
        recognise(start, duration, pitch, bars), recognise(*np.array(pieces).T, bars)
    )


def test_a_short_bass_on_the_downbeat_carries_the_harmony() -> None:
    triad = [(3, BAR - 3, pitch) for pitch in (64, 67, 71)]
    assert recognise_one((0, 3, 40), *triad) == "Em"
    assert recognise_one((0, 3, 36), *triad) == "Cmaj7"


def test_a_melody_on_the_downbeat_is_no_bass() -> None:
    late_bass = [(12, 36, 45), (12, 36, 60), (12, 36, 64)]
    assert recognise_one((0, BAR, 79), *late_bass) == "Am7"


@pytest.mark.parametrize("semitones", [-11, -5, 1, 6, 7])
@pytest.mark.parametrize("density", [8, 40, 200])
def test_transposed_notes_give_transposed_chords(semitones: int, density: int) -> None:
    start, duration, pitch = random_notes(density, density * 50, bars=50)
    bars = np.arange(51) * BAR
    chords = recognise(start, duration, pitch, bars)
    moved = recognise(start, duration, pitch + semitones, bars)
    assert [transpose_chord(int(chord), semitones) for chord in chords] == moved.tolist()


def test_a_scale_on_top_of_a_chord_is_explained_by_the_chord() -> None:
    melody = [(6 * k, 6, pitch) for k, pitch in enumerate((72, 74, 76, 77, 79, 77, 76, 74))]
    assert recognise_one(*block(48, 55, 64), *melody) == "C"


def test_all_twelve_tones_at_once_are_no_chord() -> None:
    assert recognise_one(*block(*range(48, 60))) == "N"


def test_a_million_notes_take_well_under_a_second() -> None:
    start, duration, pitch = random_notes(5, 1_000_000, bars=2_000)
    began = time.process_time()
    recognise(start, duration, pitch, np.arange(2_001) * BAR)
    assert time.process_time() - began < 1.0  # 0.4 s on a slow core


# The table


def test_the_table_moves_with_the_key() -> None:
    table = chord_table()
    up = np.array([transpose_chord(chord, 1) for chord in range(217)])
    masks = np.arange(4096)
    raised = (masks << 1 | masks >> 11) & 4095
    assert np.array_equal(up[table], np.roll(table[raised], -1, axis=1))


def test_a_bass_outside_the_set_has_no_chord() -> None:
    table = chord_table()
    outside = (np.arange(4096)[:, None] >> np.arange(12)) & 1 == 0
    assert (table[outside] == NO_CHORD).all()


def test_music21_still_says_what_the_table_says() -> None:
    music21 = pytest.importorskip("music21")
    assert music21.__version__
    from meloformer.score.make_chord_table import ask

    table = chord_table()
    rng = np.random.default_rng(0)
    named_sets = np.flatnonzero((table[:, 0] != NO_CHORD) & (np.arange(4096) % 2 == 1))
    masks = [*rng.choice(named_sets, 25, replace=False), *rng.choice(2048, 15) * 2 + 1]
    for mask, bass in product(masks, range(12)):
        tones = [k for k in range(12) if mask >> k & 1]
        if bass not in tones:
            continue
        answers = {}
        for root in tones:
            above = tuple(sorted((tone - root) % 12 for tone in tones))
            quality = ask(above, (bass - root) % 12)
            if quality is not None:
                answers[root] = QUALITIES.index(quality)
        expected = NO_CHORD
        if answers:
            root = bass if bass in answers else min(answers, key=lambda r: answers[r])
            expected = root * NUM_QUALITIES + answers[root]
        assert table[mask, bass] == expected, (tones, bass)


@pytest.mark.parametrize("symbol", ["C", "Am", "F#m7", "Bbmaj7", "G7", "Ebm", "B7", "Abmaj9", "D9"])
def test_music21s_own_spelling_and_root_agree(symbol: str) -> None:
    harmony = pytest.importorskip("music21.harmony")
    figure = symbol.replace("b", "-") if symbol[1:2] == "b" else symbol
    figure = figure.replace("maj9", "M9")
    theirs = harmony.ChordSymbol(figure)
    pitches = [pitch.midi for pitch in theirs.pitches]
    assert recognise_one(*block(*pitches)) == symbol
    assert CHORD_NAMES[parse_chord(symbol)] == symbol
    assert theirs.root().pitchClass == parse_chord(symbol) // NUM_QUALITIES
