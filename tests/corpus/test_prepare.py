import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from meloformer.corpus.config import FilterConfig, PrepareConfig
from meloformer.corpus.prepare import WORK, prepare
from meloformer.corpus.publish import PrepareReport
from meloformer.data.shards import ShardWriter, open_shards
from meloformer.errors import ConfigError, DataError
from meloformer.score import Score, Tempo, Track, note_array, read_midi, write_midi
from meloformer.score.score import PITCH
from meloformer.tokens import encode, vocabulary
from tests.corpus.small_corpus import QUARTER, small_score, write_corpus

OUTPUTS = (
    "train/tokens.bin",
    "train/offsets.npy",
    "train/manifest.json",
    "held_out/tokens.bin",
    "manifest.json",
    "files.tsv",
    "report.html",
)


def run(folder: Path, out: Path, **settings: object) -> PrepareReport:
    return prepare(PrepareConfig(**{"inputs": (folder,), "out": out, "workers": 1} | settings))


def files_table(out: Path) -> dict[str, dict[str, str]]:
    with (out / "files.tsv").open(encoding="utf-8", newline="") as lines:
        return {row["file"]: row for row in csv.DictReader(lines, delimiter="\t")}


def assert_same_outputs(one: Path, other: Path) -> None:
    for name in OUTPUTS:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name


def meloformer(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "meloformer", *map(str, arguments)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def test_shards_hold_what_encode_gives(tmp_path: Path) -> None:
    folder = write_corpus(tmp_path / "corpus", 3)
    run(folder, tmp_path / "out", held_out=0.0)
    shards = open_shards(tmp_path / "out" / "train")
    paths = sorted(folder.rglob("*.mid"))
    assert shards.num_documents == len(paths)
    for index, path in enumerate(paths):
        expected = encode(read_midi(path.read_bytes())).ids
        assert np.array_equal(shards.document(index), expected)


def test_counts_add_up_and_no_document_is_on_both_sides(tmp_path: Path) -> None:
    folder = write_corpus(tmp_path / "corpus", 5)
    report = run(folder, tmp_path / "out")
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


def test_the_same_input_gives_the_same_bytes_whoever_does_the_work(tmp_path: Path) -> None:
    folder = write_corpus(tmp_path / "corpus", 4)
    run(folder, tmp_path / "one", workers=1)
    run(folder, tmp_path / "two", workers=2)
    assert_same_outputs(tmp_path / "one", tmp_path / "two")


def test_an_archive_gives_the_music_of_the_folder_in_it(tmp_path: Path) -> None:
    folder = write_corpus(tmp_path / "music", 4)
    with zipfile.ZipFile(tmp_path / "music.zip", "w") as archive:
        for path in sorted(folder.rglob("*.mid"), reverse=True):
            archive.write(path, path.relative_to(folder))
    with tarfile.open(tmp_path / "music.tar.gz", "w:gz") as archive:
        archive.add(folder, "music")
    for name in ("music", "music.zip", "music.tar.gz"):
        run(tmp_path / name, tmp_path / f"out-{name}", held_out=0.0)
    for name in OUTPUTS[:3]:
        contents = {
            (tmp_path / f"out-{one}" / name).read_bytes()
            for one in ("music", "music.zip", "music.tar.gz")
        }
        assert len(contents) == 1


def test_several_inputs_are_one_corpus(tmp_path: Path) -> None:
    write_corpus(tmp_path / "corpus", 3)
    lone = tmp_path / "lone.mid"
    lone.write_bytes(write_midi(small_score(50, 12)))
    inputs = (tmp_path / "corpus" / "band", tmp_path / "corpus" / "tune", lone)
    report = prepare(PrepareConfig(inputs=inputs, out=tmp_path / "out", workers=1))
    assert report.files == 7
    assert {one.name for one in report.train} >= {"band", "tune"}


def one_note_score() -> Score:
    rows = [(at * QUARTER, 100, 60, 80) for at in range(100)]
    rows += [(at * QUARTER, 100, 61 + at, 80) for at in range(8)]
    return with_notes(small_score(1, 12), rows)


def with_notes(score: Score, rows: list[tuple[int, int, int, int]]) -> Score:
    end = max(start + duration for start, duration, _, _ in rows)
    track = Track("", 0, False, note_array(rows))
    return Score(QUARTER, (track,), score.tempos, score.time_signatures[:1], end)


def scale(step_ticks: int, duration_ticks: int, count: int = 64) -> Score:
    rows = [(at * step_ticks, duration_ticks, 48 + at * 5 % 24, 80) for at in range(count)]
    return with_notes(small_score(1, 12), rows)


SHORT = small_score(1, num_bars=3)
REFUSED = {
    "photo": (b"\xff\xd8\xff\xe0 not music", "unreadable"),
    "empty": (b"", "unreadable"),
    "huge": (b"MThd" + bytes(5_000_001), "unreadable"),
    "short": (write_midi(replace(SHORT, time_signatures=SHORT.time_signatures[:1])), "too short"),
    "sparse": (write_midi(scale(4 * QUARTER, 100, 20)), "too few notes"),
    "one": (write_midi(one_note_score()), "one note repeated"),
    "trill": (
        write_midi(with_notes(small_score(1), [(i * 240, 200, 60 + i % 4, 80) for i in range(99)])),
        "too few pitches",
    ),
    "pads": (write_midi(scale(QUARTER, 4 * QUARTER)), "too many notes across bar lines"),
    "crooked": (
        write_midi(
            with_notes(
                small_score(1),
                [(i * 480 + 40 + i % 2 * 160, 80, 50 + i % 19, 80) for i in range(99)],
            )
        ),
        "off the grid",
    ),
}


def test_each_unusable_file_is_one_counted_refusal(tmp_path: Path) -> None:
    folder = write_corpus(tmp_path / "corpus", 3)
    for name, (data, _) in REFUSED.items():
        (folder / "band" / f"{name}.mid").write_bytes(data)
    report = run(folder, tmp_path / "out")
    rows = files_table(tmp_path / "out")
    found = {name: rows[f"band/{name}.mid"]["reason"] for name in REFUSED}
    assert found == {name: reason for name, (_, reason) in REFUSED.items()}
    assert sum(report.refusals.values()) == len(REFUSED)
    assert list(report.refusals.values()) == sorted(report.refusals.values(), reverse=True)
    assert all(rows[f"band/{name}.mid"]["detail"] for name in REFUSED)


@pytest.mark.parametrize(
    ("name", "limits"),
    [
        ("short", {"min_beats": 8, "min_notes": 8}),
        ("sparse", {"min_notes": 20}),
        ("one", {"max_one_note": 1.0}),
        ("trill", {"min_pitches": 4}),
        ("pads", {"max_cross_bar": 1.0}),
        ("crooked", {"max_off_grid": 1.0}),
    ],
)
def test_every_limit_can_be_moved(tmp_path: Path, name: str, limits: dict[str, float]) -> None:
    folder = write_corpus(tmp_path / "corpus", 2)
    (folder / "band" / f"{name}.mid").write_bytes(REFUSED[name][0])
    report = run(folder, tmp_path / "out", filter=FilterConfig(**limits))
    assert report.refusals == {}


@pytest.mark.parametrize(
    ("limits", "reason"),
    [({"max_beats": 40}, "too long"), ({"max_parts": 2}, "too many parts")],
)
def test_too_much_of_it_is_refused(tmp_path: Path, limits: dict[str, int], reason: str) -> None:
    folder = write_corpus(tmp_path / "corpus", 2)
    (folder / "tune" / "0.mid").write_bytes(write_midi(small_score(7, 30)))
    report = run(folder, tmp_path / "out", filter=FilterConfig(**limits))
    assert reason in report.refusals


def test_what_repeats_another_file_is_left_out_and_named(tmp_path: Path) -> None:
    folder = write_corpus(tmp_path / "corpus", 3)
    original = read_midi((folder / "band" / "0.mid").read_bytes())
    raised = tuple(
        Track(track.name, track.program, track.is_drum, track.notes.copy())
        for track in reversed(original.tracks)
    )
    for track in raised:
        if not track.is_drum:
            track.notes[:, PITCH] += 3
    copy = Score(QUARTER, raised, (Tempo(0, 77.0),), original.time_signatures, original.end_tick)
    (folder / "tune" / "copy.mid").write_bytes(write_midi(copy))
    report = run(folder, tmp_path / "out")
    assert report.refusals == {"duplicate": 1}
    row = files_table(tmp_path / "out")["tune/copy.mid"]
    assert (row["reason"], row["detail"]) == ("duplicate", "of band/0.mid")


def test_one_piece_alone_is_split_by_its_bars(tmp_path: Path) -> None:
    folder = tmp_path / "songs"
    folder.mkdir()
    (folder / "song.mid").write_bytes(write_midi(small_score(1, 20)))
    report = run(folder, tmp_path / "out")
    assert [one.documents for one in report.train] == [1]
    assert [one.documents for one in report.held_out] == [1]
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["split"]["by"] == "bars"
    whole = encode(read_midi((folder / "song.mid").read_bytes())).ids
    kinds = vocabulary().kind
    sums = sum(
        int((kinds[open_shards(tmp_path / "out" / side).ids] == 3).sum())
        for side in ("train", "held_out")
    )
    assert sums == int((kinds[whole] == 3).sum())


def test_a_corpus_of_refusals_is_an_error_that_says_why(tmp_path: Path) -> None:
    (tmp_path / "songs").mkdir()
    (tmp_path / "songs" / "a.mid").write_bytes(b"")
    with pytest.raises(DataError, match=r"None of the 1 files can be used: unreadable \(1\)"):
        run(tmp_path / "songs", tmp_path / "out")


def test_licences_reach_the_manifest(tmp_path: Path) -> None:
    table = tmp_path / "sources.tsv"
    table.write_text("set\tlicence\tsource\nband\tCC0\tthe band\n", encoding="utf-8")
    folder = write_corpus(tmp_path / "corpus", 2)
    report = run(folder, tmp_path / "out", sources=table)
    assert [(one.licence, one.source, one.synthetic) for one in report.train] == [
        ("CC0", "the band", ""),
        ("unknown", "unknown", ""),
    ]


def test_what_a_program_made_reaches_the_manifest(tmp_path: Path) -> None:
    table = tmp_path / "sources.tsv"
    lines = "synthetic\tset\tlicence\tsource\nthe drums\tband\tCC0\tthe band\n"
    table.write_text(lines, encoding="utf-8")
    run(write_corpus(tmp_path / "corpus", 2), tmp_path / "out", sources=table)
    sets = open_shards(tmp_path / "out" / "train").sets
    assert {one.name: one.synthetic for one in sets}["band"] == "the drums"


def test_a_second_run_replaces_the_first_and_leaves_no_work_behind(tmp_path: Path) -> None:
    folder = write_corpus(tmp_path / "corpus", 3)
    run(folder, tmp_path / "out")
    (folder / "band" / "0.mid").unlink()
    run(folder, tmp_path / "out")
    run(folder, tmp_path / "fresh")
    assert_same_outputs(tmp_path / "out", tmp_path / "fresh")
    assert not (tmp_path / "out" / WORK).exists()


def test_a_run_that_was_killed_goes_on_and_gives_the_same_bytes(tmp_path: Path) -> None:
    folder = write_corpus(tmp_path / "corpus", 100)
    run(folder, tmp_path / "whole", workers=2)
    out = tmp_path / "killed"
    process = meloformer("prepare", folder, "--out", out, "--workers", 2)
    deadline = time.monotonic() + 60
    while len(list(out.glob(f"{WORK}/chunks-*/*.npz"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    done = {path: path.stat().st_mtime_ns for path in out.glob(f"{WORK}/chunks-*/*.npz")}
    assert done
    assert not (out / "manifest.json").exists()
    seen = []
    config = PrepareConfig(inputs=(folder,), out=out, workers=2)
    prepare(config, lambda at, total: seen.append((at, total)))
    assert seen[0][0] > 0
    assert seen[-1] == (200, 200)
    assert_same_outputs(out, tmp_path / "whole")


def test_a_changed_limit_does_not_use_what_a_stopped_run_left(tmp_path: Path) -> None:
    folder = write_corpus(tmp_path / "corpus", 3)
    out = tmp_path / "out"
    stale = out / WORK / "chunks-0123456789abcdef"
    stale.mkdir(parents=True)
    (stale / "0.npz").write_bytes(b"of another run")
    run(folder, out)
    run(folder, tmp_path / "fresh")
    assert_same_outputs(out, tmp_path / "fresh")


def test_two_runs_do_not_share_a_folder(tmp_path: Path) -> None:
    folder = write_corpus(tmp_path / "corpus", 2)

    def start_another(done: int, total: int) -> None:
        with pytest.raises(DataError, match="Another run"):
            run(folder, tmp_path / "out")

    config = PrepareConfig(inputs=(folder,), out=tmp_path / "out", workers=1)
    prepare(config, start_another)


def test_a_full_disk_stops_with_a_sentence_and_can_be_resumed(tmp_path: Path) -> None:
    folder = write_corpus(tmp_path / "corpus", 60)
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small disk can be mounted by root only")
    try:
        process = meloformer("prepare", folder, "--out", disk / "out", "--workers", 1)
        _, messages = process.communicate(timeout=120)
        assert process.returncode == 1
        assert "The disk is full" in messages
        assert "prepare it again" in messages
        assert list((disk / "out").glob(f"{WORK}/chunks-*/*.npz"))
        subprocess.run(["mount", "-o", "remount,size=50m", str(disk)], check=True)
        run(folder, disk / "out")
        run(folder, tmp_path / "fresh")
        assert_same_outputs(disk / "out", tmp_path / "fresh")
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_an_archive_that_reaches_outside_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../outside.mid", write_midi(small_score(1, 12)))
    process = meloformer("prepare", path, "--out", tmp_path / "out")
    _, messages = process.communicate(timeout=180)
    assert process.returncode == 1
    assert "evil.zip" in messages
    assert "Traceback" not in messages
    assert not list(tmp_path.rglob("outside.mid"))


def test_the_command_line_says_what_was_made(tmp_path: Path) -> None:
    folder = write_corpus(tmp_path / "corpus", 4)
    out = tmp_path / "out"
    process = meloformer(
        "prepare", folder, "--out", out, "--json", "--min-notes", 70, "--workers", 1
    )
    answer, progress = process.communicate(timeout=180)
    assert process.returncode == 0, progress
    report = json.loads(answer)
    assert report["files"] == 8
    assert report["refusals"]["too few notes"] > 0
    assert "8/8" in progress


@pytest.mark.slow
def test_a_cluster_gives_the_same_bytes(tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="the extra [cluster] is not installed")
    folder = write_corpus(tmp_path / "corpus", 4)
    (folder / "band" / "photo.mid").write_bytes(b"\xff\xd8\xff\xe0 not music")
    run(folder, tmp_path / "alone")
    process = meloformer(
        "prepare", folder, "--out", tmp_path / "cluster", "--cluster", "local", "--workers", 2
    )
    _, messages = process.communicate(timeout=240)
    assert process.returncode == 0, messages
    assert_same_outputs(tmp_path / "alone", tmp_path / "cluster")


def test_settings_out_of_range_are_refused(tmp_path: Path) -> None:
    for settings in ({"held_out": 1.0}, {"workers": -1}, {"near": 0.2}, {"inputs": ()}):
        with pytest.raises(ConfigError):
            PrepareConfig(**{"inputs": (tmp_path,), "out": tmp_path} | settings)
    for limits in ({"max_off_grid": 2.0}, {"min_beats": 5, "max_beats": 4}):
        with pytest.raises(ConfigError):
            FilterConfig(**limits)


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
    with pytest.raises(DataError, match="prepare the music first"):
        open_shards(tmp_path / "nowhere")


def test_documents_of_a_set_must_be_neighbours(tmp_path: Path) -> None:
    ids = np.array([1, 2], dtype=np.uint16)
    with ShardWriter(tmp_path) as writer:
        writer.add("a", ids, 0)
        writer.add("b", ids, 0)
        with pytest.raises(DataError, match="neighbours"):
            writer.add("a", ids, 0)
