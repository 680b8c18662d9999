"""Where the app works during a soak: a disk of its own, which can be filled."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIZE_MB = 1_500
"""More than the 500 MB that uploads leave free."""
_FILLING = "filling"


class Place:
    """A folder for all that the app writes.

    Args:
        folder: The folder.
        has_disk: Whether it is a disk of its own.
    """

    def __init__(self, folder: Path, *, has_disk: bool) -> None:
        self.folder = folder
        self.has_disk = has_disk
        for one in (self.home, self.temporary):
            one.mkdir()

    @property
    def home(self) -> Path:
        """The library and the visitors' files."""
        return self.folder / "home"

    @property
    def runs(self) -> Path:
        """Music to train on, and runs."""
        return self.folder / "runs"

    @property
    def temporary(self) -> Path:
        """What Python takes for the folder of temporary files."""
        return self.folder / "tmp"

    @property
    def log(self) -> Path:
        """What all apps have said."""
        return self.folder / "log.txt"

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which all processes of the soak are known again."""
        return {
            **os.environ,
            "MELOFORMER_HOME": str(self.home),
            "TMPDIR": str(self.temporary),
            "OMP_NUM_THREADS": "1",
        }

    def fill(self) -> None:
        """Leave no byte free."""
        with (self.folder / _FILLING).open("wb", buffering=0) as file:
            block = bytes(1 << 20)
            try:
                while file.write(block):
                    pass
            except OSError:  # full: that was wanted
                return

    def empty(self) -> None:
        """Take back what `fill` has done."""
        (self.folder / _FILLING).unlink(missing_ok=True)


@contextmanager
def small_disk() -> Iterator[Place]:
    """Make a place on a small disk in memory, or in a plain folder where nothing may be mounted."""
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "soak", folder]
        try:
            has_disk = subprocess.run(mount, capture_output=True, check=False).returncode == 0
        except OSError:
            has_disk = False
        try:
            yield Place(Path(folder), has_disk=has_disk)
        finally:
            if has_disk:
                subprocess.run(["umount", "--lazy", folder], check=False)
