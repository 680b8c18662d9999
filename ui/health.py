"""What whoever runs the app asks it: whether it is there, and what it has done."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from meloformer import __version__
from meloformer.app.access import is_this_machine
from meloformer.app.metrics import Metrics
from ui.middleware.refusal import refusal
from ui.middleware.routes import NOT_HERE

HEALTH, METRICS = "/healthz", "/metrics"
_OF_PROXIES = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
_TEXT = "text/plain; version=0.0.4; charset=utf-8"


def health_routes(metrics: Metrics) -> list[Route]:
    """Return the routes: `/healthz` for everybody, `/metrics` for this machine alone."""

    async def health(request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok", "version": __version__})

    async def numbers(request: Request) -> Response:
        if not _is_from_this_machine(request):
            return refusal(404, NOT_HERE)
        return Response(metrics.text(), media_type=_TEXT)

    return [Route(HEALTH, health), Route(METRICS, numbers)]


def _is_from_this_machine(request: Request) -> bool:
    """Return whether a request was made here, and not passed on by a proxy that is here.

    A proxy says so in a header of its own, or passes on the name by which it was asked.
    """
    if request.client is None or any(name in request.headers for name in _OF_PROXIES):
        return False
    return is_this_machine(request.client.host) and is_this_machine(request.url.hostname or "")
