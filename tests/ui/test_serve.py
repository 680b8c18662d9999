from pathlib import Path

import pytest

from meloformer.errors import ConfigError
from ui.serve import prepare_environment, serve


def test_everything_is_written_inside_the_workspace(tmp_path):
    environment: dict[str, str] = {}
    prepare_environment(tmp_path / "home", tmp_path / "home" / "files" / "own", environment)
    folders = [value for value in environment.values() if "/" in value]
    assert len(folders) == 4
    assert all(Path(folder).is_relative_to(tmp_path / "home") for folder in folders)
    assert environment["GRADIO_ANALYTICS_ENABLED"] == "False"


@pytest.mark.parametrize("size", [{"library_mb": 0}, {"memory_mb": -1}, {"visitor_mb": 0}])
def test_sizes_that_leave_no_room_are_refused(tmp_path, size):
    asked = {"library_mb": 1, **size}
    with pytest.raises(ConfigError, match="leaves no room"):
        serve(
            host="127.0.0.1",
            port=0,
            checkpoint=None,
            workspace=tmp_path,
            users_file=None,
            **asked,
        )
