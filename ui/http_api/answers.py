"""What programs are answered: one model an answer."""

from pydantic import BaseModel, Field

from meloformer.app.jobs.job import Job, JobKind, JobStatus, WrittenBar, WrittenVersion
from meloformer.app.state import AppState
from ui.http_api.problems import problem_of
from ui.middleware.routes import PUBLIC_API


class FileAnswer(BaseModel):
    """A file that a job has made."""

    name: str
    url: str
    """Below the root of the app."""
    bytes: int


class JobAnswer(BaseModel):
    """How far a job is, and what it has made."""

    id: str
    kind: JobKind
    status: JobStatus
    bars_written: int
    """Of all versions together."""
    bars_asked: int
    versions: list[WrittenVersion]
    """What there is of each, once the job is over."""
    files: list[FileAnswer]
    url: str = Field(description="Ask here for how far it is; DELETE forgets it.")
    events: str = Field(description="A bar at a time, as server-sent events.")
    problem: str = Field("", description="Why it has failed.")
    hint: str = ""


class BarEvent(BaseModel):
    """One finished bar."""

    version: int
    bar: int
    """Of `bars`, from 1."""
    bars: int
    chord: str


class SongAnswer(BaseModel):
    """What a MIDI file holds."""

    name: str
    bars: int
    first_bar: int
    """Its number: 0 for a pickup, else 1."""
    tempo: float
    """Quarters a minute, at the beginning."""
    parts: list[str]
    chords: list[str]
    """One a bar; "N" where there is none."""


class ModelAnswer(BaseModel):
    """A model to write with."""

    name: str
    is_default: bool
    rewrites: bool
    """Whether it has learned to write bars between others."""
    has_copy_guard: bool
    context_tokens: int


def job_answer(job: Job) -> JobAnswer:
    """Return what there is to say of a job."""
    url = f"{PUBLIC_API}/jobs/{job.name}"
    status, files = job.status, job.files if job.is_over else {}
    problem = problem_of(job.error) if job.error is not None else None
    return JobAnswer(
        id=job.name,
        kind=job.kind,
        status=status,
        bars_written=len(job.bars),
        bars_asked=job.bars_asked,
        versions=list(job.versions),
        files=[
            FileAnswer(name=name, url=f"{url}/files/{name}", bytes=path.stat().st_size)
            for name, path in files.items()
            if path.exists()
        ],
        url=url,
        events=f"{url}/events",
        problem=problem.problem if problem else "",
        hint=problem.hint if problem else "",
    )


def bar_event(bar: WrittenBar) -> BarEvent:
    """Return what there is to say of a bar."""
    return BarEvent(version=bar.version, bar=bar.bar, bars=bar.bars, chord=bar.chord)


def model_answers(app_state: AppState) -> list[ModelAnswer]:
    """Return the models that can be asked for, the app's own first."""
    own = app_state.card
    others = [entry for entry in app_state.model_cache.entries() if entry.name != own.name]
    return [
        ModelAnswer(
            name=own.name,
            is_default=True,
            rewrites=own.infill,
            has_copy_guard=app_state.known_runs is not None,
            context_tokens=own.context_tokens,
        ),
        *(
            ModelAnswer(
                name=entry.name,
                is_default=False,
                rewrites=entry.card.infill,
                has_copy_guard=entry.has_copy_guard,
                context_tokens=entry.card.context_tokens,
            )
            for entry in others
        ),
    ]
