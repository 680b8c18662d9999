"""The calls that begin a job, and the two that only look: at a song, and at the models."""

from http import HTTPStatus

import anyio
from fastapi import APIRouter

from meloformer.api.requests import continue_request, opening_request, rewrite_request
from meloformer.api.song import Song
from meloformer.app.jobs.job import Job, JobKind
from meloformer.app.jobs.work import Work, rendering, writing
from meloformer.app.state import AppState
from meloformer.engine.piece import Piece
from meloformer.engine.request import Request
from meloformer.midi.retime import GridChoice
from ui.http_api.answers import JobAnswer, ModelAnswer, SongAnswer, job_answer, model_answers
from ui.http_api.bodies import (
    KIND_OF,
    ComposeBody,
    ContinueBody,
    MidiBody,
    RenderBody,
    RewriteBody,
    WritingBody,
)
from ui.http_api.callers import ApiState, Owner, State

router = APIRouter(tags=["Music"])
ACCEPTED = HTTPStatus.ACCEPTED


@router.post("/continue", status_code=ACCEPTED)
async def continue_(body: ContinueBody, state: State, owner: Owner) -> JobAnswer:
    """Continue a MIDI file by whole bars."""
    return await _begin(state, owner, body)


@router.post("/rewrite", status_code=ACCEPTED)
async def rewrite(body: RewriteBody, state: State, owner: Owner) -> JobAnswer:
    """Write some bars of a MIDI file again, in view of what is around them."""
    return await _begin(state, owner, body)


@router.post("/compose", status_code=ACCEPTED)
async def compose(body: ComposeBody, state: State, owner: Owner) -> JobAnswer:
    """Write the opening of a piece, from nothing."""
    return await _begin(state, owner, body)


@router.post("/render", status_code=ACCEPTED)
async def render(body: RenderBody, state: State, owner: Owner) -> JobAnswer:
    """Render a MIDI file as sound, by FluidSynth."""
    return await _begin(state, owner, body)


@router.post("/describe")
async def describe(body: MidiBody, state: State, owner: Owner) -> SongAnswer:
    """Say what a MIDI file holds: bars, tempo, parts, and the chord of each bar."""
    return await anyio.to_thread.run_sync(_describe, state.app_state, body, limiter=state.reading)


@router.get("/models")
def models(state: State, owner: Owner) -> list[ModelAnswer]:
    """List the models that can be asked for."""
    return model_answers(state.app_state)


async def _begin(state: ApiState, owner: str, body: WritingBody | RenderBody) -> JobAnswer:
    """Take a place for a job, check what is asked for, and start it."""
    kind = JobKind.RENDER if isinstance(body, RenderBody) else KIND_OF[type(body)]
    job = await anyio.to_thread.run_sync(state.jobs.open, owner, kind)
    is_begun = False
    try:
        work = await anyio.to_thread.run_sync(_work, state, job, body, limiter=state.reading)
        is_begun = True
    finally:
        if not is_begun:  # which may be a caller who has left meanwhile
            state.jobs.discard(job)
    job.start(work)
    return job_answer(job)


def _work(state: ApiState, job: Job, body: WritingBody | RenderBody) -> Work:
    """Return what a job is to do, all of it checked; reading a file may take seconds."""
    app_state = state.app_state
    if isinstance(body, RenderBody):
        app_state.renderer.require_synth()
        return rendering(app_state, _read(app_state, body), is_compressed=body.format == "mp3")
    own = ("", app_state.card.name)
    loaded = None if body.model in own else app_state.model_cache.load(body.model)
    song, request = _request(app_state, body)
    return writing(app_state, job, song.piece, request, loaded)


def _request(app_state: AppState, body: WritingBody) -> tuple[Song, Request]:
    words = body.words()
    if isinstance(body, ComposeBody):
        return opening_request(
            words,
            bars=body.bars,
            key=body.key,
            tempo=body.tempo,
            metre=body.metre,
            name=body.name,
        )
    song = Song(_read(app_state, body))
    if isinstance(body, RewriteBody):
        return song, rewrite_request(song, words, bars=body.bars, lock=body.lock)
    return song, continue_request(
        song,
        words,
        bars=body.bars,
        from_bar=body.from_bar,
        tempo=body.tempo,
        metre=body.metre,
    )


def _describe(app_state: AppState, body: MidiBody) -> SongAnswer:
    song = Song(_read(app_state, body))
    return SongAnswer(
        name=song.name,
        bars=song.num_bars,
        first_bar=song.piece.first_number,
        tempo=round(song.tempo, 2),
        parts=list(song.parts),
        chords=list(song.chords),
    )


def _read(app_state: AppState, body: MidiBody) -> Piece:
    return app_state.read(body.name, body.midi, GridChoice(body.grid))
