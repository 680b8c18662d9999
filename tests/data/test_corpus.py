from pathlib import Path

import pytest

from meloformer.data.corpus import find_files, held_out_groups, read_sources
from meloformer.errors import DataError
from tests.data.small_corpus import write_corpus


def test_the_first_folder_names_the_document_set(tmp_path: Path) -> None:
    files = find_files(write_corpus(tmp_path / "corpus", 2))
    assert [(file.name, file.document_set) for file in files] == [
        ("band/0.mid", "band"),
        ("band/1.mid", "band"),
        ("tune/0.mid", "tune"),
        ("tune/1.mid", "tune"),
    ]


def test_loose_files_belong_to_the_set_of_their_folder(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.MID").write_bytes(b"")
    assert find_files(tmp_path / "mine")[0].document_set == "mine"


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no MIDI file"):
        find_files(tmp_path)


def test_files_of_a_group_are_held_out_together(tmp_path: Path) -> None:
    folder = write_corpus(tmp_path / "corpus", 6)
    table = tmp_path / "groups.tsv"
    rows = [
        f"corpus/{name}/{i}.mid\t{name}-{i // 2}" for name in ("band", "tune") for i in range(6)
    ]
    table.write_text("\n".join(["file\tgroup", *rows]), encoding="utf-8")
    files = find_files(folder, table)
    held = held_out_groups(files, 0.1)
    assert sorted(len([f for f in files if f.group == group]) for group in held) == [2, 2]
    assert {group.split("-")[0] for group in held} == {"band", "tune"}


def test_every_set_of_two_groups_gives_one_to_be_held_out(tmp_path: Path) -> None:
    files = find_files(write_corpus(tmp_path / "corpus", 2))
    assert len(held_out_groups(files, 0.01)) == 2
    assert held_out_groups(files, 0.0) == frozenset()


def test_a_table_without_its_columns_is_an_error(tmp_path: Path) -> None:
    table = tmp_path / "groups.tsv"
    table.write_text("name\tplace\na\tb\n", encoding="utf-8")
    with pytest.raises(DataError, match="file, group"):
        find_files(write_corpus(tmp_path / "corpus", 2), table)


def test_the_shipped_table_of_sources_names_a_licence_for_every_share() -> None:
    from meloformer.data.config import SHARES

    sources = read_sources()
    assert sources.keys() == SHARES.keys()
    assert all(source.licence and source.source for source in sources.values())
    assert sum(SHARES.values()) == pytest.approx(1.0)
