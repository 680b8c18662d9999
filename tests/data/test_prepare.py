import json
from pathlib import Path

import numpy as np
import pytest

from meloformer.data.config import PrepareConfig
from meloformer.data.prepare import prepare
from meloformer.data.shards import ShardWriter, open_shards
from meloformer.errors import ConfigError, DataError
from meloformer.score import read_midi, write_midi
from meloformer.tokens import encode, vocabulary
from tests.data.small_corpus import small_score, write_corpus


def test_shards_hold_what_encode_gives(tmp_path: Path) -> None:
    folder = write_corpus(tmp_path / "corpus", 3)
    prepare(PrepareConfig(folder=folder, out=tmp_path / "out", held_out=0.0))
    shards = open_shards(tmp_path / "out" / "train")
    paths = sorted(folder.rglob("*.mid"))
    assert shards.num_documents == len(paths)
    for index, path in enumerate(paths):
        expected = encode(read_midi(path.read_bytes())).ids
        assert np.array_equal(shards.document(index), expected)


def test_counts_add_up_and_no_document_is_on_both_sides(tmp_path: Path) -> None:
    folder = write_corpus(tmp_path / "corpus", 5)
    report = prepare(PrepareConfig(folder=folder, out=tmp_path / "out"))
    assert report.files == 10
    assert [one.documents for one in report.train] == [4, 4]
    assert [one.documents for one in report.held_out] == [1, 1]
    train, held_out = (open_shards(tmp_path / "out" / name) for name in ("train", "held_out"))
    assert train.sets == report.train
    seen = {train.document(i).tobytes() for i in range(train.num_documents)}
    assert all(held_out.document(i).tobytes() not in seen for i in range(2))
    notes = sum(one.notes for one in report.train + report.held_out)
    scores = [read_midi(path.read_bytes()) for path in folder.rglob("*.mid")]
    assert notes == sum(score.num_notes for score in scores)


def test_the_same_input_gives_the_same_bytes_with_any_number_of_workers(tmp_path: Path) -> None:
    folder = write_corpus(tmp_path / "corpus", 4)
    for workers in (1, 2):
        out = tmp_path / f"out{workers}"
        prepare(PrepareConfig(folder=folder, out=out, workers=workers))
    for name in ("train/tokens.bin", "train/offsets.npy", "train/manifest.json", "manifest.json"):
        assert (tmp_path / "out1" / name).read_bytes() == (tmp_path / "out2" / name).read_bytes()


def test_bad_files_are_counted_with_their_reason(tmp_path: Path) -> None:
    folder = write_corpus(tmp_path / "corpus", 3)
    (folder / "band" / "photo.mid").write_bytes(b"\xff\xd8\xff\xe0 not music")
    (folder / "band" / "short.mid").write_bytes(write_midi(small_score(1, num_bars=2)))
    (folder / "band" / "long.mid").write_bytes(write_midi(small_score(2, num_bars=60)))
    out = tmp_path / "out"
    report = prepare(PrepareConfig(folder=folder, out=out, max_tokens=2000))
    assert report.refusals == {"unreadable": 1, "too short": 1, "too long": 1}
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert {"file": "band/photo.mid", "reason": "unreadable"} in manifest["refused"]


def test_a_corpus_of_refusals_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.mid").write_bytes(b"")
    with pytest.raises(DataError, match="refused"):
        prepare(PrepareConfig(folder=tmp_path, out=tmp_path / "out"))


def test_licences_reach_the_manifest(tmp_path: Path) -> None:
    table = tmp_path / "sources.tsv"
    table.write_text("set\tlicence\tsource\nband\tCC0\tthe band\n", encoding="utf-8")
    folder = write_corpus(tmp_path / "corpus", 2)
    report = prepare(PrepareConfig(folder=folder, out=tmp_path / "out", sources=table))
    assert [(one.licence, one.source) for one in report.train] == [
        ("CC0", "the band"),
        ("unknown", "unknown"),
    ]


def test_settings_out_of_range_are_refused(tmp_path: Path) -> None:
    for settings in ({"held_out": 1.0}, {"workers": 0}):
        with pytest.raises(ConfigError):
            PrepareConfig(folder=tmp_path, out=tmp_path, **settings)


def test_shards_of_another_vocabulary_are_refused(shards_folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in (shards_folder / "train").iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    manifest = (copy / "manifest.json").read_text(encoding="utf-8")
    (copy / "manifest.json").write_text(
        manifest.replace(vocabulary().fingerprint, "0123456789abcdef"), encoding="utf-8"
    )
    with pytest.raises(DataError, match="another vocabulary"):
        open_shards(copy)


@pytest.mark.parametrize("name", ["tokens.bin", "offsets.npy", "manifest.json"])
def test_damaged_shards_are_refused(shards_folder: Path, tmp_path: Path, name: str) -> None:
    for path in (shards_folder / "train").iterdir():
        content = path.read_bytes()
        (tmp_path / path.name).write_bytes(content[:-7] if path.name == name else content)
    with pytest.raises(DataError):
        open_shards(tmp_path)


def test_missing_shards_are_an_error_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="meloformer prepare"):
        open_shards(tmp_path / "nowhere")


def test_documents_of_a_set_must_be_neighbours(tmp_path: Path) -> None:
    ids = np.array([1, 2], dtype=np.uint16)
    with ShardWriter(tmp_path) as writer:
        writer.add("a", ids, 0)
        writer.add("b", ids, 0)
        with pytest.raises(DataError, match="neighbours"):
            writer.add("a", ids, 0)
