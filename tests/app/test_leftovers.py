import os
import time

from meloformer.app.leftovers import AbortedUploads, clear_old_folders


def test_what_earlier_runs_left_is_deleted_after_a_day(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    new.mkdir()
    os.utime(old, (0, 0))
    clear_old_folders(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
    clear_old_folders(tmp_path / "missing")


def test_what_is_from_the_future_is_young_and_ages_from_now_on(tmp_path):
    folder = tmp_path / "one"
    folder.mkdir()
    os.utime(folder, (time.time() + 1e8,) * 2)
    clear_old_folders(tmp_path)
    assert folder.stat().st_mtime <= time.time() + 60


def test_files_of_aborted_uploads_go_and_those_that_grow_stay(tmp_path):
    now = [0.0]
    uploads = AbortedUploads(tmp_path, clock=lambda: now[0])
    for name in ("aborted", "growing"):
        (tmp_path / name).write_bytes(b"MThd")
        os.utime(tmp_path / name, (0, 0))  # the clock was set meanwhile
    (tmp_path / "finished").mkdir()
    uploads.clear()
    assert len(list(tmp_path.iterdir())) == 3
    now[0] += 7_200
    (tmp_path / "growing").write_bytes(b"MThd MTrk")
    uploads.clear()
    assert {left.name for left in tmp_path.iterdir()} == {"growing", "finished"}
    now[0] += 7_200
    uploads.clear()
    assert {left.name for left in tmp_path.iterdir()} == {"finished"}
