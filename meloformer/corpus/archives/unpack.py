"""Write the music of an archive to the disk."""

import errno
import hashlib
import zipfile
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from meloformer.corpus.archives.inventory import (
    DAMAGE,
    HINT,
    Inventory,
    Member,
    damage_as_sentence,
    short,
)
from meloformer.corpus.archives.tars import begins_as_tar, read_tar
from meloformer.corpus.archives.zips import read_zip
from meloformer.errors import DataError
from meloformer.folders import remove_leftovers, replaced_folder
from meloformer.midi.container import MAX_BYTES

_PIECE_BYTES = 1 << 16
_MAX_FOLDERS = 32
"""Folders above a member. Far more would be a trap for what walks them recursively."""
_NAME_REFUSED: Final = {
    errno.EEXIST,
    errno.EILSEQ,
    errno.EINVAL,
    errno.EISDIR,
    errno.ENAMETOOLONG,
    errno.ENOTDIR,
}


def is_archive(path: Path) -> bool:
    """Return whether a file is a ZIP or a tar, plain or compressed, by its content."""
    return path.is_file() and _reader_of(path) is not None


def unpack(archive: Path, folder: Path) -> None:
    """Write the MIDI files of an archive below `folder`, under their names.

    The folder appears when it is whole. One that exists was unpacked before and is left as it is.

    Raises:
        DataError: The archive is unreadable, a bomb, or reaches outside of itself. Nothing was
            written.
        OSError: The disk failed or is full. Nothing is left behind.
    """
    if folder.exists():
        return
    read = _reader_of(archive)
    if read is None:
        raise DataError(f"`{archive.name}` is neither a ZIP nor a tar.", hint=HINT)
    with damage_as_sentence(archive):
        # A loop would keep the last member, and with it a ZIP's directory, while it is read again.
        deque(read(Inventory(archive)), maxlen=0)
        folder.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(folder.parent)
        with replaced_folder(folder) as unfinished:
            for member in read(Inventory(archive)):
                _write(member, unfinished)


def _reader_of(archive: Path) -> Callable[[Inventory], Iterator[Member]] | None:
    try:
        with archive.open("rb") as file:
            head = file.read(4)
    except OSError as error:
        raise DataError(
            f"`{archive}` cannot be read: {error.strerror}.",
            hint="Make it readable, or leave it out.",
        ) from error
    if head == b"MThd":  # music, whatever follows it
        return None
    if head in (b"PK\x03\x04", b"PK\x05\x06"):
        return read_zip
    if begins_as_tar(archive):
        return read_tar
    # ZIPs are known by their end. So this comes last: a tar whose last member is one ends alike.
    return read_zip if zipfile.is_zipfile(archive) else None


def _write(member: Member, folder: Path) -> None:
    # One byte more than is ever read: such a file is refused and counted like any other.
    left = min(member.size_bytes, MAX_BYTES + 1)
    with _create(folder, member.name) as file:
        try:
            with member.open() as source:
                while left > 0:
                    piece = source.read(min(left, _PIECE_BYTES))
                    if not piece:
                        raise EOFError
                    left -= file.write(piece)
        except DAMAGE:  # of one member. Left empty, it is one refusal, too
            file.truncate(0)


def _create(folder: Path, name: str) -> BinaryIO:
    """Create the file of a member, at the first of its places that the disk accepts."""
    for place in _places(name):
        try:
            return _open_new(folder / place)
        except ValueError:  # a name of no encoding, or with a zero byte
            continue
        except OSError as error:
            if error.errno not in _NAME_REFUSED:
                raise
    raise DataError(f"The disk takes no name for the member `{short(name)}`.", hint=HINT)


def _open_new(path: Path) -> BinaryIO:
    try:
        return path.open("xb")
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("xb")


def _places(name: str) -> Iterator[str]:
    """Yield a member's own name, then names made of its digest, ever closer to the top.

    A disk can refuse a name for its length or its bytes, because the archive has a folder of that
    name, or because another differs only by case.
    """
    *folders, base = name.split("/")
    if len(folders) <= _MAX_FOLDERS:
        yield name
    digest = hashlib.sha256(name.encode("utf-8", "backslashreplace")).hexdigest()[:32]
    suffix = base[base.rindex(".") :].lower()
    for depth in range(min(len(folders), _MAX_FOLDERS), -1, -1):
        yield "/".join([*folders[:depth], digest + suffix])
