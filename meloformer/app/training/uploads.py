"""Files that come from a browser: how many are taken, and where each is put. None is trusted."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from meloformer.corpus.archives import is_archive
from meloformer.errors import DataError
from meloformer.phrases import phrase
from meloformer.runs.workspace import validate_name

MAX_FILES = 5_000
MAX_BYTES = 200_000_000
"""Of one upload, all its files together."""
_MAX_DEPTH = 6
_MAX_NAME = 100


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file that has arrived, and its path below what was dropped."""

    path: Path
    name: str


def check_upload(files: Sequence[UploadedFile], uploads: Path) -> int:
    """Check that these files may be taken.

    Args:
        files: What the page says has arrived.
        uploads: The only folder they may be in.

    Returns:
        How many bytes they have.

    Raises:
        DataError: They are too many, too large, or did not arrive.
    """
    if not files:
        raise DataError("Nothing has arrived.", hint="Drop the files once more.")
    if len(files) > MAX_FILES:
        raise DataError(
            phrase(
                "{count:,} files at once are too many.",
                count=len(files),
            ),
            hint=phrase(
                "Bring up to {max_files:,}, or all of them in one ZIP.",
                max_files=MAX_FILES,
            ),
        )
    uploads = uploads.resolve()
    size = 0
    for file in files:
        path = file.path.resolve()
        if not path.is_relative_to(uploads) or not path.is_file():
            raise DataError("The files did not arrive.", hint="Drop them once more.")
        size += path.stat().st_size
    if size > MAX_BYTES:
        raise DataError(
            phrase(
                "These files have {size:,.0f} MB.",
                size=size / 1e6,
            ),
            hint=phrase(
                "Bring up to {max_bytes} MB at once.",
                max_bytes=MAX_BYTES // 1_000_000,
            ),
        )
    return size


def name_for(files: Sequence[UploadedFile]) -> str:
    """Return a name for the music: that of the folder, the archive, or the only file."""
    first = PurePosixPath(files[0].name)
    if len(first.parts) > 1:
        name = first.parts[0]
    elif len(files) == 1 or is_archive(files[0].path):
        name = first.stem
    else:
        name = "My music"
    kept = "".join(one if one.isalnum() or one in "-_" else " " for one in name).lstrip("-_ ")
    return " ".join(kept.split())[:40].strip() or "My music"


def new_folder(parent: Path, name: str) -> Path:
    """Make a folder of this name, or of this name and a number."""
    for number in range(1, 10_000):
        numbered = name if number == 1 else f"{name} {number}"
        folder = parent / validate_name(numbered)
        try:
            (folder / "upload").mkdir(parents=True)
        except FileExistsError:
            continue
        return folder
    raise DataError(
        phrase(
            "There are 9,999 data sets called {name}.",
            name=name,
        ),
        hint="Delete some of them.",
    )


def place(upload: Path, name: str) -> Path:
    """Return the path of a file; its name comes from a browser, so nothing of it is trusted."""
    parts = [part for part in name.replace("\\", "/").split("/") if part.strip(". ")]
    safe = [_safe(part) for part in parts[-_MAX_DEPTH:]] or ["music.mid"]
    stem, suffix = Path(safe[-1]).stem, Path(safe[-1]).suffix
    folder = upload.joinpath(*safe[:-1])
    target, number = folder / safe[-1], 1
    while target.exists():
        number += 1
        target = folder / f"{stem}-{number}{suffix}"
    return target


def _safe(part: str) -> str:
    kept = "".join(one if one.isprintable() and one not in '<>:"|?*' else "_" for one in part)
    stem, suffix = Path(kept.strip(" ")).stem, Path(kept.strip(" ")).suffix[:8]
    short = stem.encode()[:_MAX_NAME].decode(errors="ignore").lstrip(".")
    return (short or "music") + suffix
