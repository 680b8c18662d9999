"""The instrumentation: as before the seam, or in words, "all, violin=always"; without torch."""

import numpy as np

from meloformer.engine.request import PartRequest, Presence, check_bars
from meloformer.errors import ConfigError
from meloformer.score.general_midi import PROGRAM_NAMES, part_name
from meloformer.score.part import DRUM_PROGRAM, Part
from meloformer.tokens import Encoding, Kind, annotate, vocabulary

_HINT = "Write names with commas between them, such as `all, violin=always, drums=silent`."


BARS_BEFORE = 8
"""How many bars before the seam show who plays all the time."""
ALL = "all"
"""The name of all parts of the piece together."""
ALL_THE_TIME = 0.75
"""The share of the bars that a part must play in to be asked to play in every bar."""


def as_before(encoding: Encoding, from_bar: int) -> tuple[PartRequest, ...]:
    """Ask parts that played all the time before the seam for every bar; the others are free.

    Args:
        encoding: The piece.
        from_bar: Bars kept; the seam is the bar line after them.
    """
    first_bar = max(from_bar - BARS_BEFORE, 0)
    bars = _bars_played(encoding, first_bar, from_bar)
    return tuple(
        PartRequest(part, _usual(count, from_bar - first_bar)) for part, count in bars.items()
    )


def as_there(encoding: Encoding, first_bar: int, last_bar: int) -> tuple[PartRequest, ...]:
    """Ask parts for what they do in bars of the piece: play all the time, now and then, or not.

    Where no part plays, all are free.

    Args:
        encoding: The piece.
        first_bar: From 0.
        last_bar: The bar after the last.

    Raises:
        ConfigError: The piece has no such bars.
    """
    check_bars(first_bar, last_bar, encoding.num_bars, encoding.first_number)
    bars = _bars_played(encoding, first_bar, last_bar)
    at_rest = Presence.SILENT if any(bars.values()) else Presence.FREE
    return tuple(
        PartRequest(part, _usual(count, last_bar - first_bar) if count else at_rest)
        for part, count in bars.items()
    )


def _bars_played(encoding: Encoding, first_bar: int, last_bar: int) -> dict[Part, int]:
    notes = annotate(encoding.ids)
    starts = vocabulary().kind[encoding.ids] == Kind.ONSET
    bar = np.searchsorted(encoding.stream_bars, notes.bar, side="right") - 1
    sounding = starts & (bar >= first_bar) & (bar < last_bar)
    return {
        part: len(np.unique(bar[sounding & (notes.part == part.number)])) for part in encoding.parts
    }


def _usual(played: int, num_bars: int) -> Presence:
    return Presence.ALWAYS if played >= ALL_THE_TIME * num_bars else Presence.FREE


def name_of(part: Part) -> str:
    """Name a part: "Piano 2", "Drums"."""
    return part_name(0 if part.is_drum else part.program, part.is_drum, part.instance)


def parse_parts(text: str, before: tuple[PartRequest, ...]) -> tuple[PartRequest, ...]:
    """Read who plays. Parts of the piece that are not named are silent.

    A name is `all` (the parts of the piece), a part of the piece, or any General MIDI instrument;
    the beginning of a name is enough. `=always`, `=free` or `=silent` says how; without it, parts
    of the piece play as before, and new ones always, as do those that are silent but named.

    Args:
        text: Names with commas between them.
        before: The parts of the piece, from `as_before` or `as_there`.

    Raises:
        ConfigError: A name or a word after `=` is not known.
    """
    usual = {request.part: request.presence for request in before}
    requests: dict[Part, Presence] = {}
    for item in text.split(","):
        name, _, word = item.partition("=")
        presence = _presence(word.strip())
        for part in _parts_named(name.strip(), tuple(usual)):
            own = usual.get(part, Presence.SILENT)
            is_asked_for = own is Presence.SILENT and name.strip().casefold() != ALL
            requests[part] = presence or (Presence.ALWAYS if is_asked_for else own)
    return tuple(PartRequest(part, presence) for part, presence in requests.items())


def _presence(word: str) -> Presence | None:
    if not word:
        return None
    if word not in set(Presence):
        raise ConfigError(f"`{word}` is none of always, free and silent.", hint=_HINT)
    return Presence(word)


def _parts_named(name: str, own_parts: tuple[Part, ...]) -> tuple[Part, ...]:
    wanted = name.casefold()
    if wanted == ALL:
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
