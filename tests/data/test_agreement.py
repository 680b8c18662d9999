"""Constants that several rooms depend on: what happens to the rest when one is changed.

Each test changes the source of a copy of the package, and asks a fresh Python.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from meloformer.midi.container import MAX_BYTES

ROOT = Path(__file__).parents[2]
GRID = ("score/grid.py", "TICKS_PER_QUARTER = 12", "TICKS_PER_QUARTER = 24")
TYPE_OF_TOKENS = ("tokens/annotate.py", "    VELOCITY = 7\n", "    VELOCITY = 7\n    GRACE = 8\n")
TYPE_OF_MODEL = ("model/config.py", "    VELOCITY = 7\n", "    VELOCITY = 7\n    GRACE = 8\n")

ROUND_TRIP = """
from meloformer.score import Score, Tempo, TimeSignature, Track, note_array
from meloformer.tokens import decode, encode
rows = [(start, 20 + start % 400, 60 + start % 12, 90) for start in range(0, 3840, 35)]
track = Track("", 0, False, note_array(rows))
score = Score(480, (track,), (Tempo(0, 120.0),), (TimeSignature(0, 4, 4),), 3840)
ids = encode(score).ids
assert (encode(decode(ids)).ids == ids).all()
print(len(set(decode(ids).tracks[0].notes[:, 0].tolist())))
"""


@pytest.fixture
def changed(tmp_path):
    """Run a program with a package in which some texts are replaced."""

    def run(program, *changes):
        folder = Path(tempfile.mkdtemp(dir=tmp_path))
        shutil.copytree(
            ROOT / "meloformer",
            folder / "meloformer",
            ignore=shutil.ignore_patterns("__pycache__", "*.safetensors"),
        )
        for name, old, new in changes:
            file = folder / "meloformer" / name
            text = file.read_text(encoding="utf-8")
            assert text.count(old) == 1
            file.write_text(text.replace(old, new), encoding="utf-8")
        environment = {**os.environ, "PYTHONPATH": str(folder)}
        return subprocess.run(
            [sys.executable, "-c", program],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_as_it_is_all_agrees(changed):
    done = changed(ROUND_TRIP + "import meloformer.checkpoint, meloformer.data.packing")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("module", ["checkpoint", "data.packing"])
def test_a_grid_of_24_is_refused_where_model_and_tokens_meet(changed, module):
    done = changed(f"import meloformer.{module}", GRID)
    assert done.returncode != 0
    assert "is made for other tokens than there are: 899 instead of 1019" in done.stderr


def test_tokens_of_a_grid_of_24_work(changed):
    twelve = changed(ROUND_TRIP)
    done = changed(ROUND_TRIP, GRID)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > int(twelve.stdout)


def test_a_grid_of_24_works_with_a_model_made_for_it(changed):
    done = changed(
        "import meloformer.checkpoint, meloformer.data.packing, meloformer.model.transformer",
        GRID,
        ("model/config.py", "VOCAB_SIZE = 899", "VOCAB_SIZE = 1019"),
        ("model/config.py", "num_onsets: int = 96", "num_onsets: int = 192"),
    )
    assert done.returncode == 0, done.stderr


def test_a_grid_without_triplets_is_refused(changed):
    done = changed("import meloformer.tokens", (*GRID[:2], "TICKS_PER_QUARTER = 16"))
    assert "has no place for both sixteenths and triplets" in done.stderr


def test_a_corpus_is_not_compared_on_a_grid_its_hashes_have_no_room_for(changed):
    done = changed("import meloformer.corpus.duplicates", GRID)
    assert "Onsets below 192 do not fit" in done.stderr


def test_a_ninth_token_type_that_the_model_lacks_is_refused(changed):
    done = changed("import meloformer.checkpoint", TYPE_OF_TOKENS)
    assert "is made for other token types than there are" in done.stderr


def test_a_ninth_token_type_after_those_of_notes_is_refused(changed):
    done = changed("import meloformer.model.config", TYPE_OF_MODEL)
    assert "types of note tokens must be the last ones" in done.stderr


def test_a_ninth_token_type_before_those_of_notes_works(changed):
    """All paths agree: the bits that hold types grow."""
    types = "    ONSET = 4\n    PITCH = 5\n    DURATION = 6\n    VELOCITY = 7\n"
    more = "    GRACE = 4\n    ONSET = 5\n    PITCH = 6\n    DURATION = 7\n    VELOCITY = 8\n"
    documented = types.replace("PITCH = 5\n", 'PITCH = 5\n    """Drums too."""\n')
    program = """
import torch
from meloformer.model.attention.plain import BiasMask
from meloformer.model.attention.rule import dense_mask
from meloformer.model.attention.sparse.mask import SparseMask
from meloformer.model.attention.sparse.tuning import TUNING, TileShape
from meloformer.model.config import SIZES
from meloformer.model.inputs import Inputs
import meloformer.checkpoint, meloformer.data.packing
types = [1, 2, 4, 5, 6, 7, 8, 4, 5, 6, 7, 8, 3, 4, 2, 5]
notes = [-1, -1, -1, 0, 0, 0, 0, -1, 1, 1, 1, 1, -1, -1, -1, 2]
bars = [0] * 13 + [1] * 3
rows = Inputs.from_stream(range(16), types, bars, [0] * 16, [0] * 16, notes)
heads = torch.randn(3, 1, 16, 1, 16)
tuning = TUNING._replace(query_tiles=TileShape(16, 16), key_tiles=TileShape(16, 16))
for config in SIZES.values():
    mask = dense_mask(rows, config)
    by_tiles = SparseMask.of(rows, config, tuning).attend(*heads)
    by_pairs = BiasMask.of(rows, config, torch.float32).attend(*heads)
    torch.testing.assert_close(by_tiles, by_pairs)
assert not mask[0, 5, 2] and mask[0, 12, 2]
"""
    done = changed(
        program,
        ("model/config.py", types, more),
        ("tokens/annotate.py", documented, more),
    )
    assert done.returncode == 0, done.stderr


def test_the_limit_of_an_upload_is_written_once():
    """Pages say it in words; in Python it is a number in one place."""
    megabytes = f"{MAX_BYTES // 1_000_000} MB"
    sources = [*ROOT.glob("meloformer/**/*.py"), *ROOT.glob("ui/**/*.py"), ROOT / "app.py"]
    number = re.compile(r"\b5_000_000\b|\b5000000\b|\b5mb\b", re.IGNORECASE)
    found = [file.name for file in sources if number.search(file.read_text(encoding="utf-8"))]
    assert found == ["container.py"]
    for script in ROOT.glob("ui/static/**/*.js"):
        for said in re.findall(r"larger than ([^?.]*MB)", script.read_text(encoding="utf-8")):
            assert said == megabytes
