"""Where visitors log in: what Gradio asks nobody for is asked for here."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.middleware.refusal import refusal
from ui.middleware.routes import API

NO_LOGIN = "Log in first."
_FOR_ALL = frozenset(f"{API}/{name}" for name in ("login_check", "theme.css", "startup-events"))
"""What the page of the login asks for, and Gradio itself when it starts."""


class LoginMiddleware:
    """Answers 401 to visitors who have not logged in, whatever they ask of Gradio.

    Gradio lets anybody cancel what others have begun, and keep sessions.

    Args:
        app: What the other requests go to.
        user_of: Returns the name that the sender of a request has logged in with, if they have.
    """

    def __init__(self, app: ASGIApp, user_of: Callable[[Request], str | None]) -> None:
        self.app = app
        self._user_of = user_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        is_open = scope["type"] != "http" or (
            not scope["path"].startswith(f"{API}/") or scope["path"] in _FOR_ALL
        )
        if is_open or self._user_of(Request(scope)):
            await self.app(scope, receive, send)
        else:
            await refusal(401, NO_LOGIN)(scope, receive, send)
