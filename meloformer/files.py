"""Files that are replaced whole: a reader, and a power cut, find the old or the new one.

The new file is written under a temporary name in the same folder, forced to the disk, and renamed;
then the folder is forced to the disk. The temporary name begins with a dot and is removed if the
writing fails; a process that is killed leaves it behind, and no more.
"""

import errno
import hashlib
import json
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

MAX_JSON_BYTES = 1 << 20
"""Of a document that tells of others, such as the state of a run."""
_PART = re.compile(r"\..*\.[0-9a-f]{12}\.part(\..*)?")
_KEPT_NAME = 32
"""Letters of a name that its temporary one has too; a disk takes no name of any length."""


def write_bytes(path: Path, content: bytes) -> None:
    """Replace a file by these bytes; a device or a pipe, such as /dev/stdout, receives them."""
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    with replaced_stream(path) as file:
        file.write(content)


def write_text(path: Path, content: str) -> None:
    """Replace a file by this text in UTF-8, its line ends as they are."""
    write_bytes(path, content.encode("utf-8"))


def open_file(path: Path) -> BinaryIO:
    """Open a file for reading, and nothing else: a pipe could make a reader wait for ever.

    Raises:
        OSError: It is missing, can't be read, or is a pipe, a device or a folder.
    """
    # Opening a pipe waits for its writer, unless it is told not to.
    file = open(path, "rb", opener=_open_at_once)  # noqa: SIM115  # `Path` takes no opener
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "it is no file", str(path))
    return file


def _open_at_once(place: str, flags: int) -> int:
    return os.open(place, flags | getattr(os, "O_NONBLOCK", 0))


def read_json(path: Path, max_bytes: int = MAX_JSON_BYTES) -> object:
    """Read a small JSON document.

    Raises:
        OSError: As `open_file` raises it.
        ValueError: It is no JSON, too deep to be read, or has more than `max_bytes`.
    """
    with open_file(path) as file:
        text = file.read(max_bytes + 1)
    if len(text) > max_bytes:
        raise ValueError(f"it has more than {max_bytes:,} bytes")
    try:
        content: object = json.loads(text)
    except RecursionError as error:
        raise ValueError("it is too deep") from error
    return content


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_json(path: Path, content: object) -> None:
    """Replace a file by an indented JSON document with a line end."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


@contextmanager
def replaced_stream(path: Path) -> Iterator[BinaryIO]:
    """Open a binary stream whose content replaces a file when the block ends without an error."""
    with replaced_file(path) as part, part.open("r+b") as file:
        yield file


@contextmanager
def replaced_file(path: Path) -> Iterator[Path]:
    """Replace a file by what a library or another process writes.

    Yields:
        The path to write to, an empty file in the same folder, whose name ends as that of `path`.
    """
    part = part_of(path)
    mode = _create(part)
    try:
        yield part
        if part.stat().st_mode != mode:  # some libraries make a new file that only its owner reads
            part.chmod(mode & 0o777)
        move_file(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def move_file(part: Path, path: Path) -> None:
    """Replace a file by one of the same disk that is complete."""
    force_to_disk(part)
    part.replace(path)
    force_to_disk(path.parent)


def part_of(path: Path) -> Path:
    """Return an unused hidden path beside `path`, of its suffix, for what is not complete."""
    kept, suffix = path.stem[:_KEPT_NAME], path.suffix[:_KEPT_NAME]
    return path.with_name(f".{kept}.{token_hex(6)}.part{suffix}")


def is_part(path: Path) -> bool:
    """Return whether `part_of` has given this name."""
    return _PART.fullmatch(path.name) is not None


def force_to_disk(path: Path) -> None:
    """Wait until a file, or the names in a folder, would outlast a power cut."""
    if os.name == "nt" and path.is_dir():  # which cannot be opened there
        return
    descriptor = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _create(path: Path) -> int:
    """Make an empty file; its mode is what the user's umask leaves of reading and writing."""
    with path.open("xb") as file:
        return os.fstat(file.fileno()).st_mode
