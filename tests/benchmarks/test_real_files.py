from dataclasses import replace
from pathlib import Path

import mido
import pytest

from benchmarks.real_files import broken_laws, last_bar_again
from meloformer.engine.piece import Piece
from meloformer.engine.tasks import Continuation
from meloformer.midi.container import read_container
from tests.files.seam.playing import GM_ON
from tests.files.seam.writing import BAR, control, file, program, quarters, sysex


def test_an_example_breaks_no_law():
    path = Path("assets/examples/band.mid")
    piece = Piece.read(path.stem, path.read_bytes())
    assert list(broken_laws(piece, 4, last_bar_again)) == []


def test_drums_on_another_channel_and_parts_on_two_ports_break_none():
    def on_port(number, *timed):
        return [(0, mido.MetaMessage("midi_port", port=number)), *timed]

    kit = [control(0, 0, 127, 10), program(0, 25, 10), *quarters(0, 2, pitch=38, channel=10)]
    data = file(
        on_port(0, program(0, 73), *quarters(0, 2)),
        on_port(1, program(0, 68), *quarters(0, 2, pitch=67)),
        on_port(0, *kit),
    )
    assert list(broken_laws(Piece.read("ports", data), 2, last_bar_again)) == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_clock_that_another_program_refuses_is_not_held_against_the_result():
    whole = read_container(file([program(0, 40), *quarters(0, 8)]))
    data = replace(whole, division=0xD890).to_bytes()
    piece = Piece.read("clock", data)
    assert list(broken_laws(piece, piece.num_bars, last_bar_again)) == []


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
