"""All that the page can say in English, by where it stands."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("meloformer", "ui")
ERRORS_OF = (
    *("meloformer/app", "meloformer/audio", "meloformer/engine", "meloformer/midi"),
    *("meloformer/score", "meloformer/checkpoint.py", "meloformer/model_archive.py"),
    *("meloformer/registry.py", "meloformer/runs/launch.py", "meloformer/runs/workspace.py"),
)
"""Whose errors a visitor may meet. Those of other modules stay in English."""
NOT_ON_THE_PAGE = (
    *("meloformer/app/access_tokens.py", "meloformer/app/address.py", "meloformer/app/jobs/"),
    *("meloformer/app/own_folder.py", "meloformer/app/users.py", "meloformer/engine/ray_serve.py"),
)
"""What only the shell, Python and other programs ask for."""
NOT_OURS = ("AttributeError", "KeyError", "OSError", "RuntimeError", "TypeError", "ValueError")
VARIABLE = {"meloformer/score/general_midi.py", "meloformer/app/training/samples.py"}
"""Which make phrases of the names in a table."""


def python_phrases() -> Iterator[str]:
    """Yield the templates of all phrases, and the sentences of errors that have no fields."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            tree = ast.parse(path.read_text(encoding="utf-8"))
            yield from _phrases(tree, name)
            if name.startswith(ERRORS_OF) and not name.startswith(NOT_ON_THE_PAGE):
                yield from _error_sentences(tree)


def _phrases(tree: ast.Module, name: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        place = {"phrase": 0, "plural": 1, "joined": 0}.get(node.func.id)
        if place is None or name == "meloformer/phrases.py":
            continue
        if len(node.args) <= place:
            continue  # of a table of pairs
        text = node.args[place]
        if isinstance(text, ast.Constant) and isinstance(text.value, str):
            yield text.value
        else:
            assert name in VARIABLE, f"{name}:{node.lineno} makes a phrase of a variable"


def _error_sentences(tree: ast.Module) -> Iterator[str]:
    hints = [
        node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id == "_HINT"
        and isinstance(node.value, ast.Constant)
    ]
    yield from (hint for hint in hints if isinstance(hint, str))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Raise) or not isinstance(node.exc, ast.Call):
            continue
        kind = node.exc.func
        if isinstance(kind, ast.Name) and kind.id.endswith("Error") and kind.id not in NOT_OURS:
            for said in (*node.exc.args, *(one.value for one in node.exc.keywords)):
                assert not isinstance(said, ast.JoinedStr), f"{ast.unparse(said)} is no phrase"
                if isinstance(said, ast.Constant) and isinstance(said.value, str):
                    yield said.value


_T = re.compile(r'\bt\(\s*"((?:[^"\\]|\\.)*)"')
_TN = re.compile(r'\btn\(\s*"(?:[^"\\]|\\.)*",\s*"((?:[^"\\]|\\.)*)"')
_CALL = re.compile(r"\btn?\((?!\s*\")")


def script_phrases() -> Iterator[str]:
    """Yield the templates in the modules of the page."""
    static = ROOT / "ui" / "static"
    for path in sorted(static.rglob("*.js")):
        if "vendor" in path.parts or path.name == "language.js":
            continue
        text = path.read_text(encoding="utf-8")
        assert not _CALL.search(text), f"{path} translates a variable"
        yield from _T.findall(text)
        yield from _TN.findall(text)
