import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from ui.components import STATIC, modules_route, modules_version, with_files
from ui.compose.play_in import PlayIn
from ui.compose.widgets import Links, PartsPicker, Roll, Shortcuts
from ui.training.widgets import MusicDrop, RunsView

WIDGETS = [Roll, PartsPicker, PlayIn, Links, Shortcuts, MusicDrop, RunsView]
ADDRESS = f"/modules/{modules_version()}"


@pytest.fixture
def client():
    return TestClient(Starlette(routes=[modules_route()]))


@pytest.mark.parametrize("widget", WIDGETS)
def test_each_component_loads_its_module_from_where_it_is_served(client, widget):
    (url,) = re.findall(r'new URL\("([^"]+)"', widget().js_on_load)
    answer = client.get(f"/{url}")
    assert answer.status_code == 200
    assert "export const mount" in answer.text


@pytest.mark.parametrize("widget", WIDGETS)
def test_a_component_names_the_events_that_its_modules_trigger(widget):
    component = widget()
    (folder,) = re.findall(r"/(\w+/\w+)/mount\.js", component.js_on_load)
    code = "".join(path.read_text() for path in (STATIC / folder).rglob("*.js"))
    named = re.findall(r"const events = (\[.*\])", component.js_on_load)[0]
    assert set(re.findall(r'trigger\("(\w+)"', code)) == set(re.findall(r'"(\w+)"', named))


def test_modules_are_served_as_javascript_and_kept_for_as_long_as_they_stay_the_same(client):
    answer = client.get(f"{ADDRESS}/compose/roll/mount.js")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]
    assert re.fullmatch(r"[0-9a-f]{16}", modules_version())


@pytest.mark.parametrize(
    "path",
    ["../theme.py", "%2e%2e/theme.py", "..%2ftheme.py", "compose/roll/../../../theme.py", ""],
)
def test_nothing_else_is_served(client, path):
    assert client.get(f"{ADDRESS}/{path}").status_code == 404
    assert client.get("/modules/0000000000000000/compose/roll/mount.js").status_code == 404


def test_a_path_in_a_message_becomes_a_file_that_the_browser_may_fetch():
    message = {"takes": [{"file": Path("/tmp/a.mp3")}, {"file": None}], "parts": (1, "two")}
    shown = with_files(message)
    assert shown["takes"][0]["file"]["path"] == "/tmp/a.mp3"
    assert shown["takes"][0]["file"]["meta"] == {"_type": "gradio.FileData"}
    assert shown["takes"][1]["file"] is None
    assert shown["parts"] == [1, "two"]
    assert message["takes"][0]["file"] == Path("/tmp/a.mp3")


def templates():
    return sorted(path for kind in ("html", "css") for path in STATIC.glob(f"*/*/*.{kind}"))


@pytest.mark.parametrize("path", templates(), ids=lambda path: str(path.relative_to(STATIC)))
def test_templates_hold_nothing_that_gradio_would_fill_in(path):
    text = path.read_text(encoding="utf-8")
    assert not any(mark in text for mark in ("${", "{{", "`", "@children"))
