import os
import time

from meloformer.app.leftovers import clear_aborted_uploads


def test_files_of_aborted_uploads_go_and_those_of_present_ones_stay(tmp_path):
    for name, age_s in (("tmpold", 7_200), ("tmpnew", 10)):
        (tmp_path / name).write_bytes(b"MThd")
        os.utime(tmp_path / name, (time.time() - age_s,) * 2)
    (tmp_path / "finished").mkdir()
    clear_aborted_uploads(tmp_path)
    assert {left.name for left in tmp_path.iterdir()} == {"tmpnew", "finished"}
