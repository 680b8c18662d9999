"""A visitor of the real app holds so much of the disk and no more: uploads, sound, music."""

import socket
import time
from uuid import uuid4

import httpx
import pytest
from anyio.from_thread import start_blocking_portal

from benchmarks.load.page import Page, PageError
from meloformer.resources import EXAMPLES
from tests.browser.conftest import serving

pytestmark = pytest.mark.browser

UPLOAD = "/gradio_api/upload"
REFUSED = "as much on this machine as one visitor may"


@pytest.fixture(scope="module")
def small_url(checkpoint, tmp_path_factory):
    """The app where a visitor holds three megabytes."""
    home = tmp_path_factory.mktemp("small")
    with serving(checkpoint, home / "runs", home, "--visitor-mb", "3") as address:
        yield address


@pytest.fixture
def client(small_url):
    with httpx.Client(base_url=small_url, timeout=60) as client:
        client.get("/")
        yield client


def drop(client, num_bytes):
    return client.post(UPLOAD, files={"files": ("a.mid", uuid4().bytes + bytes(num_bytes))})


def test_uploads_are_refused_before_they_are_read_and_only_those_of_one_visitor(client, small_url):
    assert [drop(client, 1_200_000).status_code for _ in range(3)] == [200, 200, 507]
    refused = drop(client, 1_200_000).json()
    assert REFUSED in refused["detail"]
    assert refused["hint"]
    host, port = small_url.removeprefix("http://").split(":")
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    with socket.create_connection((host, int(port)), timeout=60) as line:
        head = f"POST {UPLOAD} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n"
        line.sendall(f"{head}Content-Length: 1200000\r\n\r\n".encode())
        assert b" 507 " in line.recv(1_000)  # of its body nothing was sent
    with httpx.Client(base_url=small_url, timeout=60) as other:
        other.get("/")
        assert drop(other, 1_200_000).status_code == 200


def test_an_upload_that_does_not_say_how_long_it_is_is_refused(client):
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert client.post(UPLOAD, content=iter([b"--x--"]), headers=headers).status_code == 411


def test_an_upload_that_was_broken_off_counts_while_its_file_is_there(client, small_url):
    host, port = small_url.removeprefix("http://").split(":")
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    head = (
        f"POST {UPLOAD} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 2500000\r\n\r\n"
        '--x\r\nContent-Disposition: form-data; name="files"; filename="b.mid"\r\n\r\n'
    )
    with socket.create_connection((host, int(port)), timeout=60) as line:
        line.sendall(head.encode() + bytes(2_000_000))
    until = time.monotonic() + 60  # it is told when the app has noticed
    while drop(client, 1_500_000).status_code == 200 and time.monotonic() < until:
        time.sleep(0.5)
    assert drop(client, 1_500_000).status_code == 507


def test_sound_is_not_rendered_where_there_is_no_room_for_it_but_midi_is_there(small_url, sound):
    async def play() -> bytes:
        async with Page.open(small_url) as page:
            await page.upload("band.mid", (EXAMPLES / "band.mid").read_bytes())
            with pytest.raises(PageError, match=REFUSED):
                await page.ask("play")
            return await page.download("Whole piece (MIDI)")

    with start_blocking_portal() as portal:  # a loop of its own: the browser's runs in this thread
        assert portal.call(play).startswith(b"MThd")


def test_music_to_train_on_counts(small_url):
    async def bring() -> None:
        async with Page.open(small_url) as page:
            for number in range(2):
                path = await page.send("a.mid", bytes([number]) * 900_000)
                files = [{"path": path, "name": "a.mid"}]
                if number == 0:
                    await page.ask("bring_1", event={"files": files})
            with pytest.raises(PageError, match=REFUSED):
                await page.ask("bring_1", event={"files": files})

    with start_blocking_portal() as portal:
        portal.call(bring)
