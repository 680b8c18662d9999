"""Where the listening page is served: on this machine, to nobody else."""

import sys
from pathlib import Path

import uvicorn

from meloformer.evaluation.listening.pairs import read_test
from ui.listening.app import HOST, listening_app
from ui.serve import free_port


def serve_listening(folder: Path, port: int) -> None:
    """Serve a listening test until interrupted.

    Args:
        folder: Of the test.
        port: 0 takes a free one.

    Raises:
        DataError: There is no test in the folder.
    """
    app = listening_app(folder, read_test(folder))
    port = port or free_port(HOST)
    sys.stdout.write(f"Listen at http://{HOST}:{port} - Ctrl+C ends it.\n")
    sys.stdout.flush()
    uvicorn.run(app, host=HOST, port=port, log_level="warning")
