"""What a request may carry: JSON that names no file elsewhere, and uploads that arrive in time."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.middleware.refusal import refusal
from ui.middleware.routes import API, PUBLIC_API, is_address

MAX_JSON_BYTES = 8 << 20
UPLOAD_S = 300.0
"""For one upload: 200 MB at the 0.7 MB a second of a slow line."""
LEAST_FREE_BYTES = 500 << 20
"""What uploads leave free on the disk."""
NOT_JSON = "This is no JSON that the page would send."
TOO_LONG = "This is longer than anything that is asked here."
ELSEWHERE = "A file is uploaded, not named by an address."
TOO_SLOW = "The upload took too long. Try again on a faster line."
DISK_FULL = "The disk of this machine is nearly full, so nothing can be uploaded now."


class BodyMiddleware:
    """Reads what a request carries before Gradio does.

    Gradio fetches a file that is given by its address on the web, from wherever that is and however
    long. Here a file is only what was uploaded.

    Args:
        app: What the requests go to.
        uploads: The folder that receives uploads.
    """

    def __init__(self, app: ASGIApp, *, uploads: Path) -> None:
        self.app = app
        self._uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self.app(scope, receive, send)
        elif scope["path"] == f"{API}/upload":
            await self._upload(scope, receive, send)
        elif scope["path"].startswith(f"{PUBLIC_API}/"):
            await self._called(scope, receive, send)
        elif "json" in Headers(scope=scope).get("content-type", ""):
            await self._json(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        if shutil.disk_usage(self._uploads).free < LEAST_FREE_BYTES:
            await refusal(507, DISK_FULL)(scope, receive, send)
            return
        body = _Timed(receive, UPLOAD_S)

        async def send_on(message: Message) -> None:
            if not body.is_late:
                await send(message)

        try:
            await self.app(scope, body.receive, send_on)
        except ClientDisconnect:  # as it looks to Gradio where the time is over
            if not body.is_late:
                return
        if body.is_late:
            await refusal(408, TOO_SLOW)(scope, receive, send)

    async def _called(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _whole(scope, receive, send)
        if body is not None:
            await self.app(scope, _Again(body, receive).receive, send)

    async def _json(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _whole(scope, receive, send)
        if body is None:
            return
        try:
            places = list(files_named(json.loads(body)))
        except (ValueError, RecursionError):
            await refusal(400, NOT_JSON)(scope, receive, send)
            return
        if any(is_address(place) for place in places):
            await refusal(400, ELSEWHERE)(scope, receive, send)
            return
        await self.app(scope, _Again(body, receive).receive, send)


async def _whole(scope: Scope, receive: Receive, send: Send) -> bytes | None:
    """Return the whole body of a request; `None` if it was refused, or its sender has left."""
    body = bytearray()
    more = True
    try:
        async with asyncio.timeout(UPLOAD_S):
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                body += message.get("body", b"")
                more = message.get("more_body", False) and len(body) <= MAX_JSON_BYTES
    except TimeoutError:
        await refusal(408, TOO_SLOW)(scope, receive, send)
        return None
    if len(body) > MAX_JSON_BYTES:
        await refusal(413, TOO_LONG)(scope, receive, send)
        return None
    return bytes(body)


def files_named(value: object) -> Iterator[str]:
    """Yield every place of a file in a JSON value, wherever in it."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if isinstance(place := one.get("path"), str):
                yield place
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


class _Timed:
    """Receives a body that has to be whole after some seconds."""

    def __init__(self, receive: Receive, seconds: float) -> None:
        self.is_late = False
        self._receive = receive
        self._end = asyncio.get_running_loop().time() + seconds
        self._is_whole = False

    async def receive(self) -> Message:
        if self._is_whole:  # from here on it is told when the visitor leaves
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._end):
                message = await self._receive()
        except TimeoutError:
            self.is_late = True
            return {"type": "http.disconnect"}
        self._is_whole = not message.get("more_body", False)
        return message


class _Again:
    """Receives a body that was read already."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def receive(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}
