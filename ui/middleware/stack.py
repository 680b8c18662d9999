"""All of it around an app, in order."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import cast

from cachetools import TTLCache
from gradio.routes import App
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import ASGIApp

from ui.middleware.bodies import MAX_JSON_BYTES, BodyMiddleware
from ui.middleware.files import FileMiddleware
from ui.middleware.headers import COOKIE_S, HeaderMiddleware
from ui.middleware.hosts import HostMiddleware
from ui.middleware.routes import RouteMiddleware

_MAX_LOGINS = 10_000
_FORM_BYTES = 1 << 20
"""What a request for an upload has besides its file."""


def guarded_lifespan(
    *,
    host: str,
    names: Iterable[str],
    uploads: Path,
    max_file_bytes: int,
    may_fetch: Callable[[str, str], bool],
) -> Callable[[App], AbstractAsyncContextManager[None]]:
    """Return a lifespan that puts everything here around the whole app before its first request.

    Gradio adds middleware of its own outside of what it is given, which answers foreign pages; what
    has to come before that can be put there only when the app starts.

    Args:
        host: The address the app listens on.
        names: Other names it is reached by.
        uploads: The folder that receives uploads.
        max_file_bytes: Of one upload.
        may_fetch: As `FileMiddleware` asks for it.
    """

    @asynccontextmanager
    async def lifespan(app: App) -> AsyncIterator[None]:
        # Who is logged in, for half a day. Gradio asks no more of it than of a mapping.
        app.tokens = cast("dict[str, str]", TTLCache(_MAX_LOGINS, COOKIE_S))
        assert app.middleware_stack is not None  # the app is starting
        app.middleware_stack = guarded(
            app.middleware_stack,
            host=host,
            names=names,
            uploads=uploads,
            max_file_bytes=max_file_bytes,
            may_fetch=may_fetch,
        )
        yield

    return lifespan


def guarded(
    app: ASGIApp,
    *,
    host: str,
    names: Iterable[str],
    uploads: Path,
    max_file_bytes: int,
    may_fetch: Callable[[str, str], bool],
) -> ASGIApp:
    """Return an app with all of it around; the arguments are those of `guarded_lifespan`."""
    app = BodyMiddleware(app, uploads=uploads)
    longest = max(max_file_bytes, MAX_JSON_BYTES) + _FORM_BYTES
    app = RequestBodyLimitMiddleware(app, max_body_size=longest)
    app = FileMiddleware(app, uploads=uploads, may_fetch=may_fetch)
    app = RouteMiddleware(app)
    app = HostMiddleware(app, host=host, names=names)
    return HeaderMiddleware(app)
