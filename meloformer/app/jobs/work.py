"""What jobs do: they write music as a page's run does, in the same turns, or they make sound."""

from collections.abc import Callable

from meloformer.app.jobs.job import Job, JobStatus, WrittenBar, WrittenVersion
from meloformer.app.model_cache import LoadedModel
from meloformer.app.session import Session
from meloformer.app.state import AppState
from meloformer.app.take import SessionTake
from meloformer.audio import COMPRESSED_SUFFIX
from meloformer.audio.files import WAV_SUFFIX
from meloformer.engine.piece import Piece
from meloformer.engine.request import Request
from meloformer.engine.tasks import task_of
from meloformer.outputs import write_output

Work = Callable[[Job], None]


def writing(
    app_state: AppState, job: Job, piece: Piece, request: Request, loaded: LoadedModel | None
) -> Work:
    """Return the work of a job that writes music, once all that was asked for is checked.

    The piece is in a session of its own that no page shows and no library keeps.

    Args:
        app_state: Whose model and turns are used.
        job: What is to do it.
        piece: What is continued, or has bars that are written again.
        request: What is asked for.
        loaded: The model; `None` for the one the app was started with.

    Raises:
        MidiError: The piece is too long to go on with.
        ConfigError: The piece or the model has not what the request needs, or what is asked for
            contradicts itself.
    """
    piece.require_room()
    task = task_of(piece.encoding, request)
    task.window(loaded.card if loaded else app_state.card)
    task.plan()
    session = Session(job.name, job.folder, job.owner, stop=job.stop, loaded=loaded)
    session.place(piece)
    job.stop.clear()  # which placing a piece sets
    job.bars_asked = request.num_bars * request.num_candidates

    def work(job: Job) -> None:
        for bars in app_state.start(session, request).follow():
            for bar in bars:
                job.add_bar(WrittenBar(bar.candidate + 1, bar.bar, bar.num_bars, bar.chord))
        job.versions = tuple(_write_version(job, take) for take in session.takes)

    return work


def rendering(app_state: AppState, piece: Piece, *, is_compressed: bool) -> Work:
    """Return the work of a job that plays a piece into a file.

    Args:
        app_state: Whose synthesizer is used.
        piece: What is played.
        is_compressed: Whether the file is an MP3 rather than WAV.
    """

    def work(job: Job) -> None:
        job.status = JobStatus.RUNNING
        wav = job.folder / f"sound{WAV_SUFFIX}"
        sound = app_state.renderer.whole(piece.file, wav)
        path = wav
        if is_compressed and not job.stop.is_set():
            path = wav.with_suffix(COMPRESSED_SUFFIX)
            app_state.renderer.compress(sound, path)
            wav.unlink()
        job.files = {path.name: path}

    return work


def _write_version(job: Job, take: SessionTake) -> WrittenVersion:
    candidate = take.candidate
    path = job.folder / f"version-{candidate.index + 1}.mid"
    write_output(path, take.data)
    job.files[path.name] = path
    return WrittenVersion(
        version=candidate.index + 1,
        bars=len(candidate.chords),
        seed=candidate.seed,
        chords=candidate.chords,
        remarks=take.remarks,
        file=path.name,
    )
