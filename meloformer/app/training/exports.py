"""ZIPs that a visitor has asked for, of a model or of music, for the browser to fetch."""

import hashlib
import secrets
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from meloformer.errors import OutputError
from meloformer.files import replaced_file
from meloformer.phrases import phrase


@dataclass(slots=True)
class Exports:
    """ZIPs in the folder of the visitors' files, under names that cannot be guessed."""

    folder: Path
    _secret: str = field(default_factory=secrets.token_hex)
    _lock: Lock = field(default_factory=Lock)

    def known(self, source: Path, name: str) -> Path | None:
        """Return the ZIP of a folder as it is now, if it has been made."""
        path = self._path(source, name)
        return path if path.is_file() else None

    def make(self, source: Path, name: str, write: Callable[[Path], None]) -> Path:
        """Return the ZIP of a folder, made now if it has not been yet.

        Args:
            source: The folder.
            name: Of the file, without its ending.
            write: Writes the ZIP to a path.

        Raises:
            OutputError: The disk is full.
            MeloFormerError: What `write` raises.
        """
        with self._lock:  # two clicks make it once
            path = self._path(source, name)
            if not path.is_file():
                try:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    write(path)
                except OSError as error:
                    raise OutputError(
                        phrase(
                            "“{name}” cannot be packed: {strerror}.",
                            name=name,
                            strerror=error.strerror,
                        ),
                        hint="Make room first.",
                    ) from error
        return path

    def _path(self, source: Path, name: str) -> Path:
        try:
            version = source.stat().st_mtime_ns
        except OSError:
            version = 0
        what = f"{self._secret} {source} {version}"
        return self.folder / hashlib.sha256(what.encode()).hexdigest()[:32] / f"{name}.zip"


def zip_files(folder: Path, path: Path) -> None:
    """Write all files below a folder into a ZIP, in the place of `path`."""
    with (
        replaced_file(path) as new,
        zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive,
    ):
        for file in sorted(folder.rglob("*")):
            if file.is_file() and not file.is_symlink():
                archive.write(file, file.relative_to(folder).as_posix())
