"""What a musician reads in the browser has no words of the shell in it."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from meloformer import errors
from meloformer.app.paths import without_folders
from meloformer.app.training.actions import TrainingActions
from meloformer.runs.workspace import Status
from tests.app.training.training_runs import log_steps, make_run, save, untrained

ROOT = Path(__file__).parents[2]
OF_THE_SHELL = re.compile(
    r"""
    (?<!-)--[a-z]                                  # an option
    | \b(torchrun|stderr|stdout|traceback|argv|cwd|exit\ ?code|SIG[A-Z]{3,4}|pickle)\b
    | \b(pip3?|apt|apt-get|brew|npm|git|conda|sudo)\ (install|run|clone|fetch|pull)\b
    | \bmake\ (app|test|check|soundfont|fonts|reproduce)\b
    | \bmeloformer\ (app|continue|render|tokens|prepare|convert|fine-tune|train|runs|evaluate
                     |copy-guard|models|compose|score|stems|user|watch|mcp)\b
    | \bpython\ -m\b | \.(py|json|jsonl|npy|safetensors|tsv)\b | \benvironment\ variable
    | \b[A-Z]{3,}_[A-Z_]+\b                        # a variable of the environment
    | (?<![\w.])/(home|tmp|usr|var|etc|root|opt)/
    """,
    re.VERBOSE,
)
UNSEEN = {
    "meloformer/cli": "the shell itself",
    "meloformer/api": "notebooks",
    "meloformer/outputs.py": "files that the shell was told to write",
    "meloformer/registry.py": "said at the start, in the shell",
    "meloformer/app/own_folder.py": "said at the start, in the shell",
    "meloformer/app/address.py": "likewise",
    "meloformer/app/users.py": "likewise",
    "meloformer/app/access_tokens.py": "likewise",
    "ui/http_api": "programs, and whoever writes them",
    "meloformer/engine/ray_serve.py": "likewise",
    "ui/listening/serve.py": "likewise",
    "meloformer/audio/library.py": "AppState has a hint of its own",
    "meloformer/audio/soundfonts.py": "likewise",
    "meloformer/app/training/command.py": "the same from a shell, for reading and copying",
    "meloformer/corpus/cluster.py": "clusters",
    "meloformer/corpus/hub.py": "conversion of corpora",
    "meloformer/corpus/hub_folder.py": "likewise",
    "meloformer/corpus/earlier.py": "corpora that are added to",
    "meloformer/evaluation": "measurements",
    "meloformer/engine/continuation_study.py": "likewise",
    "meloformer/model": "how models are built",
    "meloformer/data/agreement.py": "likewise",
}
"""Rooms whose sentences no browser shows, and whose they are."""
IN_QUOTES = re.compile(r"""(?:"[^"\n]*"|`[^`]*`)""")
ERRORS = {name for name in vars(errors) if name.endswith("Error")}


def is_unseen(path: Path) -> bool:
    name = path.relative_to(ROOT).as_posix()
    return any(name == one or name.startswith(f"{one}/") for one in UNSEEN)


def texts(node: ast.AST) -> Iterator[str]:
    """The literal parts of an expression, f-strings with a letter for what is filled in."""
    for one in ast.walk(node):
        if isinstance(one, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else "x" for part in one.values)
            yield "".join(map(str, parts))
        elif isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield one.value


def docstrings(tree: ast.AST) -> set[int]:
    """Where texts stand that are statements: docstrings, and those of attributes."""
    return {
        id(one.value)
        for one in ast.walk(tree)
        if isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)
    }


def sentences(path: Path) -> Iterator[str]:
    """What a module may say: its errors, and in the app every text of several words."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    of_the_app = {"app", "ui"} & set(path.relative_to(ROOT).parts)
    skipped = docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in ERRORS or name in ("RunState", "change_state"):
                for argument in [*node.args, *(one.value for one in node.keywords)]:
                    yield from texts(argument)
        elif (
            of_the_app
            and isinstance(node, ast.Constant | ast.JoinedStr)
            and id(node) not in skipped
        ):
            yield from (text for text in texts(node) if len(text.split()) > 2)


PYTHON = [
    path
    for folder in ("meloformer", "ui")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if not is_unseen(path)
]
STATIC = sorted(
    path
    for path in (ROOT / "ui" / "static").rglob("*")
    if path.suffix in (".js", ".html") and "vendor" not in path.parts
)


def test_words_of_the_shell_are_known_when_they_are_seen():
    for wrong in (
        "Add --force.",
        "See stderr.",
        "It ended with exit code 1",
        "pip install x",
        "run `meloformer prepare` again",
        "/tmp/x is missing",
        "A process was killed (SIGKILL).",
        "unset TORCHDYNAMO_DISABLE",
    ):
        assert OF_THE_SHELL.search(wrong), wrong
    for right in ("It is 3/4 – make it 6/8.", "MeloFormer continues a song.", "and/or", "a -- b"):
        assert not OF_THE_SHELL.search(right), right


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_sentence_of_a_room_speaks_of_the_shell(path):
    assert [said for said in sentences(path) if OF_THE_SHELL.search(said)] == []


@pytest.mark.parametrize("path", STATIC, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_sentence_of_the_page_speaks_of_the_shell(path):
    content = path.read_text(encoding="utf-8")
    said = [content] if path.suffix == ".html" else IN_QUOTES.findall(content)
    assert [one for one in said if " " in one and OF_THE_SHELL.search(one)] == []


def test_rooms_that_are_left_out_are_there():
    assert [name for name in UNSEEN if not (ROOT / name).exists()] == []


def walk(message: object, where: str = "") -> Iterator[tuple[str, str]]:
    """All texts of a message, with their place."""
    if isinstance(message, dict):
        for name, part in message.items():
            yield from walk(part, f"{where}.{name}")
    elif isinstance(message, list | tuple):
        for part in message:
            yield from walk(part, where)
    elif isinstance(message, str):
        yield where, message


@pytest.mark.parametrize("status", list(Status))
def test_messages_about_trainings_have_no_words_of_the_shell(app_state, tmp_path, status):
    uploads = tmp_path / "files"
    uploads.mkdir()
    base = untrained(tmp_path / "untrained", app_state)
    training = TrainingActions(app_state, tmp_path / "runs", uploads, base)
    run = make_run(training.workspace, status=status, reason="/home/me/x is damaged", step=20)
    log_steps(run, 40, evaluate=10)
    save(run, base, 40, best=True)
    for message in (training.look(run.name), training.ask("Waltzes", "export")):
        for where, said in walk(message):
            if where not in (".run.command", ".run.log"):  # which are of the shell, and say so
                assert not OF_THE_SHELL.search(said), where
    for where, said in walk(training.music("")):
        assert not OF_THE_SHELL.search(said), where
    assert replace(run.state()).reason == "/home/me/x is damaged"


def test_a_path_is_shortened_to_its_last_name():
    said = without_folders
    assert said("the checkpoint /srv/runs/Jigs/base is damaged") == "the checkpoint base is damaged"
    assert said("`/a/b/c.mid` is empty") == "`c.mid` is empty"
    assert said("in 3/4 or 6/8, and/or not") == "in 3/4 or 6/8, and/or not"
    assert said("see https://example.org/a/b") == "see https://example.org/a/b"
    assert said(r"C:\Users\me\x.zip is no ZIP") == "x.zip is no ZIP"
