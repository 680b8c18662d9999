"""Scores of a few notes on the grid, 4/4 unless said otherwise."""

from hypothesis import strategies as st

from meloformer.score import Score, Tempo, TimeSignature, Track, note_array

BAR = 48

Note = tuple[int, int, int]
"""Start and duration in ticks, and pitch."""


def track(notes: list[Note], program: int = 0, *, drums: bool = False) -> Track:
    return Track("", program, drums, note_array([(*note, 82) for note in notes]))


def score(*tracks: Track, bars: int = 1, metre: tuple[int, int] = (4, 4)) -> Score:
    length = metre[0] * 48 // metre[1]
    signatures = (TimeSignature(0, *metre),)
    return Score(12, tracks, (Tempo(0, 120.0),), signatures, bars * length)


def melody(pitches: list[int], *, step: int = 12, start: int = 0) -> list[Note]:
    return [(start + index * step, step, pitch) for index, pitch in enumerate(pitches)]


@st.composite
def scores(draw: st.DrawFn, bars: int = 4) -> Score:
    """One pitched track and one of drums, each with up to twelve notes and perhaps none."""
    note = st.tuples(st.integers(0, bars * BAR - 1), st.integers(1, 24), st.integers(0, 127))
    lists = [
        draw(st.lists(note, max_size=12, unique_by=lambda one: (one[0], one[2]))) for _ in "ab"
    ]
    return score(track(lists[0]), track(lists[1], drums=True), bars=bars)
