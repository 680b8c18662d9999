"""What is open: what the page asks of Gradio, the public HTTP API, and nothing else."""

import re

from starlette.types import ASGIApp, Receive, Scope, Send

from ui.middleware.refusal import refusal

API, PUBLIC_API = "/gradio_api", "/api/v1"
LOGIN = ("/login", "/login/")
_OPEN = frozenset(
    {
        *("/", *LOGIN, "/logout", "/logout/", "/config", "/theme.css"),
        *("/robots.txt", "/favicon.ico", "/healthz", "/metrics"),
        *(f"{API}/{name}" for name in ("upload", "upload_progress", "startup-events")),
        *(f"{API}/{name}" for name in ("queue/join", "queue/data", "cancel", "reset")),
        *(f"{API}/{name}" for name in ("login_check", "theme.css")),
    }
)
_OPEN_FOLDERS = (
    *("/assets/", "/static/", "/svelte/", "/modules/", "/soundfont/"),
    *(f"{API}/heartbeat/", f"{API}/custom_component/"),
)
FILE = f"{API}/file="
_IS_ADDRESS = re.compile(r"\s*([a-z][a-z0-9+.-]+:|[/\\]{2})", re.IGNORECASE)
"""`scheme:` of at least two letters, as one is a drive; or a machine's name after two slashes."""
NOT_HERE = "There is nothing here."


class RouteMiddleware:
    """Answers 404 to everything that the page of the app does not ask for.

    Gradio serves much more than its page needs, such as a proxy to other servers, monitoring, and
    every handler under a name of its own.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan" or (scope["type"] == "http" and is_open(scope["path"])):
            await self.app(scope, receive, send)
        else:
            await refusal(404, NOT_HERE)(scope, receive, send)


def is_open(path: str) -> bool:
    """Return whether the page of the app, or a program, asks for a path, decoded.

    A file is named by where it is on this machine; an address on the web is none.
    """
    if path.startswith(FILE):
        return not is_address(path.removeprefix(FILE))
    if not path.isprintable():  # a line break hides from the pattern of a mounted route
        return False
    return path in _OPEN or path.startswith((f"{PUBLIC_API}/", *_OPEN_FOLDERS))


def is_address(place: str) -> bool:
    """Return whether a place of a file is on another machine rather than on this one."""
    return _IS_ADDRESS.match(place) is not None
