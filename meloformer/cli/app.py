"""The verb of the command line that serves the app: `app`."""

from pathlib import Path

from meloformer.app.memory import USUAL_MB
from meloformer.logs import start_logging
from meloformer.resources import run_folder


def app(
    host: str = "127.0.0.1",
    port: int = 7860,
    model: Path | None = None,
    workspace: Path | None = None,
    users: Path | None = None,
    library_mb: int = 1_000,
    memory_mb: int = USUAL_MB,
    visitor_mb: int | None = None,
    workers: str | None = None,
    open: bool = False,
    allow_host: tuple[str, ...] = (),
    log_json: bool = False,
) -> None:
    """Serve MeloFormer to a browser, and to programs under /api/v1, which /api/v1/docs describes.

    Args:
        host: Address to listen on.
        port: 0 takes a free one.
        model: A checkpoint folder; by default the one that was shipped.
        workspace: Folder of music to train on and of runs; by default `runs`, of the checkout if
            there is one.
        users: The visitors, who must then log in, in a file that `meloformer user add` writes.
            Other machines (--host) are offered the training tab only so. Programs then call by a
            token that `meloformer user token` makes.
        library_mb: What the pieces of one visitor may take on the disk; the oldest versions without
            a star go first.
        memory_mb: What is kept in memory only to be quick, of all visitors together; what was used
            least lately goes first, and is made again when it is asked for.
        visitor_mb: What a visitor may hold on the disk besides: uploads, downloads and music to
            train on. By default 2,000 for those who log in or come from other machines.
        workers: Address of a Ray cluster with `meloformer workers`: models there write, and where
            one dies in mid-run another goes on.
        open: Let other machines (--host) in without logging in.
        allow_host: Names the app is reached by, such as that of a reverse proxy; it answers to no
            others.
        log_json: Write the log, on stderr, as one JSON object a line.
    """
    start_logging(as_json=log_json)
    from ui.serve import serve

    serve(
        host=host,
        port=port,
        checkpoint=model,
        workspace=workspace or run_folder(),
        users_file=users,
        library_mb=library_mb,
        memory_mb=memory_mb,
        is_open=open,
        names=allow_host,
        visitor_mb=visitor_mb,
        workers=workers,
    )
