"""What the visitor set, as a request: the one place that knows the order of the inputs."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

from meloformer.engine.request import (
    ContinueRequest,
    PartRequest,
    Presence,
    SamplingConfig,
)
from meloformer.errors import ConfigError
from meloformer.score.chords import CHORD_NAMES, parse_chords
from meloformer.score.part import NUM_PARTS, Part


@dataclass(frozen=True, slots=True)
class Settings:
    """The compose form. Field order is the order of the inputs on the page."""

    parts: object = None
    """What the parts picker holds; it comes from a browser, so anything."""
    num_bars: float = 8
    chords: str | None = ""
    adventure: float = 0.5
    num_candidates: float = 2
    seed: str | None = ""
    """Empty: a new one each time."""
    by_hand: bool = False
    """Whether the four numbers below count instead of the dial."""
    temperature: float = 1.0
    top_k: float = 0
    top_p: float = 1.0
    min_p: float = 0.04

    def request(self, from_bar: int | None) -> ContinueRequest:
        """Turn the form into a request.

        Raises:
            ConfigError: A setting is out of range, or a chord unknown.
        """
        sampling = SamplingConfig.from_adventure(float(self.adventure))
        if self.by_hand:
            sampling = SamplingConfig(
                temperature=float(self.temperature),
                top_k=int(self.top_k),
                top_p=float(self.top_p),
                min_p=float(self.min_p),
            )
        return ContinueRequest(
            num_bars=int(self.num_bars),
            parts=part_requests(self.parts),
            chords=parse_chords(self.chords or ""),
            num_candidates=int(self.num_candidates),
            seed=read_seed(self.seed or ""),
            sampling=sampling,
            from_bar=from_bar,
        )


def read_seed(text: str) -> int:
    """The seed that was typed, or a new one.

    Raises:
        ConfigError: It is not a whole number.
    """
    digits = text.strip()
    if not digits:
        return random.randint(1, 99_999)
    if not (digits.isascii() and digits.isdigit()):
        raise ConfigError(f"The seed must be a whole number, not `{digits}`.")
    return int(digits)


def part_requests(picked: object) -> tuple[PartRequest, ...]:
    """Read what the parts picker holds.

    Raises:
        ConfigError: It is not a list of parts.
    """
    if picked is None:
        return ()
    try:
        rows = picked["rows"] if isinstance(picked, Mapping) else None
        if not isinstance(rows, list):
            raise TypeError
        requests = {}
        for row in rows:
            number = int(row["number"])
            if not 0 <= number < NUM_PARTS:
                raise ValueError
            part = Part.from_number(number)
            requests[part] = PartRequest(part, Presence(row["presence"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(
            "The list of parts could not be read.", hint="Load the page again."
        ) from error
    return tuple(requests.values())


def chords_sentence(text: str) -> str:
    """Say at once whether the chords are understood, and how they will be used."""
    chords = parse_chords(text)
    if not chords:
        return ""
    names = " ".join(CHORD_NAMES[chord] for chord in chords)
    if len(chords) == 1:
        return f"{names} in every bar."
    return f"{names}: one a bar, then from the start again."
