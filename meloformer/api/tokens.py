"""Songs as tokens, and back."""

from os import PathLike

import numpy as np
from numpy.typing import NDArray

from meloformer import tokens
from meloformer.api.song import Song, as_song
from meloformer.engine.piece import Piece
from meloformer.midi.read import read_file
from meloformer.midi.write import write_midi


def encode(song: Song | str | PathLike[str]) -> NDArray[np.uint16]:
    """Return a song as the model reads it: HID tokens, `to_text` makes words of them.

    Args:
        song: The song, or its file.

    Returns:
        From BOS to EOS. (T,), uint16.

    Raises:
        MidiError: The file can't be read as music.
    """
    return as_song(song).encoding.ids


def decode(ids: NDArray[np.integer] | str, name: str = "song") -> Song:
    """Return the song that tokens stand for.

    Args:
        ids: (T,), any integers, from BOS to EOS; or the words that `to_text` makes of them.
        name: What to call it.

    Raises:
        TokenError: No song has these tokens.
        MidiError: They have no notes.
    """
    numbers = tokens.from_text(ids) if isinstance(ids, str) else np.asarray(ids)
    return Song(Piece(name, read_file(write_midi(tokens.decode(numbers)))))
