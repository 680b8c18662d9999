"""Who calls, and what the calls need: the models, the jobs, a place to read music in."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, cast

import anyio
from fastapi import Depends, HTTPException, Path, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from meloformer.app.access_tokens import TokenChecker
from meloformer.app.jobs.job import Job
from meloformer.app.jobs.store import JobStore
from meloformer.app.state import AppState
from meloformer.errors import BusyError

MAX_READ_AT_ONCE = 2
"""Files that are read at once; small ones may take seconds."""
MAX_STREAMS = 16
"""Of events, that one caller has open."""
NO_TOKEN = "A token of a user is needed here: `Authorization: Bearer …`."
NO_JOB = "There is no such job, or no longer."


@dataclass(slots=True)
class ApiState:
    """Everything the API needs."""

    app_state: AppState
    jobs: JobStore
    tokens: TokenChecker | None
    """Whose tokens count; `None` where nobody logs in."""
    is_shared: bool
    """Whether all who come without a name are one, as on one's own machine."""
    reading: anyio.CapacityLimiter = field(
        default_factory=lambda: anyio.CapacityLimiter(MAX_READ_AT_ONCE)
    )
    streams: Counter[str] = field(default_factory=Counter)
    """Open streams of events, by caller."""

    def owner(self, address: str, token: str) -> str | None:
        """Return who calls; `None` if they may not."""
        if self.tokens is not None:
            user = self.tokens.user_of(token)
            return None if user is None else f"user:{user}"
        return "" if self.is_shared else f"address:{address}"


async def state_of(request: Request) -> ApiState:
    """Return what the API was made with."""
    return cast(ApiState, request.app.state.api)


# These are coroutines, although they wait for nothing: others are run in threads, which may be few.
State = Annotated[ApiState, Depends(state_of)]
_bearer = HTTPBearer(
    auto_error=False,
    description="As `meloformer user token NAME` makes it; only where visitors log in.",
)


async def owner_of_caller(
    request: Request,
    state: State,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> str:
    """Return who calls.

    Raises:
        HTTPException: They have no token that counts.
    """
    address = request.client.host if request.client else ""
    owner = state.owner(address, bearer.credentials if bearer else "")
    if owner is None:
        raise HTTPException(HTTPStatus.UNAUTHORIZED, NO_TOKEN, {"WWW-Authenticate": "Bearer"})
    return owner


Owner = Annotated[str, Depends(owner_of_caller)]


async def job_of_caller(
    state: State, owner: Owner, job: Annotated[str, Path(max_length=64, description="Its `id`.")]
) -> Job:
    """Return the job that is asked for.

    Raises:
        HTTPException: The caller has none of that name.
    """
    found = state.jobs.find(owner, job)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, NO_JOB)
    return found


FoundJob = Annotated[Job, Depends(job_of_caller)]


async def place_for_stream(state: State, owner: Owner) -> AsyncIterator[None]:
    """Hold a place for one more stream of events until it is over.

    Raises:
        BusyError: The caller has too many open.
    """
    if state.streams[owner] >= MAX_STREAMS:
        raise BusyError(
            f"You follow {MAX_STREAMS} jobs already.", hint="Close a stream of events first."
        )
    state.streams[owner] += 1
    try:
        yield
    finally:
        state.streams[owner] -= 1
        if not state.streams[owner]:
            del state.streams[owner]
