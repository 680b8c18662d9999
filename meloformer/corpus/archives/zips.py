"""ZIPs, read by their directory."""

import io
import stat
import zipfile
from collections.abc import Iterator
from functools import partial

from meloformer.corpus.archives.inventory import Inventory, Member

_LOCAL_HEADER_BYTES = 30
"""Before the data of each member, and before its name."""
_ENTRY_BEGINS = b"PK\x01\x02"
_ENCRYPTED = 0x2041
"""The flags of the three ways to encrypt a member."""
_IS_UTF_8 = 0x800


def read_zip(inventory: Inventory) -> Iterator[Member]:
    """Yield the MIDI files of a ZIP, after all its members have been looked at.

    Raises:
        DataError: It is not to be unpacked.
    """
    with _ZipBytes(inventory) as file, zipfile.ZipFile(file) as archive:
        infos = sorted(archive.infolist(), key=lambda info: info.header_offset)
        inventory.check_size(sum(info.file_size for info in infos))
        places = [inventory.place(_name(info), _trouble(info)) for info in infos]
        if _overlap(infos, archive.start_dir):
            raise inventory.refusal("its members overlap")
        for info, place in zip(infos, places, strict=True):
            if place is not None:
                yield Member(place, info.file_size, partial(archive.open, info))


class _ZipBytes(io.FileIO):
    """A ZIP's bytes; counts its directory's entries before `zipfile` makes an object of each."""

    def __init__(self, inventory: Inventory) -> None:
        super().__init__(inventory.archive)
        self._inventory = inventory

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(-1 if size is None else size) or b""
        self._inventory.check_count(data.count(_ENTRY_BEGINS))
        return data


def _overlap(infos: list[zipfile.ZipInfo], directory_offset: int) -> bool:
    """Return whether members share bytes.

    A bomb that holds a billion times its size is made so (Fifield 2019, A better zip bomb).

    Args:
        infos: By their offset.
        directory_offset: Where the members end.
    """
    ends = [info.header_offset + _LOCAL_HEADER_BYTES + info.compress_size for info in infos]
    starts = [*(info.header_offset for info in infos), directory_offset]
    return starts[0] < 0 or any(end > start for end, start in zip(ends, starts[1:], strict=True))


def _name(info: zipfile.ZipInfo) -> str:
    """Return the member's name; macOS writes UTF-8 without saying so."""
    if info.flag_bits & _IS_UTF_8 or info.filename.isascii():
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _trouble(info: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(info.external_attr >> 16)  # 0 where the archive is not from Unix
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is a link" if kind == stat.S_IFLNK else "is no plain file"
    if info.flag_bits & _ENCRYPTED:
        return "is encrypted"
    # Others are rare, and `zipfile` unpacks a block of bzip2 whole, which may be gigabytes.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "is packed by a method other than deflate"
    return ""
