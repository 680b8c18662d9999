from pathlib import Path

from ui.serve import free_port, prepare_environment


def test_everything_is_written_inside_the_workspace(tmp_path):
    environment: dict[str, str] = {}
    prepare_environment(tmp_path / "home", tmp_path / "home" / "files" / "own", environment)
    folders = [value for value in environment.values() if "/" in value]
    assert len(folders) == 4
    assert all(Path(folder).is_relative_to(tmp_path / "home") for folder in folders)
    assert environment["GRADIO_ANALYTICS_ENABLED"] == "False"


def test_a_free_port_is_found():
    assert 0 < free_port("127.0.0.1") < 65_536
