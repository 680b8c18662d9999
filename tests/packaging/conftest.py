import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Installation:
    """A virtual environment with the wheel in it, and a folder far from the repository."""

    environment: Path
    folder: Path

    def popen(self, program: str, *words: object) -> subprocess.Popen[str]:
        command = [str(self.environment / "bin" / program), *map(str, words)]
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=_clean_environment(self.folder / "home"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, program: str, *words: object) -> str:
        process = self.popen(program, *words)
        said, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors
        return said


def _clean_environment(home: Path) -> dict[str, str]:
    """Neither the repository nor a folder of the app's own is named in it."""
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "MELOFORMER_HOME")}
    return {**kept, "HOME": str(home), "OMP_NUM_THREADS": "1"}


def build(target: Path, *options: str) -> Path:
    """What hatchling makes of the repository."""
    builder = [sys.executable, "-m", "hatchling", "build", "-d", str(target), *options]
    subprocess.run(builder, cwd=ROOT, check=True, capture_output=True)
    (made,) = target.iterdir()
    return made


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("wheel"), "-t", "wheel")


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The wheel in an environment of its own, which borrows the dependencies of this one."""
    environment = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(environment)}))
    # A folder that a .pth file names is searched, but its own .pth files are not read: what is
    # installed here in editable mode stays out of sight.
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = [sys.executable, "-m", "pip", "--python", str(environment), "install", "--no-deps"]
    quiet = ["--quiet", "--no-index", "--disable-pip-version-check"]
    subprocess.run([*pip, *quiet, str(wheel)], check=True)
    return Installation(environment, tmp_path_factory.mktemp("elsewhere"))


@pytest.fixture(scope="session")
def song(installed: Installation) -> Path:
    return Path(shutil.copy(ROOT / "assets" / "examples" / "piano.mid", installed.folder))


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())
