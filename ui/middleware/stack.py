"""All of it around an app, in order."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import cast

from cachetools import TTLCache
from gradio.routes import App
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp

from meloformer.app.access import owner_of, visitor_of
from meloformer.app.holdings import Holdings
from meloformer.logs import adopt
from ui.middleware.bodies import MAX_JSON_BYTES, BodyMiddleware
from ui.middleware.files import VISITOR, FileMiddleware
from ui.middleware.headers import COOKIE_S, HeaderMiddleware
from ui.middleware.hosts import HostMiddleware
from ui.middleware.logins import LoginMiddleware
from ui.middleware.requests import RequestIdMiddleware
from ui.middleware.routes import RouteMiddleware
from ui.middleware.streams import StreamMiddleware

_MAX_LOGINS = 10_000
_FORM_BYTES = 1 << 20
"""What a request for an upload has besides its file."""


def guarded_lifespan(
    *,
    host: str,
    names: Iterable[str],
    uploads: Path,
    spare: Path,
    max_file_bytes: int,
    may_fetch: Callable[[str, str], bool],
    holdings: Holdings,
) -> Callable[[App], AbstractAsyncContextManager[None]]:
    """Return a lifespan that puts everything here around the whole app before its first request.

    Gradio adds middleware of its own outside of what it is given, which answers foreign pages; what
    has to come before that can be put there only when the app starts.

    Args:
        host: The address the app listens on.
        names: Other names it is reached by.
        uploads: The folder that receives uploads.
        spare: Where files of sessions are if that takes none.
        max_file_bytes: Of one upload.
        may_fetch: As `FileMiddleware` asks for it.
        holdings: What visitors hold of the disk.
    """

    @asynccontextmanager
    async def lifespan(app: App) -> AsyncIterator[None]:
        adopt("uvicorn", "uvicorn.error", "uvicorn.access")  # the server has just set them up
        # Who is logged in, for half a day. Gradio asks no more of it than of a mapping.
        app.tokens = cast("dict[str, str]", TTLCache(_MAX_LOGINS, COOKIE_S))
        assert app.middleware_stack is not None  # the app is starting
        app.middleware_stack = guarded(
            app.middleware_stack,
            host=host,
            names=names,
            uploads=uploads,
            spare=spare,
            max_file_bytes=max_file_bytes,
            may_fetch=may_fetch,
            holdings=holdings,
            user_of=lambda request: _user_of(app, request),
            has_login=app.auth is not None,
        )
        yield

    return lifespan


def guarded(
    app: ASGIApp,
    *,
    host: str,
    names: Iterable[str],
    uploads: Path,
    spare: Path,
    max_file_bytes: int,
    may_fetch: Callable[[str, str], bool],
    holdings: Holdings,
    user_of: Callable[[Request], str | None],
    has_login: bool,
) -> ASGIApp:
    """Return an app with all of it around.

    Args:
        app: The app.
        host: As the others, that of `guarded_lifespan`.
        names: That, too.
        uploads: That, too.
        max_file_bytes: That, too.
        may_fetch: That, too.
        holdings: That, too.
        user_of: Returns the name that the sender of a request has logged in with, if they have.
        has_login: Whether visitors must log in.
    """

    def visitor(request: Request) -> str:
        owner = owner_of(user_of(request), "", is_shared=True)
        return visitor_of(owner, request.cookies.get(VISITOR, ""))

    app = BodyMiddleware(
        StreamMiddleware(app), uploads=uploads, holdings=holdings, visitor_of=visitor
    )
    longest = max(max_file_bytes, MAX_JSON_BYTES) + _FORM_BYTES
    app = RequestBodyLimitMiddleware(app, max_body_size=longest)
    if has_login:
        app = LoginMiddleware(app, user_of)
    app = FileMiddleware(app, folders=(uploads, spare), may_fetch=may_fetch)
    app = RouteMiddleware(app)
    app = HostMiddleware(app, host=host, names=names)
    return RequestIdMiddleware(HeaderMiddleware(app))


def _user_of(app: App, request: Request) -> str | None:
    """Return the name that a visitor has logged in with, as Gradio finds it."""
    cookies = (f"access-token{kind}-{app.cookie_id}" for kind in ("", "-unsecure"))
    tokens = (token for cookie in cookies if (token := request.cookies.get(cookie)))
    return next((app.tokens.get(token) for token in tokens), None)
