"""Which request a line of the log belongs to: each has an id, and its answer says it."""

from gradio.context import LocalContext
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from meloformer.logs import new_request_id, request_id

HEADER = "X-Request-ID"
_KEY = "meloformer.request_id"
"""Of the scope."""


class RequestIdMiddleware:
    """Gives each request an id that lines of the log have, and the answer as `X-Request-ID`.

    An id that comes with the request is not taken: whoever asks could write what they like into the
    log.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and change the answer."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        one = scope[_KEY] = new_request_id()
        # It is not taken back: the server has a task for each request, and logs what went wrong
        # after the app has ended.
        request_id.set(one)

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = one
            await send(message)

        await self.app(scope, receive, send_on)


def enter_request() -> None:
    """Let what is logged from here on belong to the request whose event is being handled.

    Gradio answers a request at once and handles its event in a task of its own, each step of it in
    a context of its own.
    """
    request = LocalContext.request.get(None)
    if request is not None and request.request is not None:
        request_id.set(request.request.scope.get(_KEY, ""))
