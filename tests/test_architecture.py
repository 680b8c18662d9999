import ast
import importlib
import pkgutil
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import meloformer

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = [
    "meloformer",
    *(
        f"meloformer.{each.name}"
        for each in pkgutil.iter_modules(meloformer.__path__)
        if each.ispkg
    ),
]


def modules_after(*statements):
    """Names of all modules that a fresh Python has loaded after some statements."""
    program = "\n".join([*statements, "import sys", "print(*sys.modules, file=sys.stderr)"])
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(result.stderr.split())


def test_importing_meloformer_loads_neither_torch_nor_numpy():
    assert not modules_after("import meloformer") & {"torch", "numpy", "gradio"}


@pytest.mark.parametrize("package", ["score", "tokens", "audio"])
def test_music_and_sound_load_without_torch(package):
    assert not modules_after(f"import meloformer.{package}") & {"torch", "gradio"}


def test_the_help_text_is_shown_without_torch():
    loaded = modules_after(
        "import contextlib, sys",
        "sys.argv = ['meloformer', '--help']",
        "from meloformer.cli import main",
        "with contextlib.suppress(SystemExit): main()",
    )
    assert not loaded & {"torch", "gradio"}


@pytest.mark.parametrize("module", ["workspace", "launch", "supervisor", "device_queue", "preview"])
def test_runs_are_supervised_without_torch(module):
    loaded = modules_after(f"import meloformer.runs.{module}")
    assert not loaded & {"torch", "numpy", "gradio"}


@pytest.mark.parametrize("name", PACKAGES)
def test_everything_a_package_names_as_public_exists(name):
    package = importlib.import_module(name)
    for public in getattr(package, "__all__", ()):
        assert getattr(package, public) is not None


def test_no_two_public_classes_have_one_name():
    found = {}
    for package in ("meloformer", "ui"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    found.setdefault(node.name, []).append(str(path.relative_to(ROOT)))
    assert {name: paths for name, paths in found.items() if len(paths) > 1} == {}


def test_every_dependency_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    lines = "\n".join(
        (ROOT / name).read_text() for name in ("requirements.txt", "requirements-dev.txt")
    )
    pinned = set(re.findall(r"^([a-z0-9-]+)==\S+", lines, flags=re.MULTILINE))
    names = {re.match(r"[\w-]+", each)[0].replace("_", "-").lower() for each in wanted}
    assert names <= pinned


def test_every_path_of_the_readmes_file_map_exists():
    readme = ROOT / "README.md"
    text = readme.read_text() if readme.is_file() else ""
    assert [path for path in file_map(text) if not (ROOT / path).exists()] == []


def test_a_file_map_is_read_as_paths():
    text = """
```
make app
```
```text
app.py            starts the app
meloformer/       the package
├── score/        music
│   └── score.py  the noun
└── cli.py        the verbs
.ci/run           what CI runs
```
"""
    paths = ["app.py", "meloformer/", "meloformer/score/", "meloformer/score/score.py"]
    assert list(file_map(text)) == [*paths, "meloformer/cli.py", ".ci/run"]


def file_map(text):
    """Paths in a README's tree: fenced lines of a path, two spaces, and a phrase on it.

    A folder's name ends with `/`; what is indented deeper lies in it.
    """
    for block in re.findall(r"^```(?:text)?\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL):
        folders = []
        for line in block.splitlines():
            entry = re.match(r"([\s│├└─]*)([\w.-]+(?:/[\w.-]+)*/?)(?=\s{2,}|$)", line)
            if entry is None:
                continue
            depth, name = len(entry[1]), entry[2]
            while folders and folders[-1][0] >= depth:
                folders.pop()
            path = "".join(folder for _, folder in folders) + name
            if name.endswith("/"):
                folders.append((depth, name))
            if "/" in path or "." in path:
                yield path
