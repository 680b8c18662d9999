import logging
import re
from contextvars import Context
from types import SimpleNamespace

import gradio as gr
import httpx
import pytest
from anyio.from_thread import start_blocking_portal
from gradio.context import LocalContext
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from meloformer.logs import request_id
from ui.guard import guard
from ui.middleware.hosts import HostMiddleware
from ui.middleware.requests import HEADER, RequestIdMiddleware

logger = logging.getLogger("meloformer.tests")


def ask(app, **headers):
    async def get():
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get("/", headers=headers)

    with start_blocking_portal() as portal:  # a browser's loop may run in this thread
        return portal.call(get)


@pytest.fixture
def noted():
    """Ids of the requests in which lines were logged."""
    ids = []
    handler = logging.Handler()
    handler.emit = lambda record: ids.append(request_id.get())
    logger.addHandler(handler)
    yield ids
    logger.removeHandler(handler)


def test_lines_within_a_request_have_the_id_that_its_answer_says(noted):
    scopes = []

    def answer(request: Request):
        logger.warning("one")
        scopes.append(request.scope)
        return PlainTextResponse("")

    app = RequestIdMiddleware(Starlette(routes=[Route("/", answer)]))
    one, other = (ask(app, **{HEADER: "a song by anna"}).headers[HEADER] for _ in range(2))
    assert noted == [one, other]
    assert one != other
    assert re.fullmatch("[0-9a-f]{8}", one)


def test_a_refused_request_has_an_id_too():
    app = RequestIdMiddleware(HostMiddleware(Starlette(), host="127.0.0.1"))
    answer = ask(app, Host="evil.example")
    assert answer.status_code == 421
    assert HEADER in answer.headers


def test_a_mistake_of_ours_is_shown_under_the_number_of_its_request(caplog, noted):
    scope = {"type": "http", "meloformer.request_id": "0123abcd", "headers": []}

    @guard
    def handler():
        logger.warning("in the handler")
        raise ZeroDivisionError

    @guard
    def stream():
        yield "one"
        logger.warning("in a later step")
        yield "two"

    def as_event(work):
        LocalContext.request.set(gr.Request(Request(scope)))
        with caplog.at_level(logging.INFO):
            return work()

    with pytest.raises(gr.Error, match="0123abcd"):
        run_apart(lambda: as_event(handler))
    assert "0123abcd" in caplog.text
    steps = stream()
    assert [run_apart(lambda: as_event(lambda: next(steps))) for _ in range(2)] == ["one", "two"]
    assert noted == ["0123abcd", "0123abcd"]


def run_apart(work):
    """Run in a context of its own, as Gradio does each step of a handler."""
    return Context().run(work)


def test_work_outside_of_a_request_gets_a_number_of_its_own(caplog):
    @guard
    def handler():
        raise ZeroDivisionError

    def work():
        LocalContext.request.set(SimpleNamespace(request=None))
        return handler()

    with pytest.raises(gr.Error, match=r"[0-9a-f]{8}"):
        run_apart(work)
