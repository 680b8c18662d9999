"""What answers say besides their contents: who may frame the page, and how cookies travel."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE_S = 43_200
"""Of a login: half a day."""
HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # addresses of downloads are nobody else's business
}


class HeaderMiddleware:
    """Adds `HEADERS` to every answer, and makes cookies strict.

    Logins of Gradio come as a cookie that every site may use, with TLS, and as one that browsers
    without `SameSite` send with every request; both are this site's alone here.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and change the answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_secure = "https" in (
            scope.get("scheme"),
            Headers(scope=scope).get("x-forwarded-proto"),
        )

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                cookies = headers.getlist("set-cookie")
                del headers["set-cookie"]
                for cookie in cookies:
                    headers.append("set-cookie", strict(cookie, is_secure=is_secure))
            await send(message)

        await self.app(scope, receive, send_on)


def strict(cookie: str, *, is_secure: bool) -> str:
    """Return a `Set-Cookie` value that only pages of this site send along.

    Args:
        cookie: The value as it was to be sent.
        is_secure: Whether the visitor has come by TLS, and the cookie travels by nothing else.
    """
    first, *rest = (part.strip() for part in cookie.split(";"))
    kept = [one for one in rest if one.lower().partition("=")[0] not in ("samesite", "secure")]
    kept.append("SameSite=Strict")
    if first.startswith("access-token") and not any(
        one.lower().startswith(("max-age", "expires")) for one in kept
    ):
        kept.append(f"Max-Age={COOKIE_S}")
    if is_secure:
        kept.append("Secure")
    return "; ".join([first, *kept])
