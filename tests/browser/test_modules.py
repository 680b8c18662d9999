"""The page's own components: nothing shared between two of them, and at home behind a prefix."""

import http.client
import threading
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.test_musician import open_example, roll
from ui.components import STATIC, modules_version

pytestmark = pytest.mark.browser

PREFIX = "/music/room"
MODULES = f"modules/{modules_version()}"

TWO_ROLLS = """async ([template, modules]) => {
    const { mount } = await import(new URL(`${modules}/compose/roll/mount.js`, document.baseURI));
    const newRoll = (name) => {
        const element = document.createElement("div");
        element.style.width = "600px";
        element.innerHTML = template;
        document.body.append(element);
        const watching = [], said = [];
        const props = { value: null };
        const trigger = (event) => said.push(event);
        mount(element, { props, trigger, upload: null, watch: (_, show) => watching.push(show) });
        const say = (value) => { props.value = { 1: value }; for (const show of watching) show(); };
        say({
            kind: "piece", run: 1, name,
            parts: [{ number: 0, name: "Piano", short: "Piano", colour: "ink" }],
            bars: [0, 4, 8], seam: 8, beat: 1, beats: 4, planned: 0, selected: 0, gap: null,
            notes: [0, 0, 1, 60, 80], takes: [], sounds: [], most_again: 16, facts: [],
        });
        return { element, said, state: element.querySelector("[data-mf=root]").roll };
    };
    const [one, other] = [newRoll("one"), newRoll("other")];
    const untouched = JSON.stringify(other.state);
    one.element.querySelector("[data-part]").click();
    one.element.querySelector("[data-mf=in]").click();
    const key = new KeyboardEvent("keydown", { key: "ArrowRight", shiftKey: true, bubbles: true });
    one.element.querySelector("canvas").dispatchEvent(key);
    await new Promise((done) => setTimeout(done, 400));
    return {
        changed: [[...one.state.hidden], one.state.chosen, one.said],
        others: [[...other.state.hidden], other.state.chosen, other.said],
        same: JSON.stringify(other.state) === untouched,
        names: [one, other].map(({ element }) => element.querySelector("b").textContent),
    };
}"""


def test_two_rolls_share_nothing(visit):
    page = visit()
    template = (STATIC / "compose" / "roll" / "template.html").read_text(encoding="utf-8")
    found = page.evaluate(TWO_ROLLS, [template, MODULES])
    assert found["changed"] == [[0], [0, 1], ["attach", "mark"]]
    assert found["others"] == [[], None, ["attach"]]
    assert found["same"]
    assert found["names"] == ["one", "other"]


@pytest.fixture
def behind_a_prefix(url):
    """The address of a proxy that serves the app below `PREFIX`, and nothing beside it."""
    app = urlsplit(url).netloc

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self):
            self.forward()

        def do_POST(self):
            self.forward()

        def forward(self):
            if not self.path.startswith(PREFIX):
                self.send_error(404)
                return
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            # Gradio makes the addresses in its pages of this header, the prefix among it.
            asked = dict(self.headers) | {"X-Forwarded-Host": self.headers["Host"] + PREFIX}
            connection = http.client.HTTPConnection(app)
            connection.request(self.command, self.path[len(PREFIX) :], body, asked)
            answer = connection.getresponse()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("transfer-encoding", "connection", "date", "server"):
                    self.send_header(name, value)
            self.end_headers()
            with suppress(ConnectionError), closing(connection):  # the page goes when it likes
                while some := answer.read1(65_536):
                    self.wfile.write(some)
                    self.wfile.flush()

        def log_message(self, *said):
            """Nothing is written to the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}{PREFIX}/"
    server.shutdown()
    server.server_close()


def test_the_components_live_behind_a_prefix_too(browser, behind_a_prefix):
    context = browser.new_context()  # not `visit`: Gradio itself looks for icons beside the prefix
    page = context.new_page()
    page.goto(behind_a_prefix)
    open_example(page, "Melody")
    expect(roll(page)).to_contain_text("solo-melody")
    assert page.get_by_label("Add an instrument").locator("option").count() > 100
    context.close()
