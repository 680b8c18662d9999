"""Streams that Gradio breaks off: the page is told so, and that is no mistake to be logged."""

import logging

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

logger = logging.getLogger(__name__)


class StreamMiddleware:
    """Ends a stream that Gradio refuses only after it has begun.

    A page that was open when the app was started again asks for what its session was to hear.
    Gradio tells it in the stream that there is no such session, and then raises.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and end its answer."""
        try:
            await self.app(scope, receive, send)
        except RuntimeError as error:  # as Starlette says that it is too late for a status
            if not isinstance(error.__cause__, HTTPException):
                raise
            logger.info("A stream was refused with %d.", error.__cause__.status_code)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
