"""The fast way from a score to ids writes what the plain way does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meloformer.score import Part, Score, Tempo, TimeSignature, Track, note_array, quantise
from meloformer.score.chord_recognition import recognise
from meloformer.score.chords import CHORD_NAMES
from meloformer.score.grid import DURATION_TICKS, bar_grid, tempo_bins
from meloformer.score.part import parts_of
from meloformer.tokens import decode, encode, to_text
from meloformer.tokens.grid_notes import GridNotes, grid_notes
from tests.strategies import scores

QUARTER = 480


@st.composite
def crowded_scores(draw) -> Score:
    """Many tracks of few programs on few keys: parts are joined, and notes double each other."""
    rows = st.tuples(
        st.sampled_from([0, 17, 20, 40, 930, 950, 1900, 1919]),
        st.sampled_from([1, 19, 21, 480, 7000, 10_000]),
        st.sampled_from([0, 60, 127]),
        st.sampled_from([1, 64, 66, 127]),
    )
    tracks = st.builds(
        Track,
        name=st.just(""),
        program=st.sampled_from([0, 33]),
        is_drum=st.booleans(),
        notes=st.lists(rows, max_size=12).map(note_array),
    )
    return Score(
        QUARTER,
        tuple(draw(st.lists(tracks, max_size=20))),
        (Tempo(0, 90.0),),
        (TimeSignature(0, 4, 4), TimeSignature(950, 3, 8)),
        end_tick=2000,
    )


def plain_names(score: Score) -> list[str]:
    """The tokens of a score, written one after the other from its quantised form."""
    quantised = quantise(score)
    grid, parts = bar_grid(quantised), parts_of(quantised)
    pitched = np.concatenate(
        [np.zeros((0, 4), np.int32), *(t.notes for t in quantised.tracks if not t.is_drum)]
    )
    chords = recognise(pitched[:, 0], pitched[:, 1], pitched[:, 2], grid.starts)
    metres = [f"TS_{n}/{d}" for n, d in zip(grid.numerators, grid.denominators, strict=True)]
    tempos = [f"BPM_{k}" for k in tempo_bins(quantised, grid)]
    names = ["BOS"]
    for bar in range(grid.num_bars):
        names.append(CHORD_NAMES[chords[bar]])
        names += [of[bar] for of in (metres, tempos) if bar == 0 or of[bar] != of[bar - 1]]
        begin, end = grid.starts[bar : bar + 2]
        for track, part in zip(quantised.tracks, parts, strict=True):
            own = track.notes[(track.notes[:, 0] >= begin) & (track.notes[:, 0] < end)]
            if not len(own):
                continue
            names.append("#D" if part.is_drum else f"#P{part.program}")
            names += [f"@{part.instance}"] * (part.instance > 1)
            for start, duration, pitch, velocity in own.tolist():
                step = DURATION_TICKS.tolist().index(duration) + 1
                key = "K" if part.is_drum else "P"
                names += [f"T{start - begin}", f"{key}{pitch}", f"L{step}", f"V{velocity // 4}"]
        names.append("SUM")
    return [*names, "EOS"]


@given(scores() | crowded_scores())
def test_ids_are_those_written_one_by_one_from_the_quantised_score(score):
    assert to_text(encode(score).ids).split() == plain_names(score)


@given(scores() | crowded_scores())
def test_a_score_and_its_quantised_form_have_the_same_ids(score):
    fast, plain = encode(score), encode(quantise(score))
    assert np.array_equal(fast.ids, plain.ids)
    assert (fast.parts, fast.stream_bars[-1]) == (plain.parts, plain.stream_bars[-1])


@given(crowded_scores())
def test_encoding_what_was_decoded_changes_nothing(score):
    ids = encode(score).ids
    assert decode(ids) == quantise(score)
    assert np.array_equal(encode(decode(ids)).ids, ids)


def test_a_part_of_a_track_without_notes_is_none():
    notes = note_array([(0, 480, 60, 64)])
    empty = note_array([])
    tracks = (Track("", 0, False, empty), Track("", 0, False, notes), Track("", 9, True, notes))
    score = Score(QUARTER, tracks, (Tempo(0, 90.0),), (TimeSignature(0, 4, 4),), 480)
    encoding = encode(score)
    assert encoding.part_of_track == (None, Part(0), Part(128))
    assert encoding.parts == (Part(128), Part(0))


def test_the_last_of_everything_fits_into_one_number():
    bars = 9_998
    start = bars * 8 * QUARTER - QUARTER // 12
    track = Track("", 111, False, note_array([(start, 16 * QUARTER, 127, 127)]))
    tempos, metres = (Tempo(0, 250.0),), (TimeSignature(0, 4, 2),)
    score = Score(QUARTER, (track,) * 8, tempos, metres, start + 1)
    notes = grid_notes(score, parts_of(score), bar_grid(score))
    assert notes.bar.tolist() == [bars - 1] * 8
    assert notes.part[-1] == Part(111, 8).number
    fields = np.stack([notes.onset, notes.pitch, notes.step, notes.velocity_bin])
    assert fields[:, -1].tolist() == [95, 127, 63, 31]


@pytest.mark.parametrize("is_drum", [False, True])
def test_of_doubled_notes_the_longest_stays_and_of_those_the_loudest(is_drum):
    rows = [(0, 480, 60, 127), (2, 960, 60, 40), (1, 960, 60, 80), (0, 480, 61, 20)]
    track = Track("", 0, is_drum, note_array(rows))
    score = Score(QUARTER, (track,), (Tempo(0, 90.0),), (TimeSignature(0, 4, 4),), 960)
    notes = grid_notes(score, parts_of(score), bar_grid(score))
    assert isinstance(notes, GridNotes)
    assert notes.pitch.tolist() == [60, 61]
    assert DURATION_TICKS[notes.step].tolist() == [24, 12]
    assert notes.velocity_bin.tolist() == [20, 5]
    assert notes.is_drum.tolist() == [is_drum] * 2
