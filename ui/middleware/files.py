"""Whose files are whose: a browser gets those of the sessions it has shown."""

from collections.abc import Callable, Iterable
from pathlib import Path
from secrets import token_hex

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.middleware.refusal import refusal
from ui.middleware.routes import FILE, NOT_HERE

VISITOR = "meloformer-visitor"
"""The cookie by which a browser is known. No script reads it."""
_BYTES = 16
_YEAR_S = 31_536_000


class FileMiddleware:
    """Knows browsers again by a cookie, and answers 404 to those that ask for others' files.

    Args:
        app: What the other requests go to.
        folders: In each of which each session has one.
        may_fetch: Tells whether a browser, by its cookie, gets files of a folder there.
    """

    def __init__(
        self, app: ASGIApp, *, folders: Iterable[Path], may_fetch: Callable[[str, str], bool]
    ) -> None:
        self.app = app
        self._folders = [folder.resolve() for folder in folders]
        self._may_fetch = may_fetch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        visitor = Request(scope).cookies.get(VISITOR, "")
        path: str = scope["path"]
        if path.startswith(FILE):
            folder = self._folder(Path(path.removeprefix(FILE)))
            if folder is not None and not self._may_fetch(folder, visitor):
                await refusal(404, NOT_HERE)(scope, receive, send)
                return
        if path != "/" or len(visitor) == 2 * _BYTES:
            await self.app(scope, receive, send)
            return

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("set-cookie", _new_visitor())
            await send(message)

        await self.app(scope, receive, send_on)

    def _folder(self, file: Path) -> str | None:
        """Return the name of the folder that a file is in, wherever in it."""
        for folder in self._folders:
            try:
                return file.resolve().relative_to(folder).parts[0]
            except (ValueError, OSError, IndexError):
                continue
        return None


def _new_visitor() -> str:
    return f"{VISITOR}={token_hex(_BYTES)}; Path=/; Max-Age={_YEAR_S}; HttpOnly; SameSite=Strict"
