import subprocess
import sys
from pathlib import Path

import pytest

import meloformer as mf

ROOT = Path(__file__).parents[2]
PUBLIC = [
    "FilterConfig",
    "MeloFormerError",
    "Model",
    "Song",
    "Take",
    "TrainConfig",
    "TrainingRun",
    "compose",
    "continue_",
    "decode",
    "encode",
    "fine_tune",
    "from_text",
    "load",
    "models",
    "open",
    "prepare",
    "rewrite",
    "to_text",
    "train",
]


def python(program: str) -> str:
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_these_names_are_exported() -> None:
    assert list(mf.__all__) == PUBLIC
    assert set(PUBLIC) <= set(dir(mf))


@pytest.mark.parametrize("name", PUBLIC)
def test_an_exported_name_is_loaded_when_asked_for_and_documented(name: str) -> None:
    assert getattr(mf, name).__name__ == name
    assert getattr(mf, name).__doc__
    assert f"`{name}" in (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'continu'"):
        mf.continu  # noqa: B018


def test_the_import_is_quick() -> None:
    timed = "from time import perf_counter as now; t = now(); import meloformer; print(now() - t)"
    assert min(float(python(timed)) for _ in range(3)) < 0.2


@pytest.mark.parametrize(
    "use",
    ["mf.prepare", "mf.fine_tune", "mf.train", "mf.encode(mf.open('assets/examples/jig.mid'))"],
)
def test_torch_comes_only_with_what_needs_it(use: str) -> None:
    assert (
        python(f"import sys, meloformer as mf; {use}; print('torch' in sys.modules)") == "False\n"
    )


@pytest.mark.parametrize(
    ("room", "names"),
    [
        ("score", "read_midi write_midi"),
        ("tokens", "encode decode vocabulary"),
        ("checkpoint", "load"),
        ("engine", "Piece compose continue_score teacher_forced_logits"),
    ],
)
def test_rooms_have_the_names_that_others_build_on(room: str, names: str) -> None:
    program = f"import meloformer.{room} as room; print(*[room.{' , room.'.join(names.split())}])"
    assert python(program)
