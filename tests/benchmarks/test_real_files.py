from pathlib import Path

from benchmarks.real_files import broken_laws, last_bar_again
from meloformer.engine.piece import Piece
from meloformer.engine.tasks import Continuation
from tests.files.seam.playing import GM_ON
from tests.files.seam.writing import BAR, file, program, quarters, sysex


def test_an_example_breaks_no_law():
    path = Path("assets/examples/band.mid")
    piece = Piece.read(path.stem, path.read_bytes())
    assert list(broken_laws(piece, 4, last_bar_again)) == []


def test_what_breaks_a_law_is_named(monkeypatch):
    data = file([program(0, 40), *quarters(0, 2), sysex(2 * BAR - 9, *GM_ON)])
    piece = Piece.read("strings", data)
    hanging = file([*quarters(0, 3)[:-1]])
    monkeypatch.setattr(Continuation, "joined", lambda *_: hanging)
    assert list(broken_laws(piece, 2, last_bar_again)) == [
        "messages before the seam have changed",
        "new notes without their program: {40: 4}",
        "key 60 hangs in channel 1",
    ]
