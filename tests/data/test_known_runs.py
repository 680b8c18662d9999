import dataclasses
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from meloformer.data import known_runs
from meloformer.data.known_runs import MAX_BYTES, RUN_NOTES, KnownRuns, filter_bytes
from meloformer.data.shards import Shards, open_shards
from meloformer.errors import DataError
from meloformer.score.note_runs import run_hashes
from meloformer.tokens.lines import lines_of_stream

FACTS = ("num_pieces", "num_notes", "num_runs")


@pytest.fixture(scope="module")
def shards(shards_folder: Path) -> Shards:
    return open_shards(shards_folder / "train")


@pytest.fixture(scope="module")
def known(shards: Shards) -> KnownRuns:
    return KnownRuns.of_shards(shards)


@pytest.fixture
def path(known: KnownRuns, tmp_path: Path) -> Path:
    known.write(tmp_path / "index.safetensors")
    return tmp_path / "index.safetensors"


def test_every_run_of_the_music_is_known_and_counted_once(shards: Shards, known: KnownRuns) -> None:
    runs, notes = set(), 0
    for document in range(shards.num_documents):
        for line in lines_of_stream(np.asarray(shards.document(document))):
            notes += len(line)
            places = range(len(line) - RUN_NOTES + 1)
            steps = np.diff(line, axis=0)
            runs |= {steps[at : at + RUN_NOTES - 1].tobytes() for at in places}
            assert known.filter.contain(run_hashes([line], RUN_NOTES)).all()
    assert (known.num_pieces, known.num_notes) == (shards.num_documents, notes)
    assert known.num_runs == len(runs) > 100


def test_progress_is_told_piece_by_piece(shards: Shards) -> None:
    told: list[tuple[int, int]] = []
    KnownRuns.of_shards(shards, lambda done, total: told.append((done, total)))
    assert told == [(done + 1, shards.num_documents) for done in range(shards.num_documents)]


def test_more_music_is_added(shards: Shards, known: KnownRuns) -> None:
    half = shards.num_documents // 2
    ids, offsets = np.asarray(shards.ids), shards.offsets
    parts = [
        dataclasses.replace(shards, ids=ids[: offsets[half]], offsets=offsets[: half + 1]),
        dataclasses.replace(
            shards, ids=ids[offsets[half] :], offsets=offsets[half:] - offsets[half]
        ),
    ]
    first = KnownRuns.of_shards(parts[0])
    roomy = dataclasses.replace(first, filter=first.filter.of(np.zeros(0, np.uint64), 1 << 16))
    both = roomy.and_of_shards(parts[0]).and_of_shards(parts[1])
    for document in range(shards.num_documents):
        runs = run_hashes(lines_of_stream(np.asarray(shards.document(document))), RUN_NOTES)
        assert both.filter.contain(runs).all()
    assert both.num_runs == pytest.approx(first.num_runs + known.num_runs, rel=0.01)


def test_an_index_that_is_full_takes_no_more(shards: Shards, known: KnownRuns) -> None:
    small = dataclasses.replace(known, filter=known.filter.of(np.zeros(0, np.uint64), 8))
    with pytest.raises(DataError, match="no room"):
        small.and_of_shards(shards)


def test_what_is_written_is_what_is_read(known: KnownRuns, path: Path) -> None:
    found = KnownRuns.read(path)
    assert [getattr(found, name) for name in FACTS] == [getattr(known, name) for name in FACTS]
    assert np.array_equal(found.filter.bits, known.filter.bits)


def test_eight_million_notes_fit_into_eight_megabytes(known: KnownRuns, path: Path) -> None:
    around = path.stat().st_size - len(known.filter.bits)
    assert around < 1_000
    assert filter_bytes(4_000_000) == 4_000_001
    assert filter_bytes(8_000_000) + around <= MAX_BYTES
    assert filter_bytes(10**12) + around <= MAX_BYTES
    assert filter_bytes(0) == 1


@pytest.mark.parametrize("length", [0, 7, 60, -1])
def test_a_file_cut_short_is_refused(path: Path, length: int) -> None:
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(DataError, match="is damaged"):
        KnownRuns.read(path)


def test_a_changed_bit_is_noticed(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(DataError, match="is damaged"):
        KnownRuns.read(path)


@pytest.mark.parametrize(
    "bits",
    [
        np.zeros(0, dtype=np.uint8),
        np.zeros((2, 2), dtype=np.uint8),
        np.zeros(4, dtype=np.float32),
    ],
)
def test_bits_of_another_shape_are_refused(known: KnownRuns, path: Path, bits: np.ndarray) -> None:
    odd = dataclasses.replace(known, filter=dataclasses.replace(known.filter, bits=bits))
    odd.write(path)
    with pytest.raises(DataError, match="is damaged"):
        KnownRuns.read(path)


def test_a_file_without_facts_is_refused(path: Path) -> None:
    tensors = load_file(path)
    save_file(tensors, path, {"pieces": "many"})
    with pytest.raises(DataError, match="is damaged"):
        KnownRuns.read(path)
    save_file({"weights": tensors["bits"]}, path)
    with pytest.raises(DataError, match="is damaged"):
        KnownRuns.read(path)


def test_a_file_beyond_the_cap_is_refused_unread(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(DataError, match="more than the 8,000,000 allowed"):
        KnownRuns.read(path)


def test_an_index_of_other_runs_is_refused(
    known: KnownRuns, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_runs, "RUN_NOTES", RUN_NOTES + 1)
    with pytest.raises(DataError, match="another version"):
        KnownRuns.read(path)
