"""What a request may carry: JSON that names no file elsewhere, and uploads that arrive in time."""

import asyncio
import json
import math
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path

from python_multipart.exceptions import FormParserError
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from meloformer.app.holdings import Holdings
from meloformer.errors import OutputError
from meloformer.outputs import disk_problem
from ui.middleware.refusal import refusal
from ui.middleware.routes import API, LOGIN, PUBLIC_API, is_address

MAX_JSON_BYTES = 8 << 20
UPLOAD_S = 300.0
"""For one upload: 200 MB at the 0.7 MB a second of a slow line."""
LEAST_FREE_BYTES = 500 << 20
"""What uploads leave free on the disk."""
_UNREADABLE = (FormParserError, AttributeError, TypeError)
"""What Gradio's reader of uploads raises for a form that it did not expect."""
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
"""What half a character is written as, and whole ones beyond the first 65,536 of Unicode."""
NOT_JSON = "This is no JSON that the page would send."
TOO_LONG = "This is longer than anything that is asked here."
ELSEWHERE = "A file is uploaded, not named by an address."
NO_LENGTH = "An upload says how long it is."
TOO_SLOW = "The upload took too long. Try again on a faster line."
NO_UPLOAD = "This is no upload that the page would send."
DISK_FULL = "The disk of this machine is nearly full, so nothing can be uploaded now."


class BodyMiddleware:
    """Reads what a request carries before Gradio does.

    Gradio fetches a file that is given by its address on the web, from wherever that is and however
    long. Here a file is only what was uploaded.

    Args:
        app: What the requests go to.
        uploads: The folder that receives uploads.
        holdings: What visitors hold of the disk.
        visitor_of: Tells who has sent a request.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        uploads: Path,
        holdings: Holdings,
        visitor_of: Callable[[Request], str],
    ) -> None:
        self.app = app
        self._uploads = uploads
        self._holdings = holdings
        self._visitor_of = visitor_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self.app(scope, receive, send)
        elif scope["path"] == f"{API}/upload":
            await self._upload(scope, receive, send)
        elif scope["path"].startswith(f"{PUBLIC_API}/"):
            await self._called(scope, receive, send)
        elif scope["path"] in LOGIN:  # the one form; nothing in it is read as JSON
            await self.app(scope, receive, send)
        else:  # whatever it says of itself, by which Gradio goes
            await self._json(scope, receive, send)

    async def _upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        if shutil.disk_usage(self._uploads).free < LEAST_FREE_BYTES:
            await refusal(507, DISK_FULL)(scope, receive, send)
            return
        request = Request(scope)
        length = request.headers.get("content-length", "")
        if not length.isdecimal():
            await refusal(411, NO_LENGTH)(scope, receive, send)
            return
        visitor, body = self._visitor_of(request), _Timed(receive, UPLOAD_S)
        try:
            # It may look at many files.
            await asyncio.to_thread(self._holdings.require_room, visitor, int(length))
            with self._holdings.coming(visitor, int(length)):
                answer = await self._answer(scope, body, send)
        except OutputError as error:
            self._holdings.leave_behind(visitor, body.num_bytes)
            await refusal(507, error.problem, error.hint)(scope, receive, send)
            return
        except _UNREADABLE:
            self._holdings.leave_behind(visitor, body.num_bytes)
            await refusal(400, NO_UPLOAD)(scope, receive, send)
            return
        if body.is_late:
            await refusal(408, TOO_SLOW)(scope, receive, send)
        places = places_told(answer)
        if not places:
            self._holdings.leave_behind(visitor, body.num_bytes)
        for place in places:
            if Path(place).resolve().is_relative_to(self._uploads.resolve()):
                self._holdings.add(visitor, Path(place))

    async def _answer(self, scope: Scope, body: "_Timed", send: Send) -> bytes:
        """Pass an upload on, and return what was said to it.

        Raises:
            OutputError: The disk takes no more.
            Exception: One of `_UNREADABLE`, or a mistake; nothing was said then.
        """
        answer = bytearray()
        is_failed = False

        async def send_on(message: Message) -> None:
            nonlocal is_failed
            is_failed = is_failed or message.get("status", 0) >= HTTPStatus.INTERNAL_SERVER_ERROR
            if body.is_late or is_failed:
                return
            answer.extend(message.get("body", b""))
            await send(message)

        try:
            with suppress(ClientDisconnect):  # as it looks to Gradio where the body is cut short
                await self.app(scope, body.receive, send_on)
        except OSError as error:
            raise (disk_problem(error) or error) from error
        return bytes(answer)

    async def _called(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _whole(scope, receive, send)
        if body is not None:
            await self.app(scope, _Again(body, receive).receive, send)

    async def _json(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _whole(scope, receive, send)
        if body is None:
            return
        try:
            places = list(files_named(read_json(body)))
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


def read_json(body: bytes) -> object:
    """Return what a body says, by the letter of JSON.

    Python also reads numbers that are none, and takes halves of characters for text, which Gradio
    then can't send back.

    Raises:
        ValueError: It is no JSON, has a number without end, or half a character.
        RecursionError: It is too deep.
    """
    value: object = json.loads(body, parse_constant=_finite, parse_float=_finite)
    if _HALF.search(body):
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("JSON has no such number")
    return number


def places_told(answer: bytes) -> list[str]:
    """Return the places of files that have arrived, as Gradio tells the page; none if it failed."""
    try:
        told = json.loads(answer)
    except ValueError:
        return []
    return [one for one in told if isinstance(one, str)] if isinstance(told, list) else []


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
        self._is_whole = False
        self.num_bytes = 0
        self._receive = receive
        self._end = asyncio.get_running_loop().time() + seconds

    async def receive(self) -> Message:
        if self._is_whole:  # from here on it is told when the visitor leaves
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._end):
                message = await self._receive()
        except TimeoutError:
            self.is_late = True
            return {"type": "http.disconnect"}
        if message["type"] == "http.request":
            self.num_bytes += len(message.get("body", b""))
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
