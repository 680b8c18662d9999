"""The examples keep their meaning. After a wanted change: meloformer tokens X.mid --out X.txt."""

from pathlib import Path

import pytest

from meloformer.score import read_midi
from meloformer.tokens import encode, to_text

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "assets" / "examples").glob("*.mid"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_reads_as_it_was_written_down(example):
    golden = ROOT / "tests" / "golden" / f"{example.stem}.txt"
    assert to_text(encode(read_midi(example.read_bytes())).ids) == golden.read_text("utf-8")


def test_there_are_six_examples():
    assert len(EXAMPLES) == 6
