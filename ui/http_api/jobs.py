"""The calls about jobs: how far, bar by bar, files, cancel, forget."""

from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated

import anyio
from fastapi import APIRouter, Depends, Header, HTTPException, Path
from fastapi.responses import FileResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from meloformer.audio import COMPRESSED_SUFFIX
from meloformer.audio.files import WAV_SUFFIX
from ui.http_api.answers import JobAnswer, bar_event, job_answer
from ui.http_api.callers import FoundJob, State, place_for_stream

router = APIRouter(prefix="/jobs/{job}", tags=["Jobs"])
LOOKED_EVERY_S = 0.1
"""How soon a bar that is finished is told; no thread waits for it."""
NO_FILE = "The job has no such file. It has files when it is over."
_MEDIA_TYPES = {
    ".mid": "audio/midi",
    WAV_SUFFIX: "audio/wav",
    COMPRESSED_SUFFIX: "audio/mpeg",
}


@router.get("")
async def look(job: FoundJob) -> JobAnswer:
    """Say how far a job is, and what it has made."""
    return job_answer(job)


@router.get(
    "/events",
    response_class=EventSourceResponse,
    dependencies=[Depends(place_for_stream)],
    responses={
        200: {
            "description": "`bar` for each finished bar, whose data is a BarEvent; `end` when the "
            "job is over, whose data is a JobAnswer. A stream that was cut goes on after "
            "`Last-Event-ID`."
        }
    },
)
async def events(
    job: FoundJob, last_event_id: Annotated[int | None, Header(ge=0, le=100_000)] = None
) -> AsyncIterator[ServerSentEvent]:
    """Follow a job: its bars as they are finished, and its end."""
    known = last_event_id or 0
    while True:
        is_over = job.is_over  # looked at first, so that no bar is missed
        for bar in job.bars[known:]:
            known += 1
            yield ServerSentEvent(data=bar_event(bar), event="bar", id=str(known))
        if is_over:
            yield ServerSentEvent(data=job_answer(job), event="end")
            return
        await anyio.sleep(LOOKED_EVERY_S)


@router.get(
    "/files/{file}",
    response_class=FileResponse,
    responses={200: {"content": {kind: {} for kind in _MEDIA_TYPES.values()}}},
)
async def file(job: FoundJob, file: Annotated[str, Path(max_length=64)]) -> FileResponse:
    """Fetch a file that a job has made."""
    path = job.files.get(file) if job.is_over else None
    if path is None or not path.is_file():
        raise HTTPException(HTTPStatus.NOT_FOUND, NO_FILE)
    return FileResponse(path, media_type=_MEDIA_TYPES[path.suffix], filename=path.name)


@router.post("/cancel")
async def cancel(job: FoundJob) -> JobAnswer:
    """Stop a job after the bar being written; what is finished is kept."""
    job.stop.set()
    return job_answer(job)


@router.delete("", status_code=HTTPStatus.NO_CONTENT)
def forget(job: FoundJob, state: State) -> None:
    """Stop a job, and delete its files."""
    state.jobs.remove(job)
