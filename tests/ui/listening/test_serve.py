import socket
from pathlib import Path

import pytest

from meloformer.errors import ConfigError, DataError
from tests.evaluation.listening.small_test import write_small_test
from ui.listening.serve import serve_listening


def test_a_port_that_is_taken_and_a_folder_without_a_test_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no listening test"):
        serve_listening(tmp_path, 0)
    write_small_test(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match=f"Port {port} "):
            serve_listening(tmp_path, port)
