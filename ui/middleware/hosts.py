"""Which names the app answers to, and whose pages may ask it.

A page of another site can send requests to an app on this machine, and by a name that it lets point
here (DNS rebinding) read the answers. So a request has to name the app by one of its own names, and
one that a page has sent has to come from a page of the app.
"""

import re
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from meloformer.app.access import is_this_machine
from meloformer.errors import ConfigError
from ui.middleware.refusal import refusal

_NAME = re.compile(r"[\w.-]+", re.ASCII)
WRONG_HOST = "MeloFormer does not answer to this name. Whoever has started it can allow it."
WRONG_ORIGIN = "Only the pages of MeloFormer itself may ask this."


class HostMiddleware:
    """Refuses requests by a foreign name (421) and those of foreign pages (403).

    Args:
        app: What the other requests go to.
        host: The address the app listens on.
        names: Other names it is reached by, such as those of a reverse proxy.
    """

    def __init__(self, app: ASGIApp, *, host: str, names: Iterable[str] = ()) -> None:
        self.app = app
        self._host = host
        self._names = {"localhost", host.lower(), *(name.lower() for name in names)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not self.answers_to(headers.get("host", "")):
            await refusal(421, WRONG_HOST)(scope, receive, send)
        elif is_foreign(headers) or (_acts(scope) and is_elsewhere(headers)):
            await refusal(403, WRONG_ORIGIN)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def answers_to(self, host: str) -> bool:
        """Return whether the app answers to a `Host` header.

        Numbers cannot be made to point elsewhere: where the app listens for other machines, any
        address serves, and on this machine those that never leave it.
        """
        name = _hostname(f"//{host}")
        if name in self._names:
            return True
        try:
            address = ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or not is_this_machine(self._host)


def require_names(names: Iterable[str]) -> None:
    """Check that names are such as come in a `Host` header before the port.

    Raises:
        ConfigError: One is not, so that the app would never answer to it.
    """
    for name in names:
        if not _NAME.fullmatch(name):
            raise ConfigError(
                f"{name!r} is no name of a machine.",
                hint="Write it as in the address, without http:// and port: music.school.example.",
            )


def is_foreign(headers: Headers) -> bool:
    """Return whether a page of another site has sent a request, other than by a link to follow."""
    origin = headers.get("origin")
    if origin is not None:
        return origin.lower().partition("://")[2] != headers.get("host", "").lower()
    return is_elsewhere(headers) and headers.get("sec-fetch-mode") != "navigate"


def is_elsewhere(headers: Headers) -> bool:
    """Return whether a browser says that another site has sent it here, be it by a link."""
    return headers.get("sec-fetch-site", "none") not in ("none", "same-origin")


def _acts(scope: Scope) -> bool:
    """Return whether to follow a link there does something: only own links to it are followed."""
    return str(scope.get("path", "")).rstrip("/") == "/logout"


def _hostname(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:  # brackets without an address in them
        return ""
