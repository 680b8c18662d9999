"""A GPU image as it comes: PyTorch, a few packages, what those need, and nothing else."""

import os
import re
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
THERE = ("torch", "triton", "numpy", "safetensors", "psutil", "filelock", "tqdm")
"""What the image has, beside what the tests themselves are run with."""
_TESTS = ("pytest", "hypothesis")
_LACKING = """
from importlib.machinery import PathFinder

MISSING = {missing}
find_spec = PathFinder.find_spec


def find_none(_, name, path=None, target=None):
    return None if name.partition(".")[0] in MISSING else find_spec(name, path, target)


PathFinder.find_spec = classmethod(find_none)
"""


def bare_environment(folder: Path) -> dict[str, str]:
    """Return an environment in which Python, and each process it starts, finds nothing else.

    Args:
        folder: Receives what Python reads when it starts.
    """
    text = _LACKING.replace("{missing}", repr(_missing()))
    (folder / "sitecustomize.py").write_text(text, encoding="utf-8")
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(folder), str(ROOT))),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }


def _missing() -> set[str]:
    """Return the names by which everything else that is installed here is imported."""
    there = _with_requirements([*THERE, *_TESTS])
    return {
        name
        for name, packages in packages_distributions().items()
        if not there.intersection(map(_canonical, packages))
    }


def _with_requirements(names: list[str]) -> set[str]:
    """Return packages with all that they require, and that requires."""
    found: set[str] = set()
    while names:
        name = _canonical(names.pop())
        if name in found:
            continue
        try:
            requirements = distribution(name).requires or []
        except PackageNotFoundError:  # for another system
            continue
        found.add(name)
        needed = (re.match(r"[\w.-]+", one) for one in requirements if "extra ==" not in one)
        names += [one[0] for one in needed if one]
    return found


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
