"""The names of MIDI tracks, in whatever character set they were written."""

import codecs
import re

import numpy as np

from meloformer.midi.container import MidiContainer
from meloformer.midi.events import TRACK_NAME, Events

_MAX_CHARACTERS = 200
_FEWEST_LETTERS = 3
"""By which Russian may be told."""
_RUSSIAN_WORD = re.compile("[\u0410-\u042f\u0401]?[\u0430-\u044f\u0451]+|[\u0410-\u042f\u0401]+")
"""What Western letters with accents do not look like when they are taken for Russian."""


def names_of_tracks(container: MidiContainer, events: Events) -> dict[int, str]:
    """Return the first name of each MIDI track that has one, by its index.

    Args:
        container: Of the file; in one of type 0 a name is the title of the piece.
        events: Its messages.
    """
    names: dict[int, str] = {}
    if container.format == 0:
        return names
    named = events.metas(TRACK_NAME, min_bytes=1)
    # Ascending without repeats: the first name of each track.
    for index in named[np.unique(events.track[named], return_index=True)[1]].tolist():
        text = decode_text(events.buffer[events.payload[index] : events.end[index]])
        names[int(events.track[index])] = "".join(filter(str.isprintable, text))[
            :_MAX_CHARACTERS
        ].strip()
    return names


def decode_text(contents: bytes) -> str:
    """Decode text of unknown character set.

    It is Unicode if it can be, else Japanese if it has kana, else Russian if its words look like
    that, else of Western Windows.
    """
    try:
        is_wide = contents.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        return contents.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError:
        for encoding in ("cp932", "euc_jp"):
            text = contents.decode(encoding, errors="replace")
            if any("\u3041" <= letter <= "\u30fe" for letter in text) and "\ufffd" not in text:
                return text
        russian = contents.decode("cp1251", errors="replace")
        words = re.findall(r"[^\W\d_]+", russian)
        is_long = sum(map(len, words)) >= _FEWEST_LETTERS
        if is_long and all(_RUSSIAN_WORD.fullmatch(word) for word in words):
            return russian
        return contents.decode("cp1252", errors="replace").replace("\ufffd", "")
