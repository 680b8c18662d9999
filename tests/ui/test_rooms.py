import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def imported(path):
    """Names of the packages that a file imports anywhere."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def modules(folder):
    return sorted(path for path in (ROOT / folder).rglob("*.py") if path.name != "__init__.py")


BEFORE_GRADIO = ROOT / "ui" / "stubs.py"  # must not import it
OF_UI = [path for path in modules("ui") if path != BEFORE_GRADIO]


@pytest.mark.parametrize("path", OF_UI, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_of_ui_is_about_the_page_or_how_it_is_served(path):
    assert {"fastapi", "gradio", "pydantic", "starlette", "ui"} & set(imported(path))


def test_no_module_outside_of_ui_imports_gradio_or_ui():
    # These hand over to ui when they are called.
    verbs = {ROOT / "meloformer" / "cli" / name for name in ("app.py", "listening.py")}
    others = [path for path in modules("meloformer") if path not in verbs]
    assert [path for path in others if {"gradio", "ui"} & set(imported(path))] == []


def test_what_is_not_python_is_in_the_static_folder():
    static = ROOT / "ui" / "static"
    files = [path for path in static.rglob("*") if path.is_file()]
    own = [path for path in files if not path.is_relative_to(static / "vendor")]
    kinds = {path.suffix for path in own}
    assert kinds == {".html", ".css", ".js", ".json"}
    others = [path for path in (ROOT / "ui").rglob("*") if path.suffix in kinds]
    assert all(path.is_relative_to(ROOT / "ui" / "static") for path in others)
