"""Requests that no page of the app sends are refused by the real app, and leave nothing behind."""

import json
import socket
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import urlsplit

import httpx
import pytest

from tests.browser.conftest import ROOT
from tests.browser.test_musician import ask_for, finish, links, open_example, press_continue
from ui.middleware.files import VISITOR

pytestmark = pytest.mark.browser

PAGE, DATA = "/", "/gradio_api/queue/data?session_hash=x"
JOIN, UPLOAD = "/gradio_api/queue/join", "/gradio_api/upload"


@pytest.fixture
def ask(url):
    with httpx.Client(base_url=url, timeout=60) as client:
        yield client.request


def test_a_page_gets_an_answer_that_no_other_site_may_frame(ask):
    answer = ask("GET", PAGE)
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"] == "frame-ancestors 'self'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert ask("GET", PAGE, headers={"Host": "localhost:1"}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.7", "[", "a b"])
def test_a_name_that_is_made_to_point_here_gets_nothing(ask, host):
    answer = ask("GET", PAGE, headers={"Host": host, "Origin": f"http://{host}"})
    assert answer.status_code == 421
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "", "http://localhost:1", "http://["]
)
@pytest.mark.parametrize(("method", "path"), [("GET", PAGE), ("POST", JOIN), ("POST", UPLOAD)])
def test_a_page_of_another_site_may_ask_nothing(ask, method, path, origin):
    answer = ask(method, path, headers={"Origin": origin})
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    before = ask("OPTIONS", path, headers=asked)
    assert before.status_code == 403
    assert "access-control-allow-origin" not in before.headers


def test_links_from_elsewhere_open_the_page_but_pictures_and_scripts_do_not(ask):
    there = {"Sec-Fetch-Site": "cross-site"}
    assert ask("GET", PAGE, headers={**there, "Sec-Fetch-Mode": "navigate"}).status_code == 200
    assert ask("GET", PAGE, headers={**there, "Sec-Fetch-Mode": "no-cors"}).status_code == 403
    followed = {**there, "Sec-Fetch-Mode": "navigate"}
    assert ask("GET", "/logout", headers=followed).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        *("proxy=http://127.0.0.1:1/", "file=http://127.0.0.1:1/", "file=//127.0.0.1/x", "info"),
        *("file=HTTP:%2f%2f127.0.0.1", "file=%20https://x", "file=\\\\x\\y", "file=ftp://x"),
        *("api/predict", "call/continue", "run/predict", "component_server", "vibe-code", "runs"),
        *("openapi.json", "process_recording", "deep_link", "dev/reload", "profiling/traces"),
    ],
)
def test_what_the_page_does_not_need_is_not_there(ask, path):
    for method in ("GET", "POST", "HEAD"):
        assert ask(method, f"/gradio_api/{path}").status_code == 404


@pytest.mark.parametrize(
    "path", ["/monitoring", "/docs", "/redoc", "/openapi.json", "/manifest.json"]
)
def test_neither_is_what_belongs_to_developers(ask, path):
    assert ask("GET", path).status_code == 404


@pytest.mark.parametrize(
    "place", [ROOT / "pyproject.toml", ROOT / "app.py", "/etc/passwd", "../app.py", "~/.ssh/id_rsa"]
)
def test_no_file_of_the_machine_is_served(ask, place):
    assert ask("GET", f"/gradio_api/file={place}").status_code in (403, 404)


def test_a_file_that_is_an_address_is_not_fetched(ask):
    asked = []

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        do_HEAD = do_GET  # noqa: N815, as the library calls it

    server = HTTPServer(("127.0.0.1", 0), Elsewhere)
    Thread(target=server.serve_forever, daemon=True).start()
    file = {
        "path": f"http://127.0.0.1:{server.server_port}/song.mid",
        "meta": {"_type": "gradio.FileData"},
    }
    try:
        for data in ([file], [[{"deep": [file]}]], [file, file]):
            body = {"data": data, "fn_index": 0, "session_hash": "x", "trigger_id": 0}
            answer = ask("POST", JOIN, json=body)
            assert answer.status_code == 400
            assert "uploaded" in answer.json()["detail"]
        written = json.dumps(body).replace("http:", "\\u0068ttp:")
        for kind in ("application/json", "application/JSON", "Application/x+Json", "text/plain"):
            headers = {"Content-Type": kind}
            assert ask("POST", JOIN, content=written, headers=headers).status_code == 400
    finally:
        server.shutdown()
        server.server_close()
    assert asked == []


@pytest.mark.parametrize("body", [b"{", b"[" * 200_000, b"\xff", b'{"path": NaN'])
def test_what_is_no_json_is_refused(ask, body):
    answer = ask("POST", JOIN, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400


@pytest.mark.parametrize("path", [JOIN, "/gradio_api/cancel", "/gradio_api/reset", UPLOAD])
@pytest.mark.parametrize("body", [b'{"x": NaN}', rb'{"x": "\ud800"}', b'{"x": 1e999}'])
def test_what_could_not_be_said_back_is_refused(ask, path, body):
    for kind in ("application/json", f"multipart/form-data; boundary={'x' * 300}"):
        answer = ask("POST", path, content=body, headers={"Content-Type": kind})
        assert answer.status_code == 400


def test_a_page_that_was_open_when_the_app_started_is_told_so_and_no_error_is_counted(ask):
    def errors():
        said = ask("GET", "/metrics").text.splitlines()
        return [line for line in said if line.startswith("meloformer_errors_total")]

    before = errors()
    assert "session_not_found" in ask("GET", DATA).text
    assert errors() == before


@pytest.mark.parametrize("kind", ["application/json", "application/JSON"])
def test_a_request_is_capped_as_a_whole(ask, kind):
    headers = {"Content-Type": kind}
    assert ask("POST", JOIN, content=b" " * (9 << 20), headers=headers).status_code == 413
    headers = {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": str(10 << 30)}
    address = urlsplit(str(ask.__self__.base_url))
    with socket.create_connection((address.hostname, address.port), timeout=30) as line:
        said = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        line.sendall(f"POST {UPLOAD} HTTP/1.1\r\nHost: {address.netloc}\r\n{said}\r\n".encode())
        assert b" 413 " in line.recv(1_000)


def test_a_download_goes_to_the_browser_that_made_it_and_to_no_other(visit):
    mine, other = visit(), visit()
    open_example(mine, "Melody")
    ask_for(mine, 2, 1)
    press_continue(mine)
    finish(mine)
    address = links(mine).get_by_role("link", name="MIDI").first.get_attribute("href")
    assert mine.context.request.get(address).ok
    assert other.context.request.get(address).status == 404
    assert httpx.get(address).status_code == 404
    names = [cookie for cookie in mine.context.cookies() if cookie["name"] == VISITOR]
    assert [(cookie["httpOnly"], cookie["sameSite"]) for cookie in names] == [(True, "Strict")]
    assert names[0]["value"] not in address


def test_an_upload_arrives(ask):
    answer = ask("POST", UPLOAD, files={"files": ("a.mid", b"MThd")})
    assert answer.status_code == 200
    (path,) = answer.json()
    assert ask("GET", f"/gradio_api/file={path}").content == b"MThd"


def test_who_runs_the_app_sees_what_it_does_and_nobody_elses_names(ask, visit):
    assert ask("GET", "/healthz").json()["status"] == "ok"
    page = visit()
    open_example(page, "Melody")
    ask_for(page, 2, 1)
    press_continue(page)
    finish(page)
    numbers = ask("GET", "/metrics").text
    assert 'meloformer_runs_total{outcome="finished"}' in numbers
    assert "meloformer_memory_bytes" in numbers
    assert "melody" not in numbers
    assert ask("GET", "/metrics", headers={"X-Forwarded-For": "10.0.0.7"}).status_code == 404


def test_the_app_answers_as_before(ask):
    assert ask("GET", PAGE).status_code == 200
