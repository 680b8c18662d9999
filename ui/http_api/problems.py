"""Errors as one answer: what went wrong, and what to do about it."""

import logging
from http import HTTPStatus
from uuid import uuid4

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from meloformer.app.paths import without_folders
from meloformer.errors import BusyError, MeloFormerError, OutputError
from ui.middleware.routes import PUBLIC_API

logger = logging.getLogger(__name__)

_DOCS = f"{PUBLIC_API}/docs says what each field takes."
_MAX_NAME = 60
RETRY_S = 5


class Problem(BaseModel):
    """What went wrong."""

    problem: str = Field(description="A sentence.")
    hint: str = Field(default="", description="What to do about it; may be empty.")


_SAID_OF = {
    "Not Found": "There is nothing here.",
    "Method Not Allowed": "This is asked for by another method.",
    "There was an error parsing the body": "This is no JSON that can be read.",
}
"""What is said for what the framework says."""
_NO_BODY = ("missing", "model_attributes_type", "dict_type", "model_type")
"""Kinds of errors where the body is no object of JSON, or is not said to be JSON."""


def problem_of(error: Exception) -> Problem:
    """Return the sentences of an error, without the folders of this machine."""
    if isinstance(error, MeloFormerError):
        said = without_folders(error.problem)
        return Problem(problem=said[:1].upper() + said[1:], hint=without_folders(error.hint))
    return Problem(
        problem="Something went wrong inside MeloFormer. We are sorry.",
        hint="Whoever runs it finds more in its log.",
    )


def answer_problems(api: FastAPI) -> None:
    """Let an API answer every error with a `Problem`."""

    @api.exception_handler(MeloFormerError)
    async def sentence(request: Request, error: MeloFormerError) -> JSONResponse:
        if isinstance(error, BusyError):
            headers = {"Retry-After": str(RETRY_S)}
            return _answer(HTTPStatus.TOO_MANY_REQUESTS, problem_of(error), headers)
        if isinstance(error, OutputError):
            return _answer(HTTPStatus.INSUFFICIENT_STORAGE, problem_of(error))
        return _answer(HTTPStatus.UNPROCESSABLE_ENTITY, problem_of(error))

    @api.exception_handler(RequestValidationError)
    async def wrong(request: Request, error: RequestValidationError) -> JSONResponse:
        return _answer(HTTPStatus.UNPROCESSABLE_ENTITY, _what_is_wrong(error))

    @api.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> JSONResponse:
        said = _SAID_OF.get(str(error.detail), str(error.detail))
        return _answer(error.status_code, Problem(problem=said), dict(error.headers or {}))

    @api.exception_handler(Exception)
    async def mistake(request: Request, error: Exception) -> JSONResponse:
        number = uuid4().hex[:8]
        logger.error("Reference %s", number, exc_info=error)
        hint = f"The log has it under {number}."
        said = Problem(problem=problem_of(error).problem, hint=hint)
        return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, said)


def _answer(status: int, problem: Problem, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse(problem.model_dump(), status, headers)


def _what_is_wrong(error: RequestValidationError) -> Problem:
    """Say what is wrong with the first of the fields that are."""
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return Problem(problem="This is no JSON.", hint=_DOCS)
    said = str(first["msg"]).removeprefix("Value error, ")
    place = ".".join(str(part) for part in first["loc"][1:])[:_MAX_NAME]
    if not place and first["type"] in _NO_BODY:
        return Problem(
            problem="The body has to be an object of JSON, and said to be that.",
            hint="Send it with `Content-Type: application/json`.",
        )
    field = f"`{place}`" if place else "The body"
    return Problem(problem=f"{field} is refused: {said[:1].lower()}{said[1:]}.", hint=_DOCS)
