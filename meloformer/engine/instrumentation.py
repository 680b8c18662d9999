"""The instrumentation: as before the seam, or in words, "all, violin=always"; without torch."""

from collections.abc import Sequence

import numpy as np

from meloformer.engine.part_words import OwnNames, find_part, is_same_name, name_of
from meloformer.engine.request import PartRequest, Presence, check_bars
from meloformer.errors import ConfigError
from meloformer.phrases import phrase
from meloformer.score.part import Part
from meloformer.tokens import Encoding, Kind, annotate, vocabulary

__all__ = ["as_before", "as_there", "name_of", "parse_parts"]

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


def parse_parts(
    said: str | Sequence[str], before: tuple[PartRequest, ...], tracks: OwnNames | None = None
) -> tuple[PartRequest, ...]:
    """Read who plays. Parts of the piece that are not named are silent.

    A name is `all` (the parts of the piece), or what `part_words` finds: a part of the piece or a
    new instrument. `=always`, `=free` or `=silent` says how; without it, parts of the piece play as
    before, and new ones always, as do those that are silent but named.

    Args:
        said: Names with commas between them, or a list of names.
        before: The parts of the piece, from `as_before` or `as_there`.
        tracks: What the file calls its parts, from `Piece.track_names`.

    Raises:
        ConfigError: A name or a word after `=` is not known, a name means several parts, or there
            is a comma without a name.
    """
    usual = {request.part: request.presence for request in before}
    names = tracks or {}
    in_order = [*(part for part in names if part in usual), *usual]  # as the file has them
    own = {part: tuple(names.get(part, ())) for part in in_order}
    requests: dict[Part, Presence] = {}
    for item in _items(said, own) if isinstance(said, str) else said:
        name, presence = _name_and_presence(item)
        is_all = name.casefold() == ALL
        for part in usual if is_all else (find_part(name, own),):
            if is_all and part in requests:
                continue  # who is named is meant, even before the others
            before_it = usual.get(part, Presence.SILENT)
            is_asked_for = before_it is Presence.SILENT and not is_all
            requests[part] = presence or (Presence.ALWAYS if is_asked_for else before_it)
    return tuple(PartRequest(part, presence) for part, presence in requests.items())


def _items(text: str, own: OwnNames) -> list[str]:
    """Split at the commas that are not within the name of a track."""
    with_commas = [name for names in own.values() for name in names if "," in name]
    pieces = text.split(",")
    items: list[str] = []
    while pieces:
        item = pieces[0]
        for name in with_commas:
            joined = ",".join(pieces[: name.count(",") + 1])
            if any(is_same_name(said, name) for said in (joined, joined.rpartition("=")[0])):
                item = joined
        items.append(item)
        del pieces[: item.count(",") + 1]
    return items


def _name_and_presence(item: str) -> tuple[str, Presence | None]:
    name, equals, word = (piece.strip() for piece in item.rpartition("="))
    if not equals:
        name, word = word, ""
    if not name and equals:
        raise ConfigError(
            phrase(
                "No name stands before `={word}`.",
                word=word[:40],
            ),
            hint=_HINT,
        )
    if not name:
        raise ConfigError("No part is named where a name should stand.", hint=_HINT)
    if not equals:
        return name, None
    if word.casefold() not in set(Presence):
        raise ConfigError(
            phrase(
                "`{word}` is none of always, free and silent.",
                word=word[:40],
            ),
            hint=_HINT,
        )
    return name, Presence(word.casefold())
