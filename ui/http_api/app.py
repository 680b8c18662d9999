"""The API put together: its calls, its OpenAPI description, and a page that shows it."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from starlette.routing import Mount

from meloformer import __version__
from ui.http_api import jobs, writing
from ui.http_api.callers import ApiState
from ui.http_api.docs_page import docs_page
from ui.http_api.problems import Problem, answer_problems
from ui.middleware.routes import PUBLIC_API

_DESCRIPTION = """
Continue MIDI files by whole bars, write bars of them again, begin pieces from nothing, and render
them as sound. Bars count from 1, as musicians do; a pickup is bar 0.

A call that takes a while answers with a job. Look at it by its `url`, or follow its `events`; its
files are there when it is over, for an hour.

The same limits hold as on the page: runs take turns with those of visitors, a bar at a time.
"""
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status.value: {"model": Problem, "description": said}
    for status, said in (
        (HTTPStatus.BAD_REQUEST, "The body is no JSON."),
        (HTTPStatus.UNAUTHORIZED, "Visitors log in here, and the token is none of theirs."),
        (HTTPStatus.NOT_FOUND, "There is no such job or file."),
        (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large."),
        (HTTPStatus.UNPROCESSABLE_ENTITY, "What is asked for cannot be done."),
        (HTTPStatus.TOO_MANY_REQUESTS, "Too much at once."),
        (HTTPStatus.INSUFFICIENT_STORAGE, "The disk is nearly full."),
    )
}


class _Api(FastAPI):
    """Describes calls by their sentence, and asks for tokens where they are needed."""

    def openapi(self) -> dict[str, Any]:
        described = super().openapi()
        needs_token = self.state.api is not None and self.state.api.tokens is not None
        for operation in [one for path in described["paths"].values() for one in path.values()]:
            operation["summary"] = operation.pop("description", operation["summary"])
            for status, answer in operation["responses"].items():
                if status >= "400":  # they are JSON even where the answer would be none
                    (content,) = answer["content"].values()
                    answer["content"] = {"application/json": content}
            if not needs_token:
                operation.pop("security", None)
        if not needs_token:
            described["components"].pop("securitySchemes", None)
        return described


def create_api(state: ApiState) -> FastAPI:
    """Return the API as an application of its own."""
    api = _Api(
        title="MeloFormer",
        version=__version__,
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        responses=_PROBLEMS,
    )
    api.state.api = state
    api.include_router(writing.router)
    api.include_router(jobs.router)
    answer_problems(api)

    @api.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(docs_page())

    return api


def api_route(state: ApiState) -> Mount:
    """Return the route of the whole API, for the app of the page."""
    return Mount(PUBLIC_API, create_api(state))
