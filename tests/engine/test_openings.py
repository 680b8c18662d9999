"""Pieces from nothing: what is asked for is what comes, whatever the model would like."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meloformer.checkpoint import Card
from meloformer.engine.changes import MetreChange, TempoChange
from meloformer.engine.composition import compose, finish
from meloformer.engine.constraints.rolls import is_roll
from meloformer.engine.constraints.tonic import PHRASE_BARS
from meloformer.engine.export import joined_piece, recipe_of
from meloformer.engine.handles.handles import Handles
from meloformer.engine.opening_words import Beginning
from meloformer.engine.request import ContinueRequest, PartRequest, Presence
from meloformer.midi.blank import was_blank
from meloformer.midi.read import read_file
from meloformer.model import MeloFormer
from meloformer.score.chords import CHORD_NAMES, chord_pitch_classes
from meloformer.score.part import DRUM_PROGRAM, Part
from meloformer.score.scales import MODES, Scale
from meloformer.score.score import PITCH, START
from meloformer.tokens.bar_contents import BarNote

METRES = ((4, 4), (3, 4), (6, 8), (7, 8), (2, 2), (5, 16))
PARTS = (Part(0), Part(33))
DRUMS = Part(DRUM_PROGRAM)
PROGRAMS = (0, 33, 40, DRUM_PROGRAM)


def numbered(programs: list[int]) -> list[Part]:
    """Players of one instrument are its first, second and third parts; there is one drummer."""
    parts = [Part(one, 1 + programs[:at].count(one)) for at, one in enumerate(programs)]
    return [part for part in parts if not part.is_drum or part.instance == 1]


def request_for(opening: Beginning, **more: object) -> ContinueRequest:
    return ContinueRequest(
        parts=tuple(PartRequest(part, Presence.ALWAYS) for part in opening.parts),
        handles=Handles(scale=opening.scale),
        **more,  # type: ignore[arg-type]
    )


@settings(max_examples=12)
@given(
    parts=st.lists(st.sampled_from(PROGRAMS), min_size=1, max_size=3).map(numbered),
    tempo=st.floats(40, 240),
    metre=st.sampled_from(METRES),
    scale=st.none() | st.builds(Scale, st.integers(0, 11), st.sampled_from(sorted(MODES))),
    seed=st.integers(0, 1000),
    change=st.none() | st.tuples(st.integers(0, 2), st.floats(40, 240), st.sampled_from(METRES)),
)
def test_an_opening_is_as_it_was_asked_for(
    model: MeloFormer, card: Card, parts, tempo, metre, scale, seed, change
) -> None:
    opening = Beginning(tuple(parts), tempo, metre, scale)
    tempos, metres = (), ()
    if change is not None:
        tempos = (TempoChange(change[0], change[1]),)
        metres = (MetreChange(change[0], *change[2]),)
    piece = opening.piece()
    request = request_for(opening, num_bars=3, seed=seed, tempos=tempos, metres=metres)
    (candidate,) = finish(compose(model, card, piece.encoding, request))
    recipe = recipe_of(piece, request, candidate, model="m", model_hash="0" * 64)
    assert recipe.from_nothing
    data = joined_piece(piece, request, candidate, recipe).data
    file = read_file(data, end_tick=candidate.score.end_tick * 40)
    assert not file.is_blank
    assert was_blank(file.events)
    assert set(file.parts) == set(parts)
    expected = [metre] * 3
    if change is not None:
        expected[change[0] :] = [change[2]] * (3 - change[0])
    assert [tuple(one) for one in file.grid.whole_metres.tolist()] == expected
    starts = file.grid.whole_starts
    for bar in range(3):
        asked = tempo if change is None or bar < change[0] else change[1]
        in_force = [one.qpm for one in file.score.tempos if one.tick <= starts[bar]][-1]
        assert in_force == pytest.approx(asked, rel=1e-4)
        for track in file.score.tracks:  # every part plays in every bar
            begins = track.notes[:, START]
            assert ((begins >= starts[bar]) & (begins < starts[bar + 1])).any()
    if scale is not None:
        for track in file.score.tracks:
            if not track.is_drum:
                assert set((track.notes[:, PITCH] % 12).tolist()) <= scale.pitch_classes
        first = chord_pitch_classes(CHORD_NAMES.index(candidate.chords[0]))
        if any(scale.pitch_classes >= {scale.tonic, (scale.tonic + k) % 12, (scale.tonic + 7) % 12}
               for k in (3, 4)):  # fmt: skip
            assert first[0] == scale.tonic


@settings(max_examples=12)
@given(seed=st.integers(0, 1000), metre=st.sampled_from(METRES))
def test_drums_roll_only_into_the_next_phrase(
    model: MeloFormer, card: Card, seed: int, metre: tuple[int, int]
) -> None:
    opening = Beginning((DRUMS, Part(0)), metre=metre)
    request = request_for(opening, num_bars=PHRASE_BARS, seed=seed)
    (candidate,) = finish(compose(model, card, opening.piece().encoding, request))
    drums = candidate.score.tracks[candidate.parts.index(DRUMS)]
    bar_ticks = candidate.score.end_tick // PHRASE_BARS
    bars: list[list[BarNote]] = [[] for _ in range(PHRASE_BARS)]
    for start, pitch in drums.notes[:, [START, PITCH]].tolist():
        bar, onset = divmod(start, bar_ticks)
        if bar < PHRASE_BARS - 1 or onset <= bar_ticks // 2:
            bars[bar].append(BarNote(onset, pitch, 0, 0))
    assert not any(map(is_roll, bars))


def test_the_same_seed_writes_the_same_opening(model: MeloFormer, card: Card) -> None:
    opening = Beginning(PARTS)
    first, second, other = (
        finish(
            compose(
                model, card, opening.piece().encoding, request_for(opening, num_bars=2, seed=seed)
            )
        )[0]
        for seed in (3, 3, 4)
    )

    def notes(candidate):
        return [track.notes.tolist() for track in candidate.score.tracks]

    assert notes(first) == notes(second) != notes(other)


def test_chords_that_are_asked_for_come_from_the_first_bar_on(
    model: MeloFormer, card: Card
) -> None:
    opening = Beginning(PARTS[:1], scale=Scale(9, "minor"))
    chords = tuple(CHORD_NAMES.index(name) for name in ("F", "G"))
    request = request_for(opening, num_bars=3, chords=chords)
    (candidate,) = finish(compose(model, card, opening.piece().encoding, request))
    assert candidate.chords == ("F", "G", "F")


def test_parts_play_at_least_as_much_as_the_sparsest_do(model: MeloFormer, card: Card) -> None:
    opening = Beginning((Part(0),))
    request = request_for(opening, num_bars=8)
    (candidate,) = finish(compose(model, card, opening.piece().encoding, request))
    bars = candidate.score.tracks[0].notes[:, START] // 48
    assert np.median(np.bincount(bars, minlength=8)) >= 3
