import dataclasses
from collections import Counter

from meloformer import checkpoint
from meloformer.cli import main
from tests.call_counts import READING, counted


def test_the_shell_reads_a_piece_once(model, card, tmp_path):
    checkpoint.save(tmp_path / "model", model, dataclasses.replace(card, infill=True))
    words = ["continue", "assets/examples/band.mid", "--model", str(tmp_path / "model")]
    words += ["--out", str(tmp_path / "out.mid"), "--candidates", "2"]
    for job, bars_of_new_notes in ((["--bars", "1"], 0), (["--replace", "3"], 2)):
        with counted() as counts:
            main([*words, *job])
        assert counts == Counter(dict.fromkeys(READING, 1), bar_grid=bars_of_new_notes)
