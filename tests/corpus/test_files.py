import os
import random
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from meloformer.corpus.files import SourceFile, find_files, read_sources
from meloformer.errors import DataError
from tests.corpus.hostile_archives import MUSIC, OTHER_MUSIC, PACKERS, raw_zip, zip_bytes
from tests.corpus.small_corpus import write_corpus


def write(folder: Path, names: Iterable[str]) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(MUSIC)
    return folder


def found(tmp_path: Path, *inputs: Path, groups: Path | None = None) -> tuple[SourceFile, ...]:
    return find_files(inputs, tmp_path / "staging", groups)


def sets_of(files: tuple[SourceFile, ...]) -> dict[str, str]:
    return {file.name: file.document_set for file in files}


def test_the_first_folder_names_the_document_set(tmp_path: Path) -> None:
    files = found(tmp_path, write_corpus(tmp_path / "corpus", 2))
    assert [(file.name, file.document_set) for file in files] == [
        ("band/0.mid", "band"),
        ("band/1.mid", "band"),
        ("tune/0.mid", "tune"),
        ("tune/1.mid", "tune"),
    ]
    assert all(file.group == file.name for file in files)
    assert not (tmp_path / "staging").exists()


def test_loose_files_belong_to_the_set_of_their_folder(tmp_path: Path) -> None:
    folder = write(tmp_path / "mine", ["a.MID", "b.kar", "band/c.midi", "band/x/d.rmi", "e.txt"])
    assert sets_of(found(tmp_path, folder)) == {
        "a.MID": "mine",
        "b.kar": "mine",
        "band/c.midi": "band",
        "band/x/d.rmi": "band",
    }


@pytest.mark.parametrize(
    ("names", "sets"),
    [
        (["songs/a.mid", "songs/b.mid"], ["songs", "songs"]),
        (["songs/band/a.mid", "songs/tune/b.mid"], ["band", "tune"]),
        (["songs/band/a.mid"], ["band"]),
        (["home/songs/band/x/a.mid", "home/songs/b.mid"], ["band", "songs"]),
        (["band/a.mid", "b.mid"], ["band", "corpus"]),
        (["band/a.mid", "bands/b.mid"], ["band", "bands"]),
    ],
)
def test_folders_that_hold_everything_name_no_set(
    tmp_path: Path, names: list[str], sets: list[str]
) -> None:
    expected = dict(zip(names, sets, strict=True))
    assert sets_of(found(tmp_path, write(tmp_path / "corpus", names))) == expected
    archive = tmp_path / "corpus.zip"
    archive.write_bytes(zip_bytes(dict.fromkeys(names, MUSIC)))
    assert sets_of(found(tmp_path, archive)) == expected


@pytest.mark.parametrize("kind", PACKERS)
def test_an_archive_is_what_the_folder_in_it_would_be(tmp_path: Path, kind: str) -> None:
    folder = write_corpus(tmp_path / "corpus", 2)
    contents = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.mid")}
    archive = tmp_path / f"corpus.{kind}"
    archive.write_bytes(PACKERS[kind](contents))
    plain, unpacked = found(tmp_path, folder), found(tmp_path, archive)
    assert sets_of(plain) == sets_of(unpacked)
    for one, other in zip(plain, unpacked, strict=True):
        assert other.path == tmp_path / "staging" / "corpus" / one.name
        assert other.path.read_bytes() == one.path.read_bytes()
    assert found(tmp_path, archive) == unpacked


def test_names_of_several_inputs_begin_with_the_inputs(tmp_path: Path) -> None:
    folder = write(tmp_path / "mine", ["a.mid", "band/b.mid"])
    archive = tmp_path / "songs.v2.TAR.gz"
    archive.write_bytes(PACKERS["tar.gz"]({"songs/a.mid": MUSIC}))
    single = write(tmp_path / "other", ["a.mid", "b.mid"])
    files = found(tmp_path, folder, archive, single / "b.mid", single / "a.mid")
    assert [(file.document_set, file.name) for file in files] == [
        ("band", "mine/band/b.mid"),
        ("mine", "mine/a.mid"),
        ("other", "other/a.mid"),
        ("other", "other/b.mid"),
        ("songs", "songs.v2/songs/a.mid"),
    ]
    assert files == found(tmp_path, single / "a.mid", single / "b.mid", archive, folder)


def test_a_single_file_belongs_to_the_set_of_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(write(tmp_path / "mine", ["a.mid"]))
    for path in (Path("a.mid"), Path("../mine/a.mid"), Path()):
        assert sets_of(found(tmp_path, path)) == {"a.mid": "mine"}


def test_inputs_of_one_name_are_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "mine", ["a.mid", "b.mid"])
    other = write(tmp_path / "x" / "mine", ["a.mid"])
    archive = tmp_path / "Mine.zip"
    archive.write_bytes(zip_bytes({"a.mid": OTHER_MUSIC}))
    for inputs in (
        (folder, folder),
        (folder, other),
        (archive, other),
        (folder, folder / "a.mid"),
        (folder / "a.mid", other / "a.mid"),
    ):
        with pytest.raises(DataError, match=r"both called `[Mm]ine`(.|\n)*Rename"):
            found(tmp_path, *inputs)
    assert len(found(tmp_path, folder / "b.mid", other / "a.mid")) == 2


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    folder = write(tmp_path / "mine", ["a.mid"])
    (folder / "again").symlink_to(folder)
    (folder / "b.mid").symlink_to(folder / "a.mid")
    (folder / "gone.mid").symlink_to(folder / "nowhere.mid")
    (folder / "c.mid").mkdir()
    os.mkfifo(folder / "d.mid")
    assert sets_of(found(tmp_path, folder)).keys() == {"a.mid", "b.mid"}
    (tmp_path / "linked").symlink_to(folder)
    assert sets_of(found(tmp_path, tmp_path / "linked")).keys() == {"a.mid", "b.mid"}


def test_what_archives_were_unpacked_to_is_no_input(tmp_path: Path) -> None:
    archive = tmp_path / "songs.zip"
    archive.write_bytes(zip_bytes({"a.mid": MUSIC}))
    folder = write(tmp_path / "mine", ["b.mid"])
    for _ in range(2):
        files = find_files([folder, archive], folder / "out" / "staging")
        assert [file.name for file in files] == ["mine/b.mid", "songs/a.mid"]


def test_names_that_are_not_utf_8_are_shown_by_their_codes(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    write(folder, ["f\udcfcr/Elise.mid", "für/Thérèse.mid"])
    files = found(tmp_path, folder)
    assert sets_of(files) == {r"f\udcfcr/Elise.mid": r"f\udcfcr", "für/Thérèse.mid": "für"}
    assert all(file.path.read_bytes() == MUSIC for file in files)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("missing", "no file or folder `.*missing`"),
        ("empty", "no MIDI file in `.*empty`"),
        ("empty.zip", "no MIDI file in `.*empty.zip`"),
        ("notes.txt", "neither a folder, a ZIP, a tar nor a MIDI file"),
        ("hostile.zip", "outside"),
    ],
)
def test_what_is_no_music_is_a_sentence(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty.zip").write_bytes(raw_zip())
    (tmp_path / "notes.txt").write_text("no music")
    (tmp_path / "hostile.zip").write_bytes(zip_bytes({"../a.mid": MUSIC}))
    good = write(tmp_path / "good", ["a.mid"])
    with pytest.raises(DataError, match=words) as refusal:
        found(tmp_path, good, tmp_path / name)
    assert refusal.value.problem.endswith(".")
    assert refusal.value.hint.endswith(".")


def test_a_folder_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    folder = write(tmp_path / "mine", ["a.mid"])
    place = os.open(folder, os.O_RDONLY)
    for _ in range(20):  # deeper than a path can be long
        os.mkdir("x" * 250, dir_fd=place)
        inner = os.open("x" * 250, os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = inner
    os.close(place)
    with pytest.raises(DataError, match="cannot be read: File name too long"):
        found(tmp_path, folder)
    shutil.rmtree(folder)


def test_groups_are_found_with_and_without_the_name_of_the_input(tmp_path: Path) -> None:
    table = tmp_path / "groups.tsv"
    rows = ["band/a.mid\tone\t10", "corpus/band/b.mid\tone\t10", "band/c.mid\t\t10", "x.mid\ttwo\t"]
    table.write_text("\ufefffile\tgroup\tnotes\n" + "\n".join(rows) + "\n\n", encoding="utf-8")
    folder = write(tmp_path / "corpus", [f"band/{name}.mid" for name in "abcd"])
    other = write(tmp_path / "other", ["x.mid"])
    archive = tmp_path / "packed.zip"
    archive.write_bytes(zip_bytes({"corpus/band/b.mid": MUSIC}))
    alone = {file.name: file.group for file in found(tmp_path, folder, groups=table)}
    assert alone == {
        "band/a.mid": "one",
        "band/b.mid": "one",
        "band/c.mid": "band/c.mid",
        "band/d.mid": "band/d.mid",
    }
    files = found(tmp_path, folder, other, archive, groups=table)
    assert {file.name: file.group for file in files} == {
        "corpus/band/a.mid": "one",
        "corpus/band/b.mid": "one",
        "corpus/band/c.mid": "corpus/band/c.mid",
        "corpus/band/d.mid": "corpus/band/d.mid",
        "other/x.mid": "two",
        "packed/corpus/band/b.mid": "one",
    }


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "file, group"),
        (b"name\tplace\na\tb\n", "file, group"),
        (b"file\tgroup\na.mid\tone\nb.mid\n", "Line 3 of `.*` has 1 columns, the first line has 2"),
        (b"file\tgroup\na.mid\tone\ttwo\n", "Line 2"),
        (b"file\tgroup\na.mid\tone\na.mid\ttwo\n", "`a.mid` into two groups"),
        (b"file\tgroup\n\xff.mid\tone\n", "cannot be read"),
        (b'file\tgroup\n"a.mid\tone\n', "cannot be read"),
    ],
)
def test_a_bad_table_is_a_sentence(tmp_path: Path, content: bytes, words: str) -> None:
    table = tmp_path / "groups.tsv"
    table.write_bytes(content)
    with pytest.raises(DataError, match=words) as refusal:
        found(tmp_path, write(tmp_path / "corpus", ["a.mid"]), groups=table)
    assert refusal.value.problem.endswith(".")
    with pytest.raises(DataError, match=r"cannot be read: .*No such file"):
        found(tmp_path, tmp_path / "corpus", groups=tmp_path / "missing.tsv")


def test_a_table_of_other_files_is_a_sentence(tmp_path: Path) -> None:
    table = tmp_path / "groups.tsv"
    table.write_text("file\tgroup\ntrain/a.mid\tone\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"names none of the 2 files"):
        found(tmp_path, write(tmp_path / "corpus", ["a.mid", "b.mid"]), groups=table)


def test_the_order_is_the_same_whatever_the_disk_gives_first(tmp_path: Path) -> None:
    names = [f"{place}/{index}.mid" for place in ("b", "a/x", "a", "Z") for index in range(12)]
    orders = []
    for run in range(3):
        random.Random(run).shuffle(names)
        files = found(tmp_path, write(tmp_path / str(run) / "corpus", names))
        orders.append([(file.document_set, file.name) for file in files])
    assert orders[0] == orders[1] == orders[2] == sorted(orders[0])


def test_the_shipped_table_of_sources_names_a_licence_for_every_share() -> None:
    from meloformer.data.config import SHARES

    sources = read_sources()
    assert sources.keys() >= SHARES.keys()
    assert all(source.licence and source.source for source in sources.values())
    assert sum(SHARES.values()) == pytest.approx(1.0)
