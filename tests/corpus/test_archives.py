"""Whatever is called an archive: its music, or a sentence and nothing at all."""

import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from meloformer.corpus.archives import inventory, is_archive, is_midi_name, printable, unpack
from meloformer.errors import DataError
from meloformer.midi.container import MAX_BYTES
from tests.corpus.hostile_archives import (
    MUSIC,
    OTHER_MUSIC,
    PACKERS,
    REFUSED,
    ZipMember,
    entry,
    raw_tar,
    raw_zip,
    tar_bytes,
    zeros_deflated,
    zip_bytes,
)

SONGS = {
    "songs/band/a.mid": MUSIC,
    "songs/B.MIDI": OTHER_MUSIC,
    "songs/c.kar": MUSIC,
    "d.RmI": OTHER_MUSIC,
}
BESIDE = {
    "songs/read me.txt": b"no music",
    "songs/more.zip": zip_bytes({"e.mid": MUSIC}),
    "songs/mid": b"",
    "songs/._B.MIDI": b"a note of macOS",
    "__MACOSX/songs/._a.mid": b"another",
    "__MACOSX/songs/a.mid": b"another",
}


def written(folder: Path) -> dict[str, bytes]:
    """What a folder holds, by name."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def unpacked(tmp_path: Path, data: bytes) -> dict[str, bytes]:
    (tmp_path / "archive").write_bytes(data)
    unpack(tmp_path / "archive", tmp_path / "staging" / "out")
    assert [path.name for path in (tmp_path / "staging").iterdir()] == ["out"]
    return written(tmp_path / "staging" / "out")


@pytest.mark.parametrize("kind", PACKERS)
def test_the_music_of_an_archive_is_written_whatever_the_archive_is_called(
    tmp_path: Path, kind: str
) -> None:
    data = PACKERS[kind](SONGS | BESIDE)
    assert unpacked(tmp_path, data) == SONGS
    assert is_archive(tmp_path / "archive")


@pytest.mark.parametrize(("data", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_hostile_archives_are_refused_before_anything_is_written(
    tmp_path: Path, data: bytes, words: str
) -> None:
    archive = tmp_path / "songs.zip"
    archive.write_bytes(data)
    before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.process_time()
    with pytest.raises(DataError, match=words) as refusal:
        unpack(archive, tmp_path / "staging" / "songs")
    assert time.process_time() - began < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before_mb < 100
    assert "`songs.zip`" in refusal.value.problem
    assert refusal.value.problem.endswith(".")
    assert refusal.value.hint.endswith(".")
    assert list(tmp_path.iterdir()) == [archive]


@pytest.mark.parametrize("kind", PACKERS)
def test_more_members_than_any_corpus_has_are_refused(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inventory, "MAX_MEMBERS", len(SONGS) - 1)
    with pytest.raises(DataError, match="more than 3 members"):
        unpacked(tmp_path, PACKERS[kind](SONGS))
    monkeypatch.setattr(inventory, "MAX_MEMBERS", len(SONGS))
    assert unpacked(tmp_path, PACKERS[kind](SONGS)) == SONGS


@pytest.mark.parametrize("kind", PACKERS)
def test_an_archive_cut_anywhere_is_refused_or_whole(tmp_path: Path, kind: str) -> None:
    data = PACKERS[kind](SONGS)
    for index, length in enumerate([*range(0, len(data), len(data) // 40), len(data) - 1]):
        folder = tmp_path / str(index)
        folder.mkdir()
        try:
            assert unpacked(folder, data[:length]) == SONGS
        except DataError:
            assert list(folder.iterdir()) == [folder / "archive"]
        else:  # a plain tar ends with more zeros than it needs
            assert kind == "tar"


def test_what_only_looks_like_an_archive_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    for data in (MUSIC, MUSIC + zip_bytes(SONGS), b"Once upon a time", b""):
        path.write_bytes(data)
        assert not is_archive(path)
    assert not is_archive(tmp_path)
    assert not is_archive(tmp_path / "missing.zip")


def test_a_tar_that_ends_with_a_zip_is_a_tar(tmp_path: Path) -> None:
    assert unpacked(tmp_path, tar_bytes(SONGS | {"z.zip": zip_bytes({"e.mid": MUSIC})})) == SONGS


def test_a_zip_that_begins_with_a_program_is_a_zip(tmp_path: Path) -> None:
    assert unpacked(tmp_path, b"#!/bin/sh\nexit\n" + zip_bytes(SONGS)) == SONGS


def test_damage_to_one_member_of_a_zip_costs_no_other(tmp_path: Path) -> None:
    data = raw_zip(
        ZipMember(b"whole.mid"),
        ZipMember(b"wrong checksum.mid", crc=0),
        ZipMember(b"no deflate.mid", method=8),
        ZipMember(b"last.mid"),
    )
    assert unpacked(tmp_path, data) == {
        "whole.mid": MUSIC,
        "wrong checksum.mid": b"",
        "no deflate.mid": b"",
        "last.mid": MUSIC,
    }


def test_no_more_is_read_than_was_declared(tmp_path: Path) -> None:
    bomb = zeros_deflated(1000)
    data = raw_zip(
        ZipMember(b"more.mid", data=bomb, method=8, size=1000),
        ZipMember(b"less.mid", size=len(MUSIC) + 1),
    )
    before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert unpacked(tmp_path, data) == {"more.mid": b"", "less.mid": b""}
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before_mb < 100


@pytest.mark.parametrize("kind", PACKERS)
def test_a_file_longer_than_is_ever_read_is_cut_where_that_shows(tmp_path: Path, kind: str) -> None:
    data = PACKERS[kind]({"a.mid": bytes(MAX_BYTES + 1_000_000), "b.mid": bytes(MAX_BYTES)})
    sizes = {name: len(data) for name, data in unpacked(tmp_path, data).items()}
    assert sizes == {"a.mid": MAX_BYTES + 1, "b.mid": MAX_BYTES}


def test_a_member_whose_name_the_disk_refuses_is_written_under_another(tmp_path: Path) -> None:
    names = [
        "plain.mid",
        "set/" + "long" * 70 + ".MID",
        "set/" + "long" * 70 + "er.mid",
        "long" * 70 + "/a.mid",
        "set/" + "deep/" * 2000 + "a.mid",
        "both.mid",
        "both.mid/inside.mid",
        "both.mid/inside.mid/further.mid",
    ]
    for number, kind in enumerate(("zip", "tar")):
        (tmp_path / kind).mkdir()
        order = names if number else names[::-1]
        contents = {name: b"%d" % index for index, name in enumerate(order)}
        files = unpacked(tmp_path / kind, PACKERS[kind](contents))
        assert sorted(files.values()) == sorted(contents.values())
        assert files["plain.mid"] == contents["plain.mid"]
        assert sum(name.startswith("set/") for name in files) == 3
        assert all(is_midi_name(name) for name in files)


def test_names_in_any_encoding_are_written(tmp_path: Path) -> None:
    (tmp_path / "tar").mkdir()
    latin = "f\udcfcr Elise.mid"
    files = unpacked(tmp_path / "tar", raw_tar(entry(latin, OTHER_MUSIC)))
    assert files == {"first.mid": MUSIC, latin: OTHER_MUSIC}
    unmarked = ZipMember("für Elise.mid".encode())
    marked = ZipMember("für Thérèse.mid".encode(), flags=0x800)
    neither = ZipMember(b"f\x81r Else.mid")
    assert set(unpacked(tmp_path, raw_zip(unmarked, marked, neither))) == {
        "für Elise.mid",
        "für Thérèse.mid",
        "für Else.mid",
    }


def test_backslashes_are_slashes(tmp_path: Path) -> None:
    assert unpacked(tmp_path, zip_bytes({"songs\\band\\a.mid": MUSIC})) == {
        "songs/band/a.mid": MUSIC
    }


def test_names_that_differ_by_case_are_two(tmp_path: Path) -> None:
    files = unpacked(tmp_path, zip_bytes({"a.mid": MUSIC, "A.MID": OTHER_MUSIC}))
    assert sorted(files.values()) == sorted([MUSIC, OTHER_MUSIC])


def test_what_was_unpacked_before_is_left_as_it_is(tmp_path: Path) -> None:
    unpacked(tmp_path, zip_bytes(SONGS))
    folder = tmp_path / "staging" / "out"
    (folder / "d.RmI").unlink()
    (tmp_path / "archive").unlink()
    unpack(tmp_path / "archive", folder)
    assert written(folder).keys() == SONGS.keys() - {"d.RmI"}


def test_a_killed_run_leaves_no_folder_and_the_next_starts_again(tmp_path: Path) -> None:
    contents = {f"{index % 7}/{index}.mid": MUSIC for index in range(5000)}
    archive, folder = tmp_path / "songs.zip", tmp_path / "staging" / "songs"
    archive.write_bytes(zip_bytes(contents))
    program = (
        "import sys; from pathlib import Path; from meloformer.corpus.archives import unpack; "
        "unpack(Path(sys.argv[1]), Path(sys.argv[2]))"
    )
    process = subprocess.Popen([sys.executable, "-c", program, archive, folder])
    while not list(folder.parent.glob(".songs.*/1")) and process.poll() is None:
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not folder.exists()
    (unfinished,) = folder.parent.glob(".songs.*")
    assert 0 < len(written(unfinished)) < len(contents)
    unpack(archive, folder)
    assert written(folder) == contents
    assert not unfinished.exists()


def test_a_full_disk_is_an_error_of_the_disk_and_leaves_nothing(tmp_path: Path) -> None:
    data = zip_bytes({"a.mid": bytes(10), "b.mid": bytes(100_000)})
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    (tmp_path / "archive").write_bytes(data)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            unpack(tmp_path / "archive", tmp_path / "staging" / "out")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list((tmp_path / "staging").iterdir()) == []


def test_an_unreadable_archive_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read: No such file"):
        unpack(tmp_path / "missing.zip", tmp_path / "out")


def test_names_are_shown_as_what_can_be_printed() -> None:
    assert printable("für Elise/猫.mid") == "für Elise/猫.mid"
    assert printable("f\udcfcr\n\x1b[31m\u2028.mid") == r"f\udcfcr\n\x1b[31m\u2028.mid"


names = st.lists(
    st.text(st.sampled_from("ab./\\:~ \0\n-*ü\udcff"), max_size=6)
    | st.sampled_from(["..", "/", "\\", "C:", ".", "x" * 200, "__MACOSX"]),
    max_size=5,
).map(lambda parts: "".join(parts) + ".mid")


@given(st.lists(names, min_size=1, max_size=4, unique=True), st.sampled_from(["zip", "tar"]))
@example(["../../a.mid"], "tar")
@example(["a/../../../b.mid"], "zip")
def test_no_name_leads_out_of_the_folder(own: list[str], kind: str) -> None:
    contents = {name: b"%d" % index for index, name in enumerate(own)}
    with tempfile.TemporaryDirectory() as name:
        outer = Path(name)
        archive, folder = outer / "archive", outer / "a" / "b" / "folder"
        if kind == "zip":
            named = (ZipMember(os.fsencode(each), data) for each, data in contents.items())
            archive.write_bytes(raw_zip(*named))
        else:
            archive.write_bytes(tar_bytes(contents))
        with suppress(DataError):
            unpack(archive, folder)
        inside = written(folder) if folder.exists() else {}
        assert len(written(outer)) == 1 + len(inside)
        assert set(inside.values()) <= set(contents.values())


@given(
    st.sampled_from(sorted(PACKERS)),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=8),
)
def test_any_damage_leaves_music_or_a_sentence(kind: str, changes: list[tuple[float, int]]) -> None:
    data = bytearray(PACKERS[kind](SONGS))
    for place, value in changes:
        data[int(place * len(data))] = value
    with tempfile.TemporaryDirectory() as name:
        outer = Path(name)
        (outer / "archive").write_bytes(data)
        with suppress(DataError):
            unpack(outer / "archive", outer / "out")
        assert {path.name for path in outer.iterdir()} <= {"archive", "out"}
