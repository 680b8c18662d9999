"""Where the app is put together: environment, state, page, server."""

import os
import sys
from collections.abc import Callable, MutableMapping, Sequence
from pathlib import Path
from threading import Thread
from typing import cast

from meloformer.app.address import bracketed, free_port
from meloformer.app.memory import USUAL_MB, MemoryBudget, give_back, limit_arenas
from meloformer.app.own_folder import OwnFolder
from meloformer.errors import ConfigError
from meloformer.logs import adopt_stderr
from meloformer.resources import EXAMPLES, home, soundfont_folder

OTHER_THREADS = 40
"""For handlers that are soon done, beside those that wait for bars."""


def serve(
    *,
    host: str,
    port: int,
    checkpoint: Path | None,
    workspace: Path,
    users_file: Path | None,
    library_mb: int,
    memory_mb: int = USUAL_MB,
    is_open: bool = False,
    names: Sequence[str] = (),
    visitor_mb: int | None = None,
    workers: str | None = None,
) -> None:
    """Build the app and serve it until interrupted.

    Args:
        host: Address to listen on.
        port: 0 takes a free one.
        checkpoint: Folder of the model; the shipped one if `None`.
        workspace: Folder of music to train on and of runs.
        users_file: The visitors, as `meloformer user add` writes them, who must then log in.
        library_mb: What the pieces of one visitor may take.
        memory_mb: What is kept in memory only to be quick, of all visitors together.
        is_open: Whether other machines may come without logging in.
        names: Names the app is reached by, besides the address it listens on.
        visitor_mb: What a visitor may hold of the disk besides; by default as much as there is for
            whoever sits at this machine, and `USUAL_LIMIT_MB` for all others.
        workers: Address of a Ray cluster whose replicas write instead of this process.

    Raises:
        MeloFormerError: The checkpoint, the file of users or the library cannot be read; other
            machines would reach the app without logging in, and it is not said to be open; or the
            address, a name or a size is none.
    """
    _require_sizes(library_mb, memory_mb, visitor_mb)
    limit_arenas()  # before there are threads
    with OwnFolder(home() / "files") as uploads, OwnFolder(home() / "jobs") as job_folder:
        prepare_environment(home(), uploads, os.environ)

        # Only now: Gradio and matplotlib read their folders from the environment.
        from gradio import set_static_paths
        from starlette.middleware import Middleware

        from meloformer.app.access import is_this_machine, may_train
        from meloformer.app.access_tokens import TokenChecker, tokens_beside
        from meloformer.app.holdings import USUAL_LIMIT_MB
        from meloformer.app.jobs.store import JobStore
        from meloformer.app.leftovers import keep_clear
        from meloformer.app.library.library import PieceLibrary
        from meloformer.app.library.runs import mark_dead_runs
        from meloformer.app.login import Login
        from meloformer.app.session_store import keep_tidy
        from meloformer.app.spare import spare_folder
        from meloformer.app.state import AppState
        from meloformer.app.training.actions import TrainingActions
        from meloformer.app.training.uploads import MAX_BYTES as MAX_MUSIC_BYTES
        from meloformer.app.users import read_users, require_users
        from meloformer.midi.container import MAX_BYTES
        from meloformer.model.weights_hash import weights_hash
        from meloformer.registry import default_checkpoint
        from ui.blocks import build
        from ui.components import modules_route
        from ui.compose.tab import FOLLOW
        from ui.health import health_routes
        from ui.http_api.app import api_route
        from ui.http_api.callers import ApiState
        from ui.language_page import LanguageMiddleware
        from ui.leaving import MAX_PAGES
        from ui.middleware.bodies import LEAST_FREE_BYTES
        from ui.middleware.hosts import require_names
        from ui.middleware.stack import guarded_lifespan
        from ui.soundfont import soundfont_routes
        from ui.theme import css, theme

        require_users(host, has_login=users_file is not None, is_open=is_open)
        require_names(names)
        port = free_port(host, port)
        keep_clear(uploads)
        runs = workspace.resolve()
        users = read_users(users_file) if users_file else None
        checkpoint = checkpoint or default_checkpoint()
        library = PieceLibrary(home() / "library")
        mark_dead_runs(library)
        memory = MemoryBudget(memory_mb * 1_000_000)
        spare = spare_folder()
        set_static_paths([spare])  # it is not copied to the disk; the middleware guards it
        app_state = AppState.open(
            uploads, soundfont_folder(), checkpoint, runs, library, spare=spare, memory=memory
        )
        keep_tidy(app_state.renderer.tidy, app_state.sessions.tidy)
        app_state.metrics.count_errors()
        if workers is not None:
            from meloformer.engine.ray_serve import replicated_engine

            app_state.workers = replicated_engine(workers, weights_hash(app_state.model))
        if visitor_mb is None and (users is not None or not is_this_machine(host)):
            visitor_mb = USUAL_LIMIT_MB
        holdings = app_state.sessions.holdings
        holdings.max_bytes = None if visitor_mb is None else visitor_mb * 1_000_000
        training = None
        if may_train(host, has_login=users is not None):
            training = TrainingActions(app_state, runs, uploads, checkpoint.resolve())
        blocks = build(
            app_state,
            uploads=uploads,
            examples=EXAMPLES,
            training=training,
            is_shared=is_this_machine(host),
            library_mb=library_mb,
        )
        jobs = JobStore(
            job_folder,
            max_bytes=library_mb * 1_000_000,
            least_free_bytes=LEAST_FREE_BYTES,
        )
        jobs.keep_swept()
        tokens = None
        if users_file is not None and users is not None:
            tokens = TokenChecker(tokens_beside(users_file), users.hashes.__contains__)
        called = ApiState(app_state, jobs, tokens, is_shared=is_this_machine(host))
        blocks.queue(max_size=256)
        # A file a little too large arrives, and is refused in a sentence.
        max_file_bytes = MAX_MUSIC_BYTES if training else MAX_BYTES * 21 // 20
        blocks.launch(
            server_name=bracketed(host),
            server_port=port,
            prevent_thread_lock=True,
            quiet=True,
            share=False,
            allowed_paths=[],
            auth=cast("Callable[[str, str], bool]", Login(users).allow) if users else None,
            max_file_size=max_file_bytes,
            max_threads=int(FOLLOW["concurrency_limit"]) + OTHER_THREADS,
            state_session_capacity=MAX_PAGES,
            strict_cors=True,
            show_error=False,
            enable_monitoring=False,
            run_history=False,
            footer_links=[],
            ssr_mode=False,
            pwa=False,
            mcp_server=False,
            theme=theme(),
            css=css(),
            app_kwargs={
                "routes": [
                    modules_route(),
                    *soundfont_routes(),
                    *health_routes(app_state.metrics),
                    api_route(called),
                ],
                "middleware": [Middleware(LanguageMiddleware)],
                "lifespan": guarded_lifespan(
                    host=host,
                    names=names,
                    uploads=uploads,
                    spare=spare,
                    max_file_bytes=max_file_bytes,
                    may_fetch=app_state.sessions.may_fetch,
                    holdings=holdings,
                ),
            },
        )

        adopt_stderr()  # only now: until here it tells whoever has started the app what is wrong

        def warm_up() -> None:
            app_state.model.warm_up()
            give_back()  # what was needed to compile

        # A musician who is quick waits for it at the first Continue; everybody else has it by then.
        Thread(target=warm_up, name="warm-up", daemon=True).start()
        sys.stdout.write(f"MeloFormer is at http://{bracketed(host)}:{port}\n")
        sys.stdout.write(f"It keeps up to {memory_mb} MB of what can be made again in memory.\n")
        sys.stdout.flush()
        blocks.block_thread()


def _require_sizes(library_mb: int, memory_mb: int, visitor_mb: int | None) -> None:
    for option, size, least in (
        ("--library-mb", library_mb, 1),
        ("--memory-mb", memory_mb, 0),
        ("--visitor-mb", 1 if visitor_mb is None else visitor_mb, 1),
    ):
        if size < least:
            raise ConfigError(f"{option} {size} leaves no room.", hint=f"It is at least {least}.")


def prepare_environment(
    workspace: Path, uploads: Path, environment: MutableMapping[str, str]
) -> None:
    """Keep all that Gradio and matplotlib write inside one folder, and all that they tell here.

    Args:
        workspace: The folder.
        uploads: The folder in it for uploads and for what is made of them.
        environment: Receives the variables that say so.
    """
    environment["GRADIO_TEMP_DIR"] = str(uploads)
    environment["GRADIO_EXAMPLES_CACHE"] = str(workspace / "examples")
    environment["HF_HOME"] = str(workspace / "hub")
    environment["MPLCONFIGDIR"] = str(workspace / "matplotlib")
    environment["GRADIO_ANALYTICS_ENABLED"] = "False"
    environment["HF_HUB_OFFLINE"] = "1"
    # Gradio sums up ten thousand events after each of them, for a page that is not served.
    environment["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"
    environment["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = "1000000"
