import os

from meloformer.app.leftovers import AbortedUploads


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
