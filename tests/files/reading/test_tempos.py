"""The tempo behind the seam is the piece's own, however fast, and a ritardando is taken back."""

import io

import mido
import pytest

from meloformer.engine.export import continuation_alone
from meloformer.engine.piece import Piece
from meloformer.engine.request import ContinueRequest, RewriteRequest
from meloformer.score import read_midi
from tests.files.reading.builder import QUARTER, metre, midi, notes, tempo, track
from tests.files.reading.written import candidate_of, joined

BAR = 4 * QUARTER
END = 12 * BAR


def piece(*tempos: tuple[int, float]) -> Piece:
    head = track((0, metre(4, 4)), [(tick, tempo(qpm)) for tick, qpm in tempos])
    return Piece.read("tempo", midi(head, track(notes(range(0, END, QUARTER), QUARTER, [60, 64]))))


def tempo_after(of: Piece, **asked) -> float:
    """What is in force at the first new note."""
    data = joined(of, ContinueRequest(num_bars=2, **asked))
    seam = int(of.grid.whole_starts[asked.get("from_bar", -1)])
    return [t.qpm for t in read_midi(data).tempos if t.tick <= seam][-1]


@pytest.mark.parametrize("qpm", [12, 30, 39, 97.3, 251, 300, 480])
def test_the_tempo_goes_on_and_none_is_written(qpm):
    of = piece((0, qpm))
    data = joined(of, ContinueRequest(num_bars=2))
    sent = [m for t in mido.MidiFile(file=io.BytesIO(data)).tracks for m in t]
    assert len([m for m in sent if m.type == "set_tempo"]) == 1
    assert read_midi(data).tempos == of.score.tempos
    request = ContinueRequest(num_bars=2)
    alone = read_midi(continuation_alone(of, request, candidate_of(of, request)))
    assert alone.tempos[0].qpm == pytest.approx(qpm, rel=1e-4)


RITARDANDO = [(0, 120.0)] + [(10 * BAR + beat * QUARTER, 114.0 - 7 * beat) for beat in range(8)]


@pytest.mark.parametrize(
    "tempos",
    [
        RITARDANDO,
        [(0, 120.0), (11 * BAR, 60.0)],
        [(0, 120.0), (END - QUARTER, 40.0)],
        [(0, 80.0), (4 * BAR, 120.0), (10 * BAR, 100.0), (11 * BAR, 70.0)],
        [(0, 80.0), (7 * BAR, 120.0), *((11 * BAR + 48 * i, 118.0 - i) for i in range(40))],
        [(i * QUARTER, 120.0 + 0.1 * (i % 3)) for i in range(40)] + [(10 * BAR, 70.0)],
    ],
    ids=[
        "gradual",
        "a last bar",
        "a last beat",
        "after another tempo",
        "after a longer, slower part",
        "after a tempo written again and again",
    ],
)
def test_a_last_ritardando_is_taken_back(tempos):
    assert tempo_after(piece(*tempos)) == pytest.approx(120.0, rel=1e-3)


@pytest.mark.parametrize(
    ("tempos", "qpm"),
    [
        ([(0, 120.0), (8 * BAR, 80.0)], 80.0),
        ([(0, 100.0), (11 * BAR, 160.0)], 160.0),
        ([(0, 120.0), (END, 60.0)], 120.0),
    ],
    ids=["a new tempo", "faster", "said at the end"],
)
def test_a_new_tempo_stays(tempos, qpm):
    assert tempo_after(piece(*tempos)) == pytest.approx(qpm, rel=1e-3)


def test_a_slower_part_that_has_just_begun_is_known_by_what_follows():
    assert tempo_after(piece((0, 120.0), (4 * BAR, 80.0)), from_bar=5) == pytest.approx(
        80, rel=1e-3
    )


def test_uneven_tempos_go_on_in_their_middle():
    uneven = [(beat * QUARTER, 100.0 + 6 * (beat % 3 - 1)) for beat in range(48)]
    assert tempo_after(piece(*uneven)) == pytest.approx(100, rel=0.07)


def test_bars_written_again_alone_have_the_tempos_of_their_place():
    of = piece((0, 300.0), (4 * BAR, 30.0), (5 * BAR, 200.0))
    request = RewriteRequest(first_bar=3, last_bar=6)
    alone = read_midi(continuation_alone(of, request, candidate_of(of, request)))
    assert [(t.tick // 12, round(t.qpm)) for t in alone.tempos] == [(0, 300), (4, 30), (8, 200)]
