import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from ui.soundfont import browser_soundfont, soundfont_address, soundfont_routes


def font(path: Path, size: int) -> Path:
    path.write_bytes(b"RIFF\0\0\0\0sfbk".ljust(size, b"\0"))
    return path


def test_the_browser_gets_the_font_of_fluidsynth_unless_it_is_large(tmp_path):
    own = font(tmp_path / "own.sf2", 200)
    assert browser_soundfont(tmp_path, max_bytes=200) == own
    smaller = browser_soundfont(tmp_path, max_bytes=199)
    assert smaller is None  # that of pretty_midi is larger, too
    assert browser_soundfont(tmp_path).name == "own.sf2"


def test_where_the_musicians_font_is_too_large_that_of_pretty_midi_plays(tmp_path):
    font(tmp_path / "own.sf2", 12)
    with (tmp_path / "own.sf2").open("r+b") as file:
        file.truncate(41 << 20)  # takes no room on the disk
    assert browser_soundfont(tmp_path).name == "TimGM6mb.sf2"


@pytest.fixture
def client():
    return TestClient(Starlette(routes=soundfont_routes()))


def test_the_font_is_served_at_an_address_that_only_the_page_knows_and_may_be_kept(client):
    answer = client.get(f"/{soundfont_address()}")
    assert answer.status_code == 200
    assert answer.content[:4] == b"RIFF"
    assert "immutable" in answer.headers["cache-control"]
    assert re.fullmatch(r"soundfont/[0-9a-f]{40}\.sf[23]", soundfont_address())


@pytest.mark.parametrize("path", ["soundfont/", f"soundfont/{'0' * 40}.sf2", "soundfont/../ui.py"])
def test_nothing_else_is_served_beside_it(client, path):
    assert client.get(f"/{path}").status_code == 404
