"""Ensembles to begin with: who plays, in which key, metre and tempo; and the usual instruments.

Loads without torch.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from meloformer.engine.part_words import find_part
from meloformer.errors import ConfigError
from meloformer.phrases import phrase
from meloformer.score.part import DRUM_PROGRAM, MAX_INSTANCES, Part

_DRUMS = Part(DRUM_PROGRAM)


@dataclass(frozen=True, slots=True)
class Ensemble:
    """Instruments that play together, and what they often play."""

    name: str
    """As the page calls it; in any case where it is typed."""
    parts: tuple[Part, ...]
    key: str
    """As `parse_scale` reads it."""
    metre: tuple[int, int]
    tempo: int
    """Quarters a minute."""


ENSEMBLES = (
    Ensemble(phrase("Piano trio"), (Part(0), Part(32), _DRUMS), "F", (4, 4), 140),
    Ensemble(phrase("Jazz combo"), (Part(66), Part(0), Part(32), _DRUMS), "Bb", (4, 4), 150),
    Ensemble(phrase("Rock band"), (Part(29), Part(27), Part(33), _DRUMS), "Em", (4, 4), 124),
    Ensemble(phrase("Pop band"), (Part(0), Part(25), Part(33), _DRUMS), "C", (4, 4), 100),
    Ensemble(
        phrase("String quartet"), (Part(40), Part(40, 2), Part(41), Part(42)), "G", (4, 4), 96
    ),
    Ensemble(phrase("Solo piano"), (Part(0), Part(0, 2)), "Am", (4, 4), 90),  # its two hands
    Ensemble(phrase("Waltz"), (Part(40), Part(0), Part(42)), "D", (3, 4), 132),
    Ensemble(phrase("Choir"), (Part(52), Part(52, 2), Part(52, 3), Part(52, 4)), "F", (4, 4), 80),
    Ensemble(phrase("Folk tune"), (Part(110), Part(25)), "D", (6, 8), 110),
)
_USUAL = {
    "bass": Part(33),
    "guitar": Part(25),
    "electric guitar": Part(27),
    "sax": Part(65),
    "saxophone": Part(65),
    "strings": Part(48),
    "organ": Part(16),
    "choir": Part(52),
    "voice": Part(52),
    "synth": Part(81),
    "horn": Part(60),
    "electric piano": Part(4),
}
"""What words mean that several instruments have in their names."""


def find_ensemble(name: str) -> Ensemble | None:
    """Return the ensemble of this name, in any case; `None` if there is none."""
    said = " ".join(name.split()).casefold()
    return next((one for one in ENSEMBLES if one.name.casefold() == said), None)


def parse_ensemble(said: str | Sequence[str]) -> tuple[Part, ...]:
    """Read who is to play: the name of an ensemble, or instruments with commas between them.

    An instrument that is named twice plays two parts.

    Raises:
        ConfigError: A name means nothing, or several instruments.
    """
    if isinstance(said, str) and (ensemble := find_ensemble(said)):
        return ensemble.parts
    names = said.split(",") if isinstance(said, str) else list(said)
    seen: Counter[int] = Counter()
    parts: list[Part] = []
    for name in names:
        word = " ".join(name.split()).casefold()
        part = _USUAL.get(word) or find_part(name, {})
        if part.is_drum and part in parts:
            continue
        seen[part.program] += 1
        instance = max(part.instance, seen[part.program])
        if instance > MAX_INSTANCES:
            raise ConfigError(
                phrase("One instrument plays at most {most} parts.", most=MAX_INSTANCES)
            )
        parts.append(part if part.is_drum else Part(part.program, instance))
    if len(set(parts)) < len(parts):
        raise ConfigError("One part is named twice.")
    return tuple(parts)
