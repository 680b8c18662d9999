"""Limits on what an archive may hold, and the places of its members."""

import lzma
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from meloformer.errors import DataError
from meloformer.midi.container import MIDI_SUFFIXES

MAX_MEMBERS = 2_000_000
MAX_TOTAL_BYTES = 64_000_000_000
MAX_RATIO = 200
"""Unpacked bytes for each byte of an archive. MIDI files shrink to a third or a tenth, a tar of
near copies to a fiftieth; bombs are made of zeros and shrink to a thousandth or less."""
SMALL_BYTES = 100_000_000
"""An archive that unpacks to no more is no bomb, whatever its ratio."""

HINT = "Look into it with a program you trust, unpack what you need, and give that folder."

DAMAGE: Final = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,  # zipfile: a member of a later version of the format
    OverflowError,
    RecursionError,  # tarfile: a chain of headers that never comes to a member
    ValueError,  # wrong numbers, and names that are not in the encoding they claim
)
"""What the standard library raises at an archive that is damaged, or made to look so."""

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Member:
    """A MIDI file inside an archive."""

    name: str
    """Where it goes below the folder, with slashes."""
    size_bytes: int
    """As declared; no more is read."""
    open: Callable[[], IO[bytes]]


class Inventory:
    """The members seen so far of an archive; refuses at the first that is not to be unpacked."""

    def __init__(self, archive: Path) -> None:
        self.archive = archive
        size_bytes = archive.stat().st_size
        self.limit_bytes = min(MAX_TOTAL_BYTES, max(SMALL_BYTES, MAX_RATIO * size_bytes))
        """What it may grow to, everything in it counted."""
        self._num_members = 0
        self._names: set[str] = set()

    def place(self, name: str, trouble: str) -> str | None:
        """Return where a member goes below the folder; `None` for what is not music.

        Args:
            name: As it stands in the archive; a folder's ends with a slash.
            trouble: What else speaks against the member, or nothing.

        Raises:
            DataError: It is not to be unpacked.
        """
        self._num_members += 1
        self.check_count(self._num_members)
        # A backslash is a slash to Windows, and in the archives that some of its programs write.
        slashed = name.replace("\\", "/")
        parts = [part for part in slashed.split("/") if part not in ("", ".")]
        place = "/".join(parts)
        is_music = is_midi_name(place) and not slashed.endswith("/")
        if slashed.startswith("/") or ".." in parts or re.match("[A-Za-z]:", slashed):
            trouble = "lies outside of it"
        elif is_music and place in self._names:
            trouble = trouble or "is in it twice"
        if trouble:
            raise self.refusal(f"its member `{short(name)}` {trouble}")
        if not is_music:
            return None
        self._names.add(place)
        return place

    def check_count(self, num_members: int) -> None:
        """Refuse more members than any collection of music has."""
        if num_members > MAX_MEMBERS:
            raise self.refusal(f"it has more than {MAX_MEMBERS:,} members")

    def check_size(self, unpacked_bytes: int) -> None:
        """Refuse a bomb."""
        if unpacked_bytes > self.limit_bytes:
            raise self.refusal(f"it would grow to more than {self.limit_bytes / 1e9:.1f} GB")

    def refusal(self, reason: str) -> DataError:
        """Make the error that says why an archive is refused."""
        return DataError(f"`{self.archive.name}` is not unpacked: {reason}.", hint=HINT)


def is_midi_name(name: str) -> bool:
    """Return whether a path with slashes names a MIDI file, and not what macOS notes beside one."""
    *folders, base = name.split("/")
    is_note = base.startswith("._") or "__MACOSX" in folders
    return base.lower().endswith(MIDI_SUFFIXES) and not is_note


def printable(name: str) -> str:
    """Replace what cannot be printed by codes: bytes that are not UTF-8, controls."""
    return _UNPRINTABLE.sub(lambda found: repr(found[0])[1:-1], name)


def short(name: str) -> str:
    """Cut a name to what fits a sentence."""
    return printable(name[:200])


@contextmanager
def damage_as_sentence(archive: Path) -> Iterator[None]:
    """Turn damage of an archive into a sentence; errors of the disk pass."""
    try:
        yield
    except (OSError, *DAMAGE) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # bz2 and gzip raise OSErrors, too, but without a number
        raise DataError(
            f"`{archive.name}` is damaged or cut short: {printable(str(error))}.",
            hint="Fetch it again, or unpack what can be saved and give that folder.",
        ) from error
