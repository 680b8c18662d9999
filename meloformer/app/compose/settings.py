"""The settings of the compose form, and the request that they make."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from meloformer.engine.handles.form import USUAL_LIKENESS
from meloformer.engine.request import (
    ContinueRequest,
    PartRequest,
    Presence,
    RewriteRequest,
    SamplingConfig,
    parse_bars,
)
from meloformer.errors import ConfigError
from meloformer.phrases import filled, phrase, plural
from meloformer.score.accidentals import with_signs
from meloformer.score.chords import parse_chords, read_chords, reductions
from meloformer.score.part import NUM_PARTS, Part

CONTINUE, REWRITE = "Continue", "Write bars again"
"""The two tasks, as the page calls them."""
KEPT = "kept"
"""The value of a part that is not written again, where another has a `Presence`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The compose form. Its values come from a browser."""

    task: str = CONTINUE
    """`CONTINUE` or `REWRITE`."""
    parts: object = None
    """The value of the parts picker; it comes from a browser, so it may be anything."""
    shape: object = None
    """What new notes are held by, as `meloformer.app.compose.shape` reads it."""
    stays: str | None = ""
    """What stays of bars that are written again: one of `shape.STAYS`."""
    num_bars: float = 8
    bars_again: str | None = ""
    """The bars to write again, such as 9-12."""
    chords: str | None = ""
    sections: str | None = ""
    """Of the form, such as AABA."""
    like: str | None = ""
    """Bars like others, such as 9=1."""
    likeness: float = USUAL_LIKENESS
    ending: bool = False
    own_repetition: bool = True
    tempo_changes: str | None = ""
    """Such as 9=120, bars as on the ruler."""
    metre_changes: str | None = ""
    """Such as 13=3/4."""
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

    def request(
        self, from_bar: int | None, first_number: int = 1
    ) -> ContinueRequest | RewriteRequest:
        """Turn the form into a request.

        Args:
            from_bar: Bars to keep when the piece is continued; `None` keeps all.
            first_number: The number of the first bar of the piece: 0 for a pickup.

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
        common: dict[str, Any] = {
            "parts": part_requests(self.parts),
            "chords": parse_chords(self.chords or ""),
            "num_candidates": int(self.num_candidates),
            "seed": read_seed(self.seed or ""),
            "sampling": sampling,
        }
        if self.task != REWRITE:
            return ContinueRequest(num_bars=int(self.num_bars), from_bar=from_bar, **common)
        if self.parts is not None and not common["parts"]:
            raise ConfigError("All parts are kept as they are.", hint="Choose one to write again.")
        first, last = parse_bars(self.bars_again or "", first_number)
        return RewriteRequest(first_bar=first, last_bar=last, **common)


def bars_text(bars: tuple[int, int] | None, first_number: int = 1) -> str:
    """Return bars as musicians count them, such as 9-12; empty for none."""
    if bars is None:
        return ""
    first, last = bars[0] + first_number, bars[1] - 1 + first_number
    return f"{first}-{last}" if last > first else str(first)


def go_text(task: str, bars: tuple[int, int] | None, first_number: int = 1) -> str:
    """Return the words on the button that starts the task."""
    if task != REWRITE:
        return phrase("Continue")
    if bars is None:
        return phrase("Write again")
    written = bars_text(bars, first_number).replace("-", "–")
    return plural(
        "Write bar {bars} again", "Write bars {bars} again", bars[1] - bars[0], bars=written
    )


def read_seed(text: str) -> int:
    """Return the seed that was typed, or a new one.

    Raises:
        ConfigError: It is not a whole number.
    """
    digits = text.strip()
    if not digits:
        return random.randint(1, 99_999)
    if not (digits.isascii() and digits.isdigit()):
        raise ConfigError(
            phrase(
                "The seed must be a whole number, not `{digits}`.",
                digits=digits,
            )
        )
    return int(digits)


def part_requests(picked: object) -> tuple[PartRequest, ...]:
    """Read the value of the parts picker, but for parts that are kept as they are.

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
            if row["presence"] == KEPT:
                continue
            requests[part] = PartRequest(part, Presence(row["presence"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(
            "The list of parts could not be read.", hint="Load the page again."
        ) from error
    return tuple(requests.values())


def chords_sentence(text: str) -> str:
    """Return how the chords are understood and will be used, and which of them are simplified."""
    readings = read_chords(text)
    if not readings:
        return ""
    names = " ".join(reading.name for reading in readings)
    names = with_signs(names)
    said = phrase("{chords} in every bar.", chords=names)
    if len(readings) > 1:
        said = phrase("{chords}: one a bar, then from the start again.", chords=names)
    simplified = with_signs(reductions(readings))
    return filled("{said} {simplified}", said=said, simplified=simplified) if simplified else said
