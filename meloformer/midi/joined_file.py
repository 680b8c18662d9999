"""A MIDI file with new music in it, and what is to be said of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class JoinedFile:
    """A MIDI file with new music in it."""

    data: bytes
    remarks: tuple[str, ...]
    """Sentences that say where it falls short, such as which parts have to share a channel."""
