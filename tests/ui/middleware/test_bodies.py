import pytest
from anyio.from_thread import start_blocking_portal
from starlette.exceptions import HTTPException

from meloformer.app.holdings import Holdings
from ui.middleware.bodies import BodyMiddleware, read_json
from ui.middleware.streams import StreamMiddleware


@pytest.mark.parametrize(
    "body",
    [b"NaN", b"[-Infinity]", b"1e999", rb'"\ud800"', rb'{"\udfff": 1}', rb'["\ude00\ud83d"]'],
)
def test_what_could_not_be_sent_back_is_no_json(body):
    with pytest.raises(ValueError, match=r"no such number|surrogates|codec"):
        read_json(body)


def test_everything_else_is_read_as_it_is():
    body = rb'{"a": [1.5, -2, 1e300, null, true, "\ud83d\ude00 \\ud8 \u00e9"]}'
    assert read_json(body) == {"a": [1.5, -2, 1e300, None, True, "😀 \\ud8 é"]}


def answer_to(app, path="/gradio_api/upload", headers=()):
    """Return what an app has sent to a POST without a body."""
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": path, "headers": list(headers)}
    with start_blocking_portal() as portal:  # a loop of its own, in a thread
        portal.call(app, {**scope, "query_string": b""}, receive, send)
    return sent


@pytest.mark.parametrize(
    ("error", "status"), [(OSError(28, "No space left on device"), 507), (TypeError("x"), 400)]
)
def test_an_upload_that_fails_is_refused_in_a_sentence(tmp_path, error, status):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 500, "headers": []})
        await send({"type": "http.response.body", "body": b"Internal Server Error"})
        raise error

    holdings = Holdings(None)
    guarded = BodyMiddleware(app, uploads=tmp_path, holdings=holdings, visitor_of=lambda _: "x")
    start, body = answer_to(guarded, headers=[(b"content-length", b"0")])
    assert start["status"] == status
    assert b"Internal" not in body["body"]


def test_a_stream_that_is_refused_too_late_ends():
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError from HTTPException(404)

    start, end = answer_to(StreamMiddleware(app))
    assert start["status"] == 200
    assert end == {"type": "http.response.body", "body": b"", "more_body": False}


def test_a_mistake_in_a_stream_stays_one():
    async def app(scope, receive, send):
        raise RuntimeError from ValueError("x")

    with pytest.raises(RuntimeError):
        answer_to(StreamMiddleware(app))
