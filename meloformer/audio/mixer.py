"""The mixer: how loud each part is heard, as numbers that travel as JSON.

`{"<part number>": {"muted": bool, "solo": bool, "gain_db": number}}`; what is left out is as it is
rendered.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from meloformer.errors import AudioError
from meloformer.phrases import phrase
from meloformer.score.part import NUM_PARTS

MIN_GAIN_DB: Final = -60.0
MAX_GAIN_DB: Final = 12.0


@dataclass(frozen=True, slots=True)
class PartLevel:
    """How one part is heard."""

    muted: bool = False
    solo: bool = False
    """Only parts with this are heard, if there is any."""
    gain_db: float = 0.0
    """From `MIN_GAIN_DB` to `MAX_GAIN_DB`; 0 is as rendered."""

    def __post_init__(self) -> None:
        """Check the gain.

        Raises:
            AudioError: It is no number, or out of range.
        """
        if not MIN_GAIN_DB <= self.gain_db <= MAX_GAIN_DB:  # nor is what is no number
            raise AudioError(
                phrase(
                    "A part is turned up or down by {min_gain_db:.0f} to {max_gain_db:.0f} dB.",
                    min_gain_db=MIN_GAIN_DB,
                    max_gain_db=MAX_GAIN_DB,
                )
            )


@dataclass(frozen=True, slots=True)
class Mixer:
    """The levels of the parts of a piece."""

    levels: Mapping[int, PartLevel] = field(default_factory=lambda: MappingProxyType({}))
    """By part number; a part that is not there is as it is rendered."""

    @property
    def is_flat(self) -> bool:
        """Whether all parts are heard as they are rendered."""
        return all(level == PartLevel() for level in self.levels.values())

    def gain(self, part: int) -> float:
        """Return the factor by which a part is turned up; 0 if it is not heard."""
        level = self.levels.get(part, PartLevel())
        has_solo = any(one.solo for one in self.levels.values())
        if level.muted or (has_solo and not level.solo):
            return 0.0
        return float(10 ** (level.gain_db / 20))

    def to_json(self) -> dict[str, dict[str, Any]]:
        """Return the form that `mixer_of` reads."""
        return {
            str(part): {"muted": one.muted, "solo": one.solo, "gain_db": one.gain_db}
            for part, one in sorted(self.levels.items())
        }


def solo_of(part: int) -> Mixer:
    """Return a mixer in which one part is heard alone: its stem."""
    return Mixer({part: PartLevel(solo=True)})


def mixer_of(message: object) -> Mixer:
    """Read a mixer that came as JSON.

    Raises:
        AudioError: It has another form.
    """
    if not isinstance(message, Mapping) or len(message) > NUM_PARTS:
        raise AudioError("The mixer's settings are not those of parts.")
    return Mixer({_part(part): _level(level) for part, level in message.items()})


def _part(name: object) -> int:
    number = str(name)
    if not (number.isascii() and number.isdigit() and int(number[:6]) < NUM_PARTS):
        raise AudioError("The mixer names a part that there is not.")
    return int(number)


def _level(level: object) -> PartLevel:
    if not isinstance(level, Mapping) or not level.keys() <= {"muted", "solo", "gain_db"}:
        raise AudioError("The mixer says of a part what it does not know.")
    muted, solo, gain_db = (
        level.get(name, default)
        for name, default in (("muted", False), ("solo", False), ("gain_db", 0.0))
    )
    is_number = isinstance(gain_db, int | float) and not isinstance(gain_db, bool)
    if not (isinstance(muted, bool) and isinstance(solo, bool) and is_number):
        raise AudioError("A part is muted or not, alone or not, and turned up by a number.")
    return PartLevel(muted, solo, gain_db)
