"""Who plays: as before the seam, or in words, "all, violin=always". Loads without torch."""

import numpy as np

from meloformer.engine.request import PartRequest, Presence
from meloformer.errors import ConfigError
from meloformer.score.general_midi import PROGRAM_NAMES, part_name
from meloformer.score.part import DRUM_PROGRAM, Part
from meloformer.tokens import Encoding, Kind, annotate, vocabulary

_HINT = "Write names with commas between them, such as `all, violin=always, drums=silent`."


BARS_BEFORE = 8
"""How many bars before the seam show who plays all the time."""
ALL_THE_TIME = 0.75
"""The share of the bars that a part must play in to be asked to play in every bar."""


def as_before(encoding: Encoding, from_bar: int) -> tuple[PartRequest, ...]:
    """Who has played all the time before the seam goes on in every bar; the others are free.

    Args:
        encoding: The piece.
        from_bar: Bars kept; the seam is the bar line after them.
    """
    return as_in(encoding, max(from_bar - BARS_BEFORE, 0), from_bar)


def as_in(encoding: Encoding, first_bar: int, last_bar: int) -> tuple[PartRequest, ...]:
    """Who plays all the time in some bars plays in every bar; the others are free.

    Args:
        encoding: The piece.
        first_bar: From 0.
        last_bar: The bar after the last.
    """
    notes = annotate(encoding.ids)
    starts = vocabulary().kind[encoding.ids] == Kind.ONSET
    heard = starts & (notes.bar >= first_bar) & (notes.bar < last_bar)
    requests = []
    for part in encoding.parts:
        bars = len(np.unique(notes.bar[heard & (notes.part == part.number)]))
        plays_on = bars >= ALL_THE_TIME * (last_bar - first_bar)
        requests.append(PartRequest(part, Presence.ALWAYS if plays_on else Presence.FREE))
    return tuple(requests)


def name_of(part: Part) -> str:
    """What to call a part: "Piano 2", "Drums"."""
    return part_name(0 if part.is_drum else part.program, part.is_drum, part.instance)


def parse_parts(text: str, before: tuple[PartRequest, ...]) -> tuple[PartRequest, ...]:
    """Read who plays. Parts of the piece that are not named are silent.

    A name is `all` (the parts of the piece), a part of the piece, or any General MIDI instrument;
    the beginning of a name is enough. `=always`, `=free` or `=silent` says how; without it, parts
    of the piece play as before, and new ones always.

    Args:
        text: Names with commas between them.
        before: The parts of the piece, from `as_before`.

    Raises:
        ConfigError: A name or a word after `=` is not known.
    """
    usual = {request.part: request.presence for request in before}
    requests: dict[Part, Presence] = {}
    for item in text.split(","):
        name, _, word = item.partition("=")
        presence = _presence(word.strip())
        for part in _parts_named(name.strip(), tuple(usual)):
            requests[part] = presence or usual.get(part, Presence.ALWAYS)
    return tuple(PartRequest(part, presence) for part, presence in requests.items())


def _presence(word: str) -> Presence | None:
    if not word:
        return None
    if word not in set(Presence):
        raise ConfigError(f"`{word}` is none of always, free and silent.", hint=_HINT)
    return Presence(word)


def _parts_named(name: str, own_parts: tuple[Part, ...]) -> tuple[Part, ...]:
    wanted = name.casefold()
    if wanted == "all":
        return own_parts
    own = {name_of(part).casefold(): part for part in own_parts}
    if wanted in own:
        return (own[wanted],)
    known = {part_name(program, False).casefold(): Part(program) for program in range(128)}
    known |= {full.casefold(): Part(program) for program, full in enumerate(PROGRAM_NAMES)}
    known["drums"] = Part(DRUM_PROGRAM)
    for names in (own, known):
        exact = [part for full, part in names.items() if full == wanted]
        starting = [part for full, part in names.items() if wanted and full.startswith(wanted)]
        if exact or starting:
            return ((exact or starting)[0],)
    raise ConfigError(f"No part or instrument is called `{name[:40]}`.", hint=_HINT)
