"""Where the listening page is served: on this machine, to nobody else."""

import socket
import sys
from contextlib import suppress
from pathlib import Path

import uvicorn

from meloformer.errors import ConfigError
from meloformer.evaluation.listening.pairs import read_test
from ui.listening.app import HOST, listening_app


def serve_listening(folder: Path, port: int) -> None:
    """Serve a listening test until interrupted.

    Args:
        folder: Of the test.
        port: 0 takes a free one.

    Raises:
        DataError: There is no test in the folder.
        ConfigError: Another program listens on the port.
    """
    app = listening_app(folder, read_test(folder))
    with socket.socket() as listener:
        if sys.platform != "win32":  # where it would let two programs share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except (OSError, OverflowError) as error:
            raise ConfigError(
                f"Port {port} of this machine can't be had: another program may have it.",
                hint="--port 0 takes a free one.",
            ) from error
        sys.stdout.write(f"Listen at http://{HOST}:{listener.getsockname()[1]} - Ctrl+C ends it.\n")
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])
