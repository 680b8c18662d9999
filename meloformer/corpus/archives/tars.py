"""Tars, plain or compressed: a stream without a directory, read from its begin to its end."""

import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Final

from meloformer.corpus.archives.inventory import DAMAGE, Inventory, Member

_MAX_READ_BYTES = 1 << 16
_UNPACKERS: Final[dict[bytes, Callable[[Path], io.BufferedIOBase]]] = {
    b"\x1f\x8b\x08": gzip.GzipFile,
    b"BZh": bz2.BZ2File,
    b"\xfd7z": lzma.LZMAFile,
}


def begins_as_tar(path: Path) -> bool:
    """Return whether a file is a tar, as far as its first header tells."""
    try:
        with _open_tar(Inventory(path)):
            return True
    except tarfile.ReadError:
        return False
    except (OSError, *DAMAGE):  # compressed, and damaged: reading on will tell
        return True


def read_tar(inventory: Inventory) -> Iterator[Member]:
    """Yield the MIDI files of a tar, each while the stream is at it.

    Raises:
        DataError: It is not to be unpacked. Only who has come to the end knows that it is.
    """
    with _open_tar(inventory) as (archive, stream):
        while (info := archive.next()) is not None:
            # It would keep every member, and the headers that one is given for all that follow.
            archive.members = []  # type: ignore[attr-defined]  # known to the manual, not to mypy
            archive.pax_headers = {}
            name = f"{info.name}/" if info.isdir() else info.name
            place = inventory.place(name, _trouble(info))
            if place is not None:
                yield Member(place, info.size, partial(_contents, archive, info))
        # To `next` anything that is no header is the end, so a cut or damaged tar would be, too.
        if stream.last_read != bytes(tarfile.BLOCKSIZE):
            raise EOFError("it has no end")
        while stream.read(_MAX_READ_BYTES):  # up to the checksum of what is compressed
            pass


@contextmanager
def _open_tar(inventory: Inventory) -> Iterator[tuple[tarfile.TarFile, "_TarBytes"]]:
    with inventory.archive.open("rb") as file:
        unpacker = _UNPACKERS.get(file.read(3), _open_plain)
    with unpacker(inventory.archive) as plain:
        stream = _TarBytes(plain, inventory)
        # The same names on every machine, whatever its locale.
        with tarfile.TarFile(fileobj=stream, encoding="utf-8") as archive:
            yield archive, stream


def _open_plain(path: Path) -> io.BufferedIOBase:
    return path.open("rb")


class _TarBytes(io.BufferedIOBase):
    """A tar's bytes, unpacked only as far as no bomb goes, and only forwards.

    `tarfile` believes the sizes in headers. Here a header of gigabytes, a member that ends before
    it begins, and a stream beyond the limit are errors before any of it is unpacked.
    """

    def __init__(self, plain: io.BufferedIOBase, inventory: Inventory) -> None:
        self._plain = plain
        self._inventory = inventory
        self._offset = 0  # kept here: every look at the offset of a GzipFile is a seek
        self.last_read = b""

    def read(self, size: int | None = -1) -> bytes:
        if size is None or not 0 <= size <= _MAX_READ_BYTES:
            raise tarfile.ReadError(f"a header of {size} bytes")
        self._inventory.check_size(self._offset + size)
        self.last_read = self._plain.read(size)
        self._offset += len(self.last_read)
        return self.last_read

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if offset < self._offset:
            raise tarfile.ReadError("a member ends before it begins")
        self._inventory.check_size(offset)
        if offset > self._offset:
            self._offset = self._plain.seek(offset)
        return self._offset

    def tell(self) -> int:
        return self._offset


def _contents(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    source = archive.extractfile(info)
    assert source is not None  # as it is for folders and links
    return source


def _trouble(info: tarfile.TarInfo) -> str:
    if info.issym() or info.islnk():
        return "is a link"
    is_plain = info.isreg() and not info.issparse()  # holes are a cheap way to be huge
    return "" if is_plain or info.isdir() else "is no plain file"
