"""The HTTP API of the real app, as programs find it."""

import re
import shutil
import subprocess
import sys
from base64 import b64encode
from functools import partial

import httpx
import pytest
from playwright.sync_api import expect

from meloformer.app.access_tokens import new_token, tokens_beside
from meloformer.app.users import Users, write_users
from tests.browser.conftest import PATIENCE_MS, ROOT, serving

pytestmark = pytest.mark.browser

CLIENT = re.findall(
    r"^```python\n(.*?)^```",
    (ROOT / "docs" / "api.md").read_text(encoding="utf-8"),
    flags=re.MULTILINE | re.DOTALL,
)[-1]
MODELS = "/api/v1/models"
ask = partial(httpx.request, timeout=60)


def test_the_client_of_the_docs_runs(url, tmp_path):
    assert len(CLIENT.strip().splitlines()) <= 12
    assert "http://127.0.0.1:7860" in CLIENT
    shutil.copy(ROOT / "assets" / "examples" / "piano.mid", tmp_path / "song.mid")
    (tmp_path / "client.py").write_text(CLIENT.replace("http://127.0.0.1:7860", url))
    said = subprocess.run(
        [sys.executable, "client.py"], cwd=tmp_path, check=True, capture_output=True, text=True
    ).stdout
    assert said.count("event: bar") == 4
    assert said.count("event: end") == 1
    assert (tmp_path / "continued-version-1.mid").read_bytes().startswith(b"MThd")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "evil.example"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403),
    ],
)
def test_pages_of_other_sites_may_not_call(url, headers, status):
    answer = ask("GET", url + MODELS, headers=headers)
    assert answer.status_code == status
    assert "access-control-allow-origin" not in answer.headers
    if status != 200:
        assert answer.json()["problem"]


def test_bodies_are_capped_before_they_are_parsed(url):
    for kind in ("application/json", "text/plain"):
        headers = {"Content-Type": kind}
        answer = ask("POST", f"{url}/api/v1/compose", content=b" " * (9 << 20), headers=headers)
        assert answer.status_code == 413
        assert answer.json()["problem"]


def test_a_file_as_large_as_may_be_is_read(url):
    body = {"midi": b64encode(b"MThd" + bytes(4_999_990)).decode()}
    answer = ask("POST", f"{url}/api/v1/describe", json=body)
    assert answer.status_code == 422
    assert "`midi`" not in answer.json()["problem"]


def test_the_page_about_it_asks_no_other_host(url, browser):
    asked: list[str] = []
    context = browser.new_context()
    try:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{url}/api/v1/docs", timeout=PATIENCE_MS)
        expect(page.get_by_text("Write the opening of a piece, from nothing.")).to_be_visible()
        assert page.locator("html").get_attribute("lang") == "en"
    finally:
        context.close()
    assert f"{url}/api/v1/openapi.json" in asked
    assert [one for one in asked if not one.startswith((f"{url}/", "data:"))] == []


def test_where_visitors_log_in_programs_need_a_token(checkpoint, tmp_path):
    users, known = tmp_path / "users.txt", Users({})
    known.add("anna", "correct horse")
    write_users(users, known)
    words = ("--users", str(users))
    with serving(checkpoint, tmp_path / "runs", tmp_path, *words) as url:
        assert ask("GET", url + MODELS).status_code == 401
        token = new_token(tokens_beside(users), "anna")
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
            assert client.get(MODELS).status_code == 200
            job = client.post("/api/v1/compose", json={"bars": 1}).json()
            assert "event: end" in client.get(job["events"]).text
            (file,) = client.get(job["url"]).json()["files"]
            assert ask("GET", url + file["url"]).status_code == 401
            assert client.get(file["url"]).content.startswith(b"MThd")
            # A token opens the API, and not the page.
            assert client.get("/config").status_code == 401
        assert ask("GET", f"{url}/api/v1/openapi.json").json()["components"]["securitySchemes"]
