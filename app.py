"""The app: `python app.py` serves it on 127.0.0.1:7860, for this machine only."""

import argparse
import logging
import os
import socket
import sys
from collections.abc import MutableMapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent


def main() -> int:
    """Read the command line, build the app_state, serve until interrupted."""
    parser = argparse.ArgumentParser(description="Serve MeloFormer to a browser.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=7860, help="0 takes a free one")
    parser.add_argument("--checkpoint", type=Path, help="a folder; the shipped one if not given")
    parser.add_argument(
        "--workspace", type=Path, default=ROOT / "runs", help="folder of music to train on and runs"
    )
    parser.add_argument(
        "--users",
        type=Path,
        help="a file with a line NAME:PASSWORD for each visitor, who must then log in. Other "
        "machines (--host) are offered the training tab only so",
    )
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    workspace = Path(os.environ.get("MELOFORMER_HOME") or ROOT / ".workspace").resolve()
    uploads = prepare_environment(workspace, os.environ)

    # Only now: Gradio and matplotlib read their folders from the environment.
    from meloformer.app.access import may_train, read_users
    from meloformer.app.session import clear_old_folders
    from meloformer.app.state import AppState
    from meloformer.app.training.actions import TrainingActions
    from meloformer.app.training.uploads import MAX_BYTES as MAX_MUSIC_BYTES
    from meloformer.errors import MeloFormerError
    from meloformer.midi.container import MAX_BYTES
    from meloformer.registry import default_checkpoint
    from ui.blocks import build
    from ui.components import modules_route
    from ui.theme import css, theme

    clear_old_folders(uploads)
    runs = options.workspace.resolve()
    try:
        users = read_users(options.users) if options.users else None
        checkpoint = options.checkpoint or default_checkpoint()
        app_state = AppState.open(uploads, ROOT / "soundfonts", checkpoint, runs)
    except MeloFormerError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    training = None
    if may_train(options.host, has_login=users is not None):
        training = TrainingActions(app_state, runs, uploads, checkpoint.resolve())
    blocks = build(
        app_state, uploads=uploads, examples=ROOT / "assets" / "examples", training=training
    )
    blocks.queue(max_size=64)
    port = options.port or free_port(options.host)
    blocks.launch(
        server_name=options.host,
        server_port=port,
        prevent_thread_lock=True,
        quiet=True,
        share=False,
        allowed_paths=[],
        auth=users,
        # A file a little too large arrives, and is refused in a sentence.
        max_file_size=MAX_MUSIC_BYTES if training else MAX_BYTES * 21 // 20,
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
        app_kwargs={"routes": [modules_route()]},
    )
    sys.stdout.write(f"MeloFormer is at http://{options.host}:{port}\n")
    sys.stdout.flush()
    blocks.block_thread()
    return 0


def prepare_environment(workspace: Path, environment: MutableMapping[str, str]) -> Path:
    """Keep everything that is written inside the workspace, and everything that is said here.

    Returns:
        The folder for uploads and for what is made of them.
    """
    uploads = workspace / "files"
    uploads.mkdir(parents=True, exist_ok=True)
    environment["GRADIO_TEMP_DIR"] = str(uploads)
    environment["GRADIO_EXAMPLES_CACHE"] = str(workspace / "examples")
    environment["HF_HOME"] = str(workspace / "hub")
    environment["MPLCONFIGDIR"] = str(workspace / "matplotlib")
    environment["GRADIO_ANALYTICS_ENABLED"] = "False"
    environment["HF_HUB_OFFLINE"] = "1"
    return uploads


def free_port(host: str) -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
