"""Accidentals: which of them are shown, as the key and the notes before in the bar say.

music21 can tell, too, but looks through the whole part for every bar.
"""

from collections.abc import Iterable

from music21 import note, pitch

_SHARPS = "FCGDAEB"


def show_accidentals(notes: Iterable[note.GeneralNote], signature: int) -> None:
    """Show the accidentals of a bar that are news, in place.

    Args:
        notes: Of all voices of a staff, in order.
        signature: The sharps of the key, or its flats as a negative number.
    """
    of_key = dict.fromkeys(_SHARPS[: max(signature, 0)], 1)
    of_key |= dict.fromkeys(_SHARPS[::-1][: max(-signature, 0)], -1)
    in_bar: dict[tuple[str, int | None], float] = {}
    for one in notes:
        goes_on = one.tie is not None and one.tie.type in ("stop", "continue")
        for sounding in one.pitches:
            place = sounding.step, sounding.octave
            before = in_bar.get(place, of_key.get(sounding.step, 0))
            if sounding.accidental is None and before:
                sounding.accidental = pitch.Accidental("natural")
            is_news = sounding.alter != before and not goes_on
            if sounding.accidental is not None:
                sounding.accidental.displayStatus = is_news
            if is_news:
                in_bar[place] = sounding.alter
