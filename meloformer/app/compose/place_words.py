"""What a run is told that waits for one of the others to end."""

from meloformer.app.places import Waiting
from meloformer.phrases import Phrase, phrase

_MINUTES_FROM_S = 100.0
_ROUND_S = 5


def place_words(waiting: Waiting) -> Phrase:
    """Say how many come before a run, and about how long that takes."""
    if waiting.seconds is None:
        return _count(waiting.before)
    if waiting.seconds >= _MINUTES_FROM_S:
        minutes = round(waiting.seconds / 60)
        if waiting.before == 0:
            return phrase("You are next, in about {minutes} min", minutes=minutes)
        return phrase(
            "{count} before you, about {minutes} min", count=waiting.before, minutes=minutes
        )
    seconds = max(_ROUND_S, round(waiting.seconds / _ROUND_S) * _ROUND_S)
    if waiting.before == 0:
        return phrase("You are next, in about {seconds} s", seconds=seconds)
    return phrase("{count} before you, about {seconds} s", count=waiting.before, seconds=seconds)


def _count(before: int) -> Phrase:
    if before == 0:
        return phrase("You are next")
    return phrase("{count} before you", count=before)
