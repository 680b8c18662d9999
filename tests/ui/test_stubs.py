import importlib
import subprocess
import sys
from pathlib import Path

import pytest

COMPONENT = "import gradio\n\n\nclass Bell(gradio.HTML):\n    EVENTS = ['ring']\n"


@pytest.mark.parametrize("first", ["ui", "gradio"])
def test_gradio_writes_no_stub_beside_a_component(first: str, tmp_path: Path) -> None:
    (tmp_path / "bell.py").write_text(COMPONENT, encoding="utf-8")
    program = f"import sys; sys.path.append({str(tmp_path)!r}); import {first}, ui, bell"
    subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], check=True)
    assert {path.name for path in tmp_path.iterdir()} <= {"bell.py", "__pycache__"}


def test_gradio_still_has_what_is_left_out() -> None:
    importlib.import_module("ui")
    writer = importlib.import_module("gradio.component_meta")
    assert writer.create_or_modify_pyi.__module__ == "ui.stubs"
