import time
import zipfile
from dataclasses import replace

import pytest

from meloformer.app.training import uploads as training_uploads
from meloformer.app.training.datasets import Dataset, Datasets, DatasetStatus
from meloformer.app.training.music import WORDS, amounts, music_message
from meloformer.app.training.uploads import UploadedFile, name_for, new_folder, place
from meloformer.corpus.pieces import Reason
from meloformer.errors import DataError
from tests.app.training.training_runs import songs


@pytest.fixture
def datasets(tmp_path):
    (tmp_path / "files").mkdir()
    return Datasets(tmp_path / "runs", tmp_path / "files")


def uploaded(paths):
    return [UploadedFile(path, f"Jigs/{path.name}") for path in paths]


def wait(datasets, dataset):
    until = time.monotonic() + 60
    while datasets.status(dataset) == DatasetStatus.READING:
        assert time.monotonic() < until
        time.sleep(0.1)
    return datasets.status(dataset)


def test_files_become_music_to_train_on(datasets, tmp_path):
    paths = songs(datasets.uploads / "x", 3)
    photograph = datasets.uploads / "x" / "cat.mid"
    photograph.write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(2000))
    archive = datasets.uploads / "x" / "more.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for path in songs(tmp_path / "more", 5)[3:]:
            packed.write(path, path.name)
    dataset = datasets.bring(uploaded([*paths, photograph, archive]))
    assert dataset.name == "Jigs"
    assert music_message(datasets, dataset, None)["title"] == "Reading 5 files…"

    # Another app, started later, knows as much of it.
    other = Datasets(datasets.workspace, datasets.uploads)
    assert other.status(dataset) == DatasetStatus.READING
    assert wait(datasets, dataset) == DatasetStatus.READY
    train, held_out = amounts(dataset)
    assert train.pieces + held_out.pieces == 5
    assert held_out.pieces >= 1
    assert train.bars + held_out.bars == 5 * 12
    assert 0 < train.seconds < 5 * 60
    message = music_message(datasets, dataset, None)
    assert message["status"] == "ready"
    assert message["title"] == "“Jigs”: 5 of 6 files can be used"
    assert message["refused"][0]["words"] == WORDS[Reason.UNREADABLE]
    assert "JPEG" in message["refused"][0]["files"][0][1]
    assert datasets.names() == ["Jigs"]
    assert datasets.find("Jigs") == dataset


def test_what_cannot_be_used_is_said_in_a_sentence(datasets):
    photograph = datasets.uploads / "cat.mid"
    photograph.write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(2000))
    dataset = datasets.bring([UploadedFile(photograph, "cat.mid")])
    assert wait(datasets, dataset) == DatasetStatus.FAILED
    message = music_message(datasets, dataset, None)
    assert message["title"] == "None of the 1 files can be used: unreadable (1)."
    assert "Traceback" not in str(message)


def test_a_process_that_is_gone_is_a_failure(datasets):
    dataset = datasets.bring(uploaded(songs(datasets.uploads / "x", 3)))
    datasets._working[dataset.name].kill()
    datasets._working.pop(dataset.name).wait()
    assert datasets.status(dataset) == DatasetStatus.FAILED
    assert "not read to the end" in music_message(datasets, dataset, None)["title"]


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("", "The files were not read to the end.\n\nhint: Bring them again."),
        ("  0%|   | 0/8 files\r100%|##| 8/8 files\n", "The files were not read to the end."),
        ("INFO so far\nThe disk is full.\n\nhint: Make room.\n", "The disk is full.\n\nhint: Make"),
        ("It ended.\n", "It ended."),
    ],
)
def test_the_last_words_say_why(datasets, log, words):
    dataset = Dataset(datasets.workspace)
    dataset.folder.mkdir()
    (dataset.folder / "log.txt").write_text(log)
    assert dataset.problem().startswith(words)


def test_only_uploads_are_taken(datasets, tmp_path):
    secret = songs(tmp_path / "elsewhere", 1)[0]
    link = datasets.uploads / "link.mid"
    link.symlink_to(secret)
    for path in (secret, link, datasets.uploads / ".." / "elsewhere" / secret.name):
        with pytest.raises(DataError, match="did not arrive"):
            datasets.bring([UploadedFile(path, "a.mid")])
    with pytest.raises(DataError, match="Nothing"):
        datasets.bring([])


def test_uploads_are_capped(datasets, monkeypatch):
    paths = songs(datasets.uploads / "x", 3)
    monkeypatch.setattr(training_uploads, "MAX_FILES", 2)
    with pytest.raises(DataError, match="3 files at once are too many"):
        datasets.bring(uploaded(paths))
    monkeypatch.setattr(training_uploads, "MAX_BYTES", 10)
    with pytest.raises(DataError, match="MB"):
        datasets.bring(uploaded(paths[:1]))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.mid", "a.mid"),
        ("Jigs/one/a.mid", "Jigs/one/a.mid"),
        ("../../etc/passwd", "etc/passwd"),
        ("/etc/cron.d/x", "etc/cron.d/x"),
        ("..\\..\\x.mid", "x.mid"),
        ("C:\\music\\x.mid", "C_/music/x.mid"),
        ("a\x00b\n.mid", "a_b_.mid"),
        (".hidden.mid", "hidden.mid"),
        ("", "music.mid"),
        ("...", "music.mid"),
    ],
)
def test_names_from_a_browser_stay_below_the_folder(tmp_path, name, expected):
    target = place(tmp_path, name)
    assert target == tmp_path / expected
    assert target.resolve().is_relative_to(tmp_path.resolve())


def test_names_are_cut_and_never_meet(tmp_path):
    assert len(place(tmp_path, "ä" * 500 + ".mid").name.encode()) <= 120
    assert len(place(tmp_path, "a/" * 50 + "b.mid").relative_to(tmp_path).parts) == 6
    (tmp_path / "a.mid").touch()
    assert place(tmp_path, "a.mid").name == "a-2.mid"


def test_music_is_named_after_what_was_dropped(tmp_path):
    song = songs(tmp_path, 1)[0]
    files = [UploadedFile(song, "Grandma's tunes/a.mid"), UploadedFile(song, "b.mid")]
    assert name_for(files) == "Grandma s tunes"
    assert name_for([replace(files[1], name="--Waltz № 5.mid")]) == "Waltz 5"
    assert name_for([files[1], files[1]]) == "My music"
    assert name_for([replace(files[1], name="音楽.mid")]) == "音楽"
    assert name_for([replace(files[1], name="♪♪.mid")]) == "My music"
    assert [new_folder(tmp_path, "My music").name for _ in range(2)] == ["My music", "My music 2"]


def test_no_other_folder_is_found(datasets):
    (datasets.workspace / "run" / "upload").mkdir(parents=True)
    for name in ("../run", "..", "", ".hidden", "none"):
        assert datasets.find(name) is None
    assert datasets.names() == []


def test_every_reason_has_words():
    assert set(WORDS) == set(Reason)
