"""The container of a Standard MIDI File: header, track chunks, and whatever wraps them.

Uploads are not trusted. Everything wrong with the container is repaired here: wrong lengths, a cut
last chunk, a wrong count of tracks. What cannot be repaired is a `MidiError`.
"""

import struct
from dataclasses import dataclass
from typing import Final

from meloformer.errors import MidiError
from meloformer.phrases import phrase

MAX_BYTES = 5_000_000
"""The longest string quartet of the training music takes a tenth of this."""
MAX_CHUNKS = 256
MIDI_SUFFIXES: Final = (".mid", ".midi", ".kar", ".rmi")
"""How the names of MIDI files end: plain, karaoke, and in a RIFF wrapper."""

_FRAME_RATES = (24, 25, 29, 30)
"""Frames a second that an SMPTE clock can have; 29 stands for 30,000 in 1,001 seconds."""
_HINT = "Export the piece from your music program as a Standard MIDI File (.mid)."
_MACBINARY_BYTES = 128
_LOOKS_LIKE: Final = {
    b"\xff\xd8\xff": phrase("a JPEG picture"),
    b"\x89PNG": phrase("a PNG picture"),
    b"%PDF": phrase("a PDF document"),
    b"PK\x03\x04": phrase("a ZIP archive, such as a compressed score"),
    b"<?xml": phrase("an XML document, such as MusicXML"),
    b"ID3": phrase("an MP3 recording"),
    b"fLaC": phrase("a FLAC recording"),
    b"OggS": phrase("an OGG recording"),
    b"RIFF": phrase("a RIFF file, such as a WAV recording"),
}


@dataclass(frozen=True, slots=True, eq=False)
class MidiContainer:
    """A Standard MIDI File taken apart, its messages still as they were uploaded."""

    format: int
    """0: one track holds everything; 1: tracks sound together."""
    division: int
    """The header's clock word: ticks per quarter note, or SMPTE frames where bit 15 is set and what
    follows is a frame rate. Some programs use all 16 bits for ticks per quarter note."""
    tracks: tuple[bytes, ...]
    """The body of each track chunk."""
    other_chunks: bytes
    """Chunks of other kinds with their headers, such as the chords of Yamaha's XF."""

    @property
    def ticks_per_second(self) -> float | None:
        """The rate of an SMPTE clock; `None` where ticks count quarter notes."""
        frames = 0x100 - (self.division >> 8)
        if not _is_smpte(self.division):
            return None
        per_second = 30_000 / 1001 if frames == 29 else float(frames)
        return per_second * (self.division & 0xFF)

    @property
    def ticks_per_quarter(self) -> int:
        """Ticks per quarter note; for an SMPTE clock, those of a quarter note at 120 a minute."""
        rate = self.ticks_per_second
        return self.division if rate is None else max(1, round(rate / 2))

    def to_bytes(self) -> bytes:
        """Put the file together again, with right lengths."""
        header = struct.pack(">4sIHHH", b"MThd", 6, self.format, len(self.tracks), self.division)
        chunks = [struct.pack(">4sI", b"MTrk", len(track)) + track for track in self.tracks]
        return b"".join([header, *chunks, self.other_chunks])


def unwrap(data: bytes) -> bytes:
    """Take a RIFF or MacBinary wrapper off.

    Returns:
        The plain bytes, from `MThd` on.

    Raises:
        MidiError: There is no Standard MIDI File inside.
    """
    if data.startswith(b"MThd"):
        return data
    if data[_MACBINARY_BYTES:].startswith(b"MThd"):
        return data[_MACBINARY_BYTES:]
    if data.startswith(b"RIFF") and data[8:12] == b"RMID":
        return _riff_payload(data)
    if not data:
        raise MidiError("The file is empty.", hint=_HINT)
    for magic, kind in _LOOKS_LIKE.items():
        if data.startswith(magic):
            raise MidiError(
                phrase(
                    "This is {kind}, not a MIDI file.",
                    kind=kind,
                ),
                hint=_HINT,
            )
    raise MidiError("This is not a MIDI file: it does not begin with `MThd`.", hint=_HINT)


def read_container(data: bytes, max_bytes: int = MAX_BYTES) -> MidiContainer:
    """Take a file apart, repairing its container.

    Args:
        data: The file, wrapped or not.
        max_bytes: Longer files are refused before anything in them is looked at.

    Raises:
        MidiError: Too big, not a MIDI file, without tracks, without a clock, or of type 2 with
            several tracks, which are patterns that belong to no common time.
    """
    if len(data) > max_bytes:
        raise MidiError(
            phrase(
                "The file is {len:.1f} MB; at most {max_bytes:.0f} MB are read.",
                len=len(data) / 1e6,
                max_bytes=max_bytes / 1e6,
            ),
            hint="Cut the piece into shorter files.",
        )
    plain = unwrap(data)
    if len(plain) < 14:
        raise MidiError("The file ends inside its header.", hint=_HINT)
    header_length, file_format, _, division = struct.unpack(">IHHH", plain[4:14])
    _check_division(division)
    # A header longer than a few bytes is a damaged length: the chunks begin where they always do.
    first_chunk = 8 + header_length if 6 <= header_length <= 64 else 14
    tracks, other_chunks = _read_chunks(plain, first_chunk)
    if not tracks:
        raise MidiError("The MIDI file has no tracks.", hint=_HINT)
    if file_format == 2 and len(tracks) > 1:
        raise MidiError(
            "The MIDI file is of type 2: its tracks are separate patterns, not one piece.",
            hint="Save it as type 1, or each pattern as a file of its own.",
        )
    return MidiContainer(
        format=1 if len(tracks) > 1 else min(file_format, 1),
        division=division,
        tracks=tuple(tracks),
        other_chunks=other_chunks,
    )


def _riff_payload(data: bytes) -> bytes:
    at = 12
    for _ in range(MAX_CHUNKS):
        if at + 8 > len(data):
            break
        name, length = struct.unpack("<4sI", data[at : at + 8])
        begin = at + 8
        if name == b"data" and data.startswith(b"MThd", begin):
            return data[begin : begin + length] if length else data[begin:]
        at = begin + length + length % 2
    raise MidiError("The RIFF file holds no MIDI data.", hint=_HINT)


def _is_smpte(division: int) -> bool:
    return 0x100 - (division >> 8) in _FRAME_RATES


def _check_division(division: int) -> None:
    ticks = division & 0xFF if _is_smpte(division) else division
    if ticks == 0:
        raise MidiError(
            "The MIDI file has no clock: its header says 0 ticks per quarter note.", hint=_HINT
        )


def _read_chunks(plain: bytes, at: int) -> tuple[list[bytes], bytes]:
    tracks: list[bytes] = []
    others: list[bytes] = []
    while at + 8 <= len(plain):
        name, length = struct.unpack(">4sI", plain[at : at + 8])
        end = at + 8 + length
        if not _begins_chunk(plain, end):
            # A wrong length: the chunk reaches to the next track, or to the end of the file.
            next_track = plain.find(b"MTrk", at + 8)
            end = next_track if next_track >= 0 else len(plain)
        elif name != b"MTrk":
            others.append(plain[at:end])
        if name == b"MTrk":
            tracks.append(plain[at + 8 : end])
        if len(tracks) + len(others) > MAX_CHUNKS:
            raise MidiError(
                phrase(
                    "The MIDI file has more than {max_chunks} tracks.",
                    max_chunks=MAX_CHUNKS,
                ),
                hint="Merge some of them.",
            )
        at = end
    return tracks, b"".join(others)


def _begins_chunk(plain: bytes, at: int) -> bool:
    """Check if a chunk could begin here, or the file end; padding after the last chunk counts."""
    if at > len(plain):
        return False
    name = plain[at : at + 4]
    return name.isalnum() or not plain[at : at + 64].strip(b"\x00") or len(name) < 4
