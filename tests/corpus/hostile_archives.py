"""Archives made byte by byte: what programs, accidents and attackers make."""

import bz2
import gzip
import io
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from meloformer.score import write_midi
from tests.corpus.small_corpus import small_score

MUSIC = write_midi(small_score(1))
OTHER_MUSIC = write_midi(small_score(2))

_END = bytes(20 * tarfile.BLOCKSIZE)


def zip_bytes(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def tar_bytes(members: Mapping[str, bytes]) -> bytes:
    return b"".join(entry(name, data) for name, data in members.items()) + _END


PACKERS: dict[str, Callable[[Mapping[str, bytes]], bytes]] = {
    "zip": zip_bytes,
    "tar": tar_bytes,
    "tar.gz": lambda members: gzip.compress(tar_bytes(members)),
    "tar.bz2": lambda members: bz2.compress(tar_bytes(members)),
    "tar.xz": lambda members: lzma.compress(tar_bytes(members)),
}


@dataclass(frozen=True)
class ZipMember:
    """What a ZIP says of a member, whether true or not."""

    name: bytes = b"a.mid"
    data: bytes = MUSIC
    flags: int = 0
    method: int = zipfile.ZIP_STORED
    size: int | None = None
    crc: int | None = None
    mode: int = 0
    offset: int | None = None
    """Where its data is said to be, instead of data of its own."""


def raw_zip(*members: ZipMember, directory_bytes: int | None = None) -> bytes:
    data, directory = b"", b""
    for one in members:
        offset = len(data) if one.offset is None else one.offset
        packed = MUSIC if one.offset is not None else one.data
        described = struct.pack(
            "<HHHHHIIIHH",
            20,
            one.flags,
            one.method,
            0,
            33,
            zlib.crc32(one.data) if one.crc is None else one.crc,
            len(packed),
            len(packed) if one.size is None else one.size,
            len(one.name),
            0,
        )
        directory += b"PK\x01\x02\x14\x03" + described
        directory += struct.pack("<HHHII", 0, 0, 0, one.mode << 16, offset) + one.name
        if one.offset is None:
            data += b"PK\x03\x04" + described + one.name + one.data
    length = len(directory) if directory_bytes is None else directory_bytes
    end = (0, 0, len(members), len(members), length, len(data), 0)
    return data + directory + b"PK\x05\x06" + struct.pack("<HHHHIIH", *end)


def entry(name: str, data: bytes = b"", kind: bytes = tarfile.REGTYPE, size: int = -1) -> bytes:
    """A header of a tar, with those for a long name before it, and data."""
    info = tarfile.TarInfo(name)
    info.type = kind
    info.size = len(data) if size == -1 else size
    info.linkname = "b.mid" if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
    header = info.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")
    return header + data + bytes(-len(data) % tarfile.BLOCKSIZE)


def raw_tar(*entries: bytes) -> bytes:
    return entry("first.mid", MUSIC) + b"".join(entries) + _END


def zeros_deflated(megabytes: int) -> bytes:
    """A stream of deflate that gives so many million zeros, made in an instant."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    million = packer.compress(bytes(1_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    return million * megabytes + packer.flush()


def _mode(kind: int) -> ZipMember:
    return ZipMember(mode=kind | 0o777)


def _pair(name: bytes) -> bytes:
    return raw_zip(ZipMember(b"first.mid"), ZipMember(name))


_MEGABYTE = bytes(1 << 20)
_BOMB = 110
"""Megabytes: little more than what no ratio is asked of."""
_OUTSIDE: Sequence[str] = (
    "../a.mid",
    "songs/../../a.mid",
    "songs/..",
    "/a.mid",
    "/etc/cron.d/notes.txt",
    "C:/a.mid",
    "c:a.mid",
    "..\\a.mid",
    "songs\\..\\..\\a.mid",
    "\\\\server\\share\\a.mid",
    "\\a.mid",
)

REFUSED: dict[str, tuple[bytes, str]] = {
    **{f"a ZIP with {name}": (_pair(name.encode()), "outside") for name in _OUTSIDE},
    **{f"a tar with {name}": (raw_tar(entry(name)), "outside") for name in _OUTSIDE},
    "a folder outside in a tar": (raw_tar(entry("../x", kind=tarfile.DIRTYPE)), "outside"),
    "a symbolic link in a ZIP": (raw_zip(_mode(stat.S_IFLNK)), "is a link"),
    "a device in a ZIP": (raw_zip(_mode(stat.S_IFBLK)), "no plain file"),
    "a FIFO in a ZIP": (raw_zip(_mode(stat.S_IFIFO)), "no plain file"),
    "a symbolic link in a tar": (raw_tar(entry("a.mid", kind=tarfile.SYMTYPE)), "is a link"),
    "a link that is no music": (raw_tar(entry("notes", kind=tarfile.SYMTYPE)), "is a link"),
    "a hard link in a tar": (raw_tar(entry("a.mid", kind=tarfile.LNKTYPE)), "is a link"),
    "a device in a tar": (raw_tar(entry("a.mid", kind=tarfile.CHRTYPE)), "no plain file"),
    "a disk in a tar": (raw_tar(entry("a.mid", kind=tarfile.BLKTYPE)), "no plain file"),
    "a FIFO in a tar": (raw_tar(entry("a.mid", kind=tarfile.FIFOTYPE)), "no plain file"),
    "a file with holes": (raw_tar(entry("a.mid", kind=tarfile.GNUTYPE_SPARSE)), "no plain file"),
    "an encrypted member": (raw_zip(ZipMember(flags=1)), "is encrypted"),
    "a strongly encrypted member": (raw_zip(ZipMember(flags=0x41)), "is encrypted"),
    "a member in bzip2": (raw_zip(ZipMember(method=zipfile.ZIP_BZIP2)), "other than deflate"),
    "a member in an unknown packing": (raw_zip(ZipMember(method=99)), "other than deflate"),
    "a name twice in a ZIP": (_pair(b"first.mid"), "`first.mid` is in it twice"),
    "a name written in two ways": (_pair(b".//first.mid"), "is in it twice"),
    "a name twice in a tar": (raw_tar(entry("first.mid", MUSIC)), "is in it twice"),
    "a bomb in a ZIP": (
        raw_zip(ZipMember(data=zeros_deflated(1000), method=8, size=1_000_000_000)),
        "grow to more than 0.2 GB",
    ),
    "a bomb of members in a ZIP": (
        raw_zip(*[ZipMember(b"%d.mid" % i, size=2_000_000_000) for i in range(40)]),
        "grow to more than 0.1 GB",
    ),
    "members that share their bytes": (
        raw_zip(ZipMember(), *[ZipMember(b"%d.mid" % i, offset=0) for i in range(20)]),
        "overlap",
    ),
    "members one inside the other": (
        raw_zip(ZipMember(), ZipMember(b"b.mid", offset=40)),
        "overlap",
    ),
    "a member inside the directory": (raw_zip(ZipMember(b"b.mid", offset=10)), "overlap"),
    "a bomb in a tar.gz": (
        gzip.compress(entry("a.mid", size=_BOMB << 20)) + gzip.compress(_MEGABYTE) * _BOMB,
        "grow to more than 0.1 GB",
    ),
    "a bomb of members in a tar.gz": (
        b"".join(
            gzip.compress(entry(f"{index}.mid", size=1 << 20)) + gzip.compress(_MEGABYTE, 1)
            for index in range(_BOMB)
        ),
        "grow to more than 0.1 GB",
    ),
    "a bomb in a tar.bz2": (
        bz2.compress(entry("notes.txt", size=_BOMB << 20)) + bz2.compress(_MEGABYTE) * _BOMB,
        "grow to more than 0.1 GB",
    ),
    "a bomb after the end of a tar": (
        gzip.compress(raw_tar()) + gzip.compress(_MEGABYTE) * _BOMB,
        "grow to more than 0.1 GB",
    ),
    "a member of a terabyte": (raw_tar(entry("a.mid", size=10**12)), "grow to more than"),
    "a member that ends before it begins": (raw_tar(entry("a.mid", size=-4096)), "damaged"),
    "a name of gigabytes": (
        raw_tar(entry("a.mid", kind=tarfile.GNUTYPE_LONGNAME, size=2 << 30)),
        "damaged",
    ),
    "a chain of long names": (
        raw_tar(entry("a.mid", b"a.mid", kind=tarfile.GNUTYPE_LONGNAME) * 5000),
        "damaged",
    ),
    "a directory of gigabytes": (raw_zip(ZipMember(), directory_bytes=0xFFFFFFF0), "damaged"),
    "a directory cut short": (raw_zip(ZipMember(), directory_bytes=20), "damaged"),
    "a name that is not what it says": (raw_zip(ZipMember(b"\xff.mid", flags=0x800)), "damaged"),
    "rubbish in the middle of a tar": (raw_tar(b"x" * 512, entry("a.mid", MUSIC)), "damaged"),
    "a tar without its end": (raw_tar()[: -len(_END)], "damaged"),
    "a tar.gz with a wrong checksum": (gzip.compress(raw_tar())[:-8] + bytes(8), "damaged"),
    "only the head of a tar.xz": (lzma.compress(raw_tar())[:20], "damaged"),
    "a text": (b"Once upon a time", "neither a ZIP nor a tar"),
    "a compressed text": (gzip.compress(b"Once upon a time"), "neither a ZIP nor a tar"),
    "nothing": (b"", "neither a ZIP nor a tar"),
    "music": (MUSIC, "neither a ZIP nor a tar"),
}
"""Archives of which nothing is written, and words of the sentence that says why."""
