"""The words that parts are asked for by: which part, or which new instrument, a word means.

In this order: a track or a part of the piece by its name, a part of the piece whose name or whose
instrument's name has the words, the official General MIDI names, and our names for the same
instruments. Whole words count before beginnings of words, so that "bass" is no bassoon, and both
before words with another ending, so that "Geigen" is a Geige. Accents do not matter.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache

from meloformer.errors import ConfigError
from meloformer.phrases import phrase
from meloformer.score.general_midi import PROGRAM_NAMES, part_name
from meloformer.score.part import DRUM_PROGRAM, MAX_INSTANCES, Part

OwnNames = Mapping[Part, Sequence[str]]
"""The parts of a piece, each with the names that the file has for its tracks."""

_DRUM_NAMES = ("Drums", "Drum kit", "Drum set", "Percussion")
_MAX_LISTED = 12
_WORD = re.compile(r"[^\W_]+")
_ACCENT = re.compile("[\u0300-\u036f]")
"""What stands above and below Latin, Greek and Cyrillic letters."""
_FEWEST_LETTERS = 4
_ENDINGS = ("", *"aeino", "as", "en", "er", "es", "os")
"""What a word of a name may end in besides: Geigen, Violine, violini."""

_Matches = Callable[[str, str], bool]
"""Whether what was said and a name match, to some degree."""


def name_of(part: Part) -> str:
    """Name a part: "Piano 2", "Drums"."""
    return part_name(0 if part.is_drum else part.program, part.is_drum, part.instance)


def find_part(said: str, own: OwnNames) -> Part:
    """Find the part that a name, or some words of it, mean; case and punctuation do not matter.

    Args:
        said: The words.
        own: The parts of the piece.

    Returns:
        A part of the piece, or a new one.

    Raises:
        ConfigError: It means nothing, or several parts or instruments, which the sentence lists.
    """
    words = _words(said)
    for found in _places(said, own) if words else ():
        parts = list(dict.fromkeys(found))
        if len(parts) == 1:
            return parts[0]
        if parts:
            raise ConfigError(
                phrase(
                    "`{said}` may be {listed}.",
                    said=said[:40],
                    listed=_listed(parts, own),
                ),
                hint="Write one of these names.",
            )
    raise ConfigError(
        phrase(
            "No part or instrument is called `{said}`.",
            said=said[:40],
        ),
        hint=phrase(
            "The piece has {listed}.",
            listed=_listed(own, own, "and"),
        )
        if own
        else "",
    )


def is_same_name(said: str, name: str) -> bool:
    """Compare without case, spaces and punctuation, as the standard writes SynthStrings."""
    return "".join(_words(said, plural=True)) == "".join(_words(name, plural=True))


def _places(said: str, own: OwnNames) -> Iterator[Iterable[Part]]:
    """Look in one place after the other, the nearest first."""
    tracks = [(part, name) for part, names in own.items() for name in names]
    parts = [(part, name_of(part)) for part in own]
    shown = [(part, f"{name} {name_of(part)}") for part, name in tracks]
    yield _matching(said, tracks, is_same_name)
    yield _matching(said, [*parts, *shown], is_same_name)
    numbered = [(part, f"{name} {part.instance}") for part, name in tracks]
    yield _matching(said, numbered, is_same_name)
    yield _matching(said, tracks, _has_words)
    instruments = [(part, f"{name} {part.instance}") for part in own for name in _names(part)]
    yield _matching(said, instruments, _has_words)
    official, ours = _new_instruments()
    yield _matching(said, official, is_same_name)
    yield _matching(said, ours, is_same_name)
    yield _one_more(said)
    yield _matching(said, official, _has_words)
    yield _matching(said, ours, _has_words)
    yield _matching(said, [*tracks, *parts, *instruments], _begins_words)
    yield _matching(said, [*official, *ours], _begins_words)
    yield _matching(said, tracks, _has_words_with_endings)
    yield _matching(said, [*parts, *instruments], _has_words_with_endings)
    yield _matching(said, [*official, *ours], _has_words_with_endings)


def _matching(said: str, named: Iterable[tuple[Part, str]], matches: _Matches) -> Iterator[Part]:
    return (part for part, name in named if matches(said, name))


def _one_more(said: str) -> Iterator[Part]:
    """Read "Violin 2" as the second part of that instrument, where the piece has none."""
    name, _, number = said.strip().rpartition(" ")
    if name and number in {str(n) for n in range(2, MAX_INSTANCES + 1)}:
        for named in _new_instruments():
            for part in _matching(name, named, is_same_name):
                yield part if part.is_drum else Part(part.program, int(number))


@cache
def _new_instruments() -> tuple[list[tuple[Part, str]], list[tuple[Part, str]]]:
    """Name every instrument as the standard does, and as we do."""
    official = [(Part(program), _official_names()[program]) for program in range(128)]
    ours = [
        (Part(program), name)
        for program in range(128)
        for name in (PROGRAM_NAMES[program], part_name(program, is_drum=False))
    ]
    return official, [*((Part(DRUM_PROGRAM), name) for name in _DRUM_NAMES), *ours]


@cache
def _official_names() -> Sequence[str]:
    from pretty_midi.constants import INSTRUMENT_MAP  # takes half a second

    names: Sequence[str] = INSTRUMENT_MAP
    return names


def _names(part: Part) -> Sequence[str]:
    if part.is_drum:
        return _DRUM_NAMES
    return (PROGRAM_NAMES[part.program], _official_names()[part.program])


def _has_words(said: str, name: str) -> bool:
    return set(_words(said)) <= set(_words(name))


def _begins_words(said: str, name: str) -> bool:
    words = _words(name)
    return all(any(word.startswith(begun) for word in words) for begun in _words(said))


def _has_words_with_endings(said: str, name: str) -> bool:
    words = _words(name)
    return all(any(_is_with_ending(long, word) for word in words) for long in _words(said))


def _is_with_ending(said: str, word: str) -> bool:
    """Check if a word is another, perhaps with an ending: a plural, or that of a language."""
    is_long = len(word) >= _FEWEST_LETTERS and said.startswith(word)
    return said == word or (is_long and said.removeprefix(word) in _ENDINGS)


def _words(text: str, *, plural: bool = False) -> list[str]:
    """Split into words in small letters without accents.

    "strings" is "string", unless `plural` matters.
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    words = _WORD.findall(_ACCENT.sub("", decomposed))
    if plural:
        return words
    return [word[:-1] if re.search(r"[^s]s$", word) else word for word in words]


def _listed(parts: Iterable[Part], own: OwnNames, joint: str = "or") -> str:
    names = [f"`{_shown(part, own)}`" for part in parts]
    if len(names) > _MAX_LISTED:
        names = [*names[: _MAX_LISTED - 1], f"{len(names) - _MAX_LISTED + 1} more"]
    return " ".join((", ".join(names[:-1]), joint, names[-1])) if len(names) > 1 else names[0]


def _shown(part: Part, own: OwnNames) -> str:
    """Return the file's name of a part where no other has it, or the part's own."""
    every = [name.casefold() for names in own.values() for name in names]
    for name in own.get(part, ()):
        if name and every.count(name.casefold()) == 1:
            return name
    return name_of(part)
