import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from meloformer.corpus.hub import from_datasets, to_datasets
from meloformer.data.shards import ShardWriter, Source, open_shards
from meloformer.errors import ConfigError, DataError
from meloformer.tokens import Kind, encode, vocabulary
from tests.corpus.small_corpus import small_score

datasets = pytest.importorskip("datasets")
pa = pytest.importorskip("pyarrow")

SOURCES = {
    "band": Source("CC0", "the band", synthetic="the bass"),
    "tune": Source("CC BY 4.0", "Größe & Töchter, メロディ"),
}
FILES = ("tokens.bin", "offsets.npy", "manifest.json")


def documents(count, seed=0):
    return [encode(small_score(seed + index, 4 + index % 5, 2)).ids for index in range(count)]


def write_prepared(folder, *, train=(("band", 300), ("tune", 3)), held_out=(("tune", 2),)):
    """What `prepare` writes, as far as the converter reads it."""
    for side, sets in (("train", train), ("held_out", held_out)):
        with ShardWriter(folder / side) as writer:
            for name, count in sets:
                for ids in documents(count, seed=7 * len(name)):
                    notes = int((vocabulary().kind[ids] == Kind.ONSET).sum())
                    writer.add(name, ids, notes)
            writer.finish(SOURCES)
    return folder


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    return write_prepared(tmp_path_factory.mktemp("prepared"))


@pytest.fixture(scope="module")
def saved(prepared, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved") / "music"
    to_datasets(prepared, folder)
    return folder


def save(folder, *, description=None, **columns):
    """A folder that somebody made with the library; `columns` replace those of one good piece."""
    if description is None:
        description = f"of vocabulary {vocabulary().fingerprint}"
    ids = pa.array([documents(1)[0]], pa.list_(pa.uint16()))
    table = {"ids": ids, "document_set": ["band"], "licence": ["CC0"], "source": ["me"]} | columns
    table = pa.table({name: column for name, column in table.items() if column is not None})
    train = datasets.Dataset(table, info=datasets.DatasetInfo(description=description))
    datasets.DatasetDict(train=train).save_to_disk(str(folder))
    return folder


def test_there_and_back_gives_the_same_bytes(prepared, saved, tmp_path: Path) -> None:
    from_datasets(saved, tmp_path / "back")
    for side in ("train", "held_out"):
        for name in FILES:
            back, there = (folder / side / name for folder in (tmp_path / "back", prepared))
            assert back.read_bytes() == there.read_bytes()


def test_the_library_reads_what_was_written(prepared, saved) -> None:
    loaded = datasets.load_from_disk(str(saved))
    assert set(loaded) == {"train", "held_out"}
    assert loaded["train"].features["ids"].feature == datasets.Value("uint16")
    shards = open_shards(prepared / "train")
    assert len(loaded["train"]) == shards.num_documents
    for index in (0, 255, 256, 299, 300, 302):
        row = loaded["train"][index]
        assert row["ids"] == shards.document(index).tolist()
        name = "band" if index < 300 else "tune"
        of_set = (row["licence"], row["source"], row["synthetic"])
        assert (row["document_set"], Source(*of_set)) == (name, SOURCES[name])
    assert vocabulary().fingerprint in loaded["train"].info.description


def test_rows_that_the_library_chose_come_back_as_shards(prepared, saved, tmp_path: Path) -> None:
    loaded = datasets.load_from_disk(str(saved))
    every_third = loaded["train"].select(range(0, 303, 3))
    datasets.DatasetDict(train=every_third).save_to_disk(
        str(tmp_path / "some"), num_shards={"train": 3}
    )
    from_datasets(tmp_path / "some", tmp_path / "back")
    back, shards = (open_shards(folder / "train") for folder in (tmp_path / "back", prepared))
    assert [one.documents for one in back.sets] == [100, 1]
    for index in range(101):
        assert np.array_equal(back.document(index), shards.document(3 * index))


def test_where_nothing_is_held_out_there_is_one_split(tmp_path: Path) -> None:
    prepared = write_prepared(tmp_path / "prepared", train=(("band", 2),), held_out=())
    to_datasets(prepared, tmp_path / "saved")
    assert set(datasets.load_from_disk(str(tmp_path / "saved"))) == {"train"}
    from_datasets(tmp_path / "saved", tmp_path / "back")
    for name in FILES:
        back, there = (folder / "held_out" / name for folder in (tmp_path / "back", prepared))
        assert back.read_bytes() == there.read_bytes()


def test_the_manifest_names_the_sets_of_both_sides(saved, tmp_path: Path) -> None:
    from_datasets(saved, tmp_path / "back")
    manifest = json.loads((tmp_path / "back" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["vocabulary"] == vocabulary().fingerprint
    counts = [[one["documents"] for one in manifest[side]] for side in ("train", "held_out")]
    assert counts == [[300, 3], [2]]


def test_no_request_leaves_the_machine(prepared, tmp_path: Path) -> None:
    program = f"""
import sys
def listen(event, arguments):
    if event.startswith("socket."):
        raise SystemExit(f"{{event}} {{arguments}}")
sys.addaudithook(listen)
from pathlib import Path
from meloformer.corpus.hub import from_datasets, to_datasets
to_datasets(Path({str(prepared)!r}), Path("saved"))
from_datasets(Path("saved"), Path("back"))
"""
    environment = {**os.environ, "HF_HOME": str(tmp_path / "home"), "PYTHONPATH": str(Path.cwd())}
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    assert {path.name for path in tmp_path.iterdir()} <= {"saved", "back", "home"}


def test_shards_that_are_missing_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="prepare the music first"):
        to_datasets(tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_damaged_held_out_shards_are_not_left_out(prepared, tmp_path: Path) -> None:
    shutil.copytree(prepared, tmp_path / "prepared")
    (tmp_path / "prepared" / "held_out" / "tokens.bin").write_bytes(b"")
    with pytest.raises(DataError, match="do not fit together"):
        to_datasets(tmp_path / "prepared", tmp_path / "out")


def test_a_folder_in_use_is_left_alone(prepared, saved, tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine", encoding="utf-8")
    for convert, given in ((to_datasets, prepared), (from_datasets, saved)):
        with pytest.raises(ConfigError, match="in use"):
            convert(given, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]


def test_an_empty_folder_may_be_given(prepared, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    to_datasets(prepared, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_place_that_cannot_be_written_is_a_sentence(prepared, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DataError, match="cannot be written"):
        to_datasets(prepared, tmp_path / "file" / "out")


@pytest.mark.parametrize("library", ["datasets", "pyarrow"])
def test_a_missing_library_is_a_sentence(prepared, saved, tmp_path, monkeypatch, library) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    convert, given = (to_datasets, prepared) if library == "datasets" else (from_datasets, saved)
    with pytest.raises(ConfigError, match=r"pip install 'meloformer\[datasets\]'"):
        convert(given, tmp_path / "out")


def one_list(ids, item=None):
    return pa.array([ids], pa.list_(item or pa.uint16()))


def good(**changes):
    """The ids of a piece with some of them changed, by place."""
    ids = documents(1)[0].tolist()
    for place, value in changes.items():
        ids[{"first": 0, "inside": 9, "last": -1}[place]] = value
    return one_list(ids)


VOCABULARY_SIZE = vocabulary().size


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"ids": good(inside=VOCABULARY_SIZE)}, f"has the id {VOCABULARY_SIZE}"),
        ({"ids": good(first=4)}, "does not run from BOS to EOS"),
        ({"ids": good(last=4)}, "does not run from BOS to EOS"),
        ({"ids": good(inside=0)}, "has PAD, BOS or EOS inside"),
        ({"ids": good(inside=2)}, "has PAD, BOS or EOS inside"),
        ({"ids": one_list([])}, "does not run from BOS to EOS"),
        ({"ids": one_list([1, 2])}, "does not run from BOS to EOS"),
        ({"ids": one_list([1, 5, 2], pa.int64())}, "is list<item: int64>"),
        ({"ids": one_list([1, None, 2])}, "empty cells"),
        ({"ids": pa.array([None], pa.list_(pa.uint16()))}, "empty cells"),
        ({"ids": pa.array([7])}, "is int64"),
        ({"ids": None}, "has no column `ids`"),
        ({"document_set": None}, "has no column `document_set`"),
        ({"document_set": [3]}, "`document_set` of .* is int64"),
        ({"licence": pa.array([None], pa.string())}, "empty cells"),
        ({"source": None}, "has no column `source`"),
        ({"description": ""}, "does not say of which vocabulary"),
        ({"description": "vocabulary 0123456789abcdef"}, "of another vocabulary"),
    ],
)
def test_rows_that_cannot_be_music_are_refused(tmp_path: Path, columns, words) -> None:
    folder = save(tmp_path / "given", **columns)
    with pytest.raises(DataError, match=words):
        from_datasets(folder, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["given"]


def test_a_set_has_one_licence(tmp_path: Path) -> None:
    two = {"document_set": ["band"] * 2, "licence": ["CC0", "none"], "source": ["me"] * 2}
    ids = pa.array([documents(1)[0]] * 2, pa.list_(pa.uint16()))
    with pytest.raises(DataError, match=r"band .* has several licences"):
        from_datasets(save(tmp_path / "given", ids=ids, **two), tmp_path / "out")


def test_splits_that_shards_do_not_have_are_named(saved, tmp_path: Path) -> None:
    shutil.copytree(saved, tmp_path / "given")
    for splits, words in (
        (["train", "test"], "has a split `test`"),
        (["held_out"], "has no split `train`"),
        ("train", "names no splits"),
    ):
        text = json.dumps({"splits": splits})
        (tmp_path / "given" / "dataset_dict.json").write_text(text, encoding="utf-8")
        with pytest.raises(DataError, match=words):
            from_datasets(tmp_path / "given", tmp_path / "out")


@pytest.mark.parametrize("name", ["../held_out/data-00000-of-00001.arrow", "/dev/zero", "..", ""])
def test_no_file_outside_the_split_is_opened(saved, tmp_path: Path, name) -> None:
    shutil.copytree(saved, tmp_path / "given")
    state = {"_data_files": [{"filename": name}]}
    (tmp_path / "given" / "train" / "state.json").write_text(json.dumps(state), encoding="utf-8")
    with pytest.raises(DataError, match="has no data file"):
        from_datasets(tmp_path / "given", tmp_path / "out")


@pytest.mark.parametrize(
    "name",
    [
        "dataset_dict.json",
        "train/state.json",
        "train/dataset_info.json",
        "train/data-00000-of-00001.arrow",
    ],
)
def test_damaged_files_are_refused(saved, tmp_path: Path, name) -> None:
    shutil.copytree(saved, tmp_path / "given")
    path = tmp_path / "given" / name
    content = path.read_bytes()
    for damaged in (b"", content[: len(content) // 2], b"[" * 100_000, b"[]", b"\xff" * 64):
        path.write_bytes(damaged)
        with pytest.raises(DataError):
            from_datasets(tmp_path / "given", tmp_path / "out")


def test_a_changed_byte_never_does_more_than_change_a_document(tmp_path: Path) -> None:
    prepared = write_prepared(tmp_path / "prepared", train=(("band", 2),), held_out=())
    to_datasets(prepared, tmp_path / "given")
    path = tmp_path / "given" / "train" / "data-00000-of-00001.arrow"
    content = path.read_bytes()
    rng = np.random.default_rng(3)
    for attempt, at in enumerate(rng.integers(0, len(content), 300)):
        damaged = bytearray(content)
        damaged[at] = rng.integers(256)
        path.write_bytes(damaged)
        out = tmp_path / f"out{attempt}"
        try:
            from_datasets(tmp_path / "given", out)
        except DataError:
            assert not out.exists()
        else:
            open_shards(out / "train")
