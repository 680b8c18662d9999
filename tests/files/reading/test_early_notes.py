"""Notes played a little before the bar line belong to the bar behind it, and give way with it."""

import io

import mido
import pytest

from meloformer.engine.piece import Piece
from meloformer.engine.request import ContinueRequest, RewriteRequest
from meloformer.score import read_midi
from tests.files.reading.builder import QUARTER, control, metre, midi, note, track
from tests.files.reading.written import joined

BAR = 4 * QUARTER


def humanised(early: int, length: int = QUARTER) -> bytes:
    """Eight bars; every bar begins a little early, and a pedal and a drum do as well."""
    starts = [max(0, beat * QUARTER - early) for beat in range(32)]
    piano = [m for beat, at in enumerate(starts) for m in note(at, length, 60 + beat)]
    drums = [m for at in starts for m in note(at, 5, 36, channel=9)]
    pedal = [(4 * BAR - early, control(64, 0)), (4 * BAR - early - 10, control(64, 100))]
    return midi(track((0, metre(4, 4))), track(piano, pedal), track(drums))


def messages_before(data: bytes, tick: int) -> list[tuple[int, int, str]]:
    found = []
    for index, own in enumerate(mido.MidiFile(file=io.BytesIO(data)).tracks):
        at = 0
        for message in own:
            at += message.time
            if at < tick and message.type != "end_of_track":
                found.append((index, at, str(message.copy(time=0))))
    return found


@pytest.mark.parametrize("early", [1, 8, 20])
def test_what_belongs_behind_the_seam_gives_way_and_nothing_else(early):
    data = humanised(early)
    piece = Piece.read("human", data)
    assert piece.num_bars == 8
    whole = joined(piece, ContinueRequest(num_bars=1, from_bar=4))
    seam = 4 * BAR
    for of in read_midi(whole).tracks:
        starts = of.notes[:, 0]
        assert not ((starts >= seam - early) & (starts < seam)).any()
    blips = ("note=76", "note=36")
    kept = [
        m
        for m in messages_before(data, seam)
        if not (m[1] >= seam - early and "note_o" in m[2] and any(b in m[2] for b in blips))
    ]
    assert messages_before(whole, seam) == kept


def test_a_legato_note_a_little_earlier_still_belongs_behind():
    whole = joined(Piece.read("human", humanised(35)), ContinueRequest(num_bars=1, from_bar=4))
    assert 76 not in [
        n[2] for t in read_midi(whole).tracks for n in t.notes.tolist() if n[0] < 7680
    ]


def test_a_short_note_before_the_bar_line_is_a_grace_note_and_stays():
    data = midi(
        track((0, metre(4, 4))),
        track([m for beat in range(32) for m in note(beat * QUARTER, QUARTER, 60)],
              note(4 * BAR - 60, 50, 79)),
    )  # fmt: skip
    whole = joined(Piece.read("grace", data), ContinueRequest(num_bars=1, from_bar=4))
    assert 79 in [n[2] for n in read_midi(whole).tracks[0].notes.tolist() if n[0] < 4 * BAR]


@pytest.mark.parametrize("early", [8, 25, 39])
def test_drums_that_are_over_before_the_line_belong_behind_it(early):
    whole = joined(Piece.read("human", humanised(early)), ContinueRequest(num_bars=1, from_bar=4))
    drums = next(t for t in read_midi(whole).tracks if t.is_drum)
    starts = drums.notes[:, 0]
    assert not ((starts > 4 * BAR - QUARTER) & (starts < 4 * BAR)).any()


@pytest.mark.parametrize("early", [8, 25, 35])
def test_bars_written_again_begin_and_end_with_notes_that_are_early(early):
    """The first beat gives way, and that of the bar after them stays."""
    data = humanised(early)
    piece = Piece.read("human", data)
    whole = joined(piece, RewriteRequest(first_bar=2, last_bar=4))
    before = {(t.is_drum, *n) for t in read_midi(data).tracks for n in t.notes.tolist()}
    after = {(t.is_drum, *n) for t in read_midi(whole).tracks for n in t.notes.tolist()}
    first, last = 2 * BAR - early, 4 * BAR - early
    stay = {one for one in before if not first <= one[1] < last}
    assert stay <= after
    assert not {one for one in after - stay if not 2 * BAR <= one[1] < 4 * BAR}
