"""Form: which new bars are like which others, and how much.

Loads without torch.
"""

import re
from dataclasses import dataclass

from meloformer.errors import ConfigError
from meloformer.phrases import phrase

MAX_SECTIONS = 64
MAX_LINKS = 64
USUAL_LIKENESS = 0.8
"""Recognisably again, with something of its own."""
MAX_TEXT = 400

_SECTION = re.compile(r"([A-Za-z])\s*(\d{0,3})[\s,|–-]*", re.ASCII)
_LINK = re.compile(
    r"\s*(\d{1,5})\s*(?:[-–]\s*(\d{1,5}))?\s*=\s*(\d{1,5})\s*(?:[-–]\s*(\d{1,5}))?\s*", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Section:
    """A letter of a form."""

    letter: str
    """Sections of one letter are like the first of them."""
    num_bars: int = 0
    """0 where all sections share the new bars equally."""


@dataclass(frozen=True, slots=True)
class BarLink:
    """New bars that are like others. Bars are numbered as musicians do."""

    first: int
    last: int
    like_first: int
    like_last: int
    """Fewer bars than the new ones are gone through again."""

    def __post_init__(self) -> None:
        if self.first > self.last or self.like_first > self.like_last:
            raise ConfigError(
                phrase("The bars in {link} are turned round.", link=self.text),
                hint=phrase("The first comes first, such as 9-12=1-4."),
            )
        if self.like_last - self.like_first > self.last - self.first:
            raise ConfigError(
                phrase("In {link} more bars are to be repeated than there are new.", link=self.text)
            )

    @property
    def text(self) -> str:
        """How it is written: "9-12=1-4"."""
        return f"{_range(self.first, self.last)}={_range(self.like_first, self.like_last)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormPlan:
    """A plan over the new bars."""

    sections: tuple[Section, ...] = ()
    links: tuple[BarLink, ...] = ()
    """They count more than the sections."""
    likeness: float = USUAL_LIKENESS
    """0 is new, away from what is there; 0.5 in its manner, 1 again."""

    def __post_init__(self) -> None:
        if not self.sections and not self.links:
            raise ConfigError(phrase("A form needs letters, or bars that are like others."))
        if len(self.sections) > MAX_SECTIONS or len(self.links) > MAX_LINKS:
            raise ConfigError(phrase("The form is longer than the bars that can be asked for."))
        if len({bool(one.num_bars) for one in self.sections}) > 1:
            raise ConfigError(
                phrase("Either all sections of a form say how long they are, or none."),
                hint=phrase("Write AABA, or A8 A8 B4 A8."),
            )
        if not 0 <= self.likeness <= 1:  # false for NaN too
            raise ConfigError(
                phrase(
                    "The likeness must be between 0 and 1, not {likeness:g}.",
                    likeness=self.likeness,
                ),
                hint=phrase("0 is new, 0.5 in its manner, 1 again."),
            )

    @property
    def sections_text(self) -> str:
        """How the sections are written: "AABA" or "A8 B4"."""
        lengths = any(one.num_bars for one in self.sections)
        written = [f"{one.letter}{one.num_bars if lengths else ''}" for one in self.sections]
        return (" " if lengths else "").join(written)

    @property
    def links_text(self) -> str:
        """How the bars that are like others are written: "9=1, 13-16=1-4"."""
        return ", ".join(link.text for link in self.links)

    def lengths(self, num_bars: int) -> list[int]:
        """Return the bars of each section.

        Args:
            num_bars: New bars.

        Raises:
            ConfigError: The sections don't come to so many.
        """
        if not any(one.num_bars for one in self.sections):
            length, left = divmod(num_bars, len(self.sections))
            if left:
                raise ConfigError(
                    phrase(
                        "{bars} bars can't be shared equally among the {count} sections of {form}.",
                        bars=num_bars,
                        count=len(self.sections),
                        form=self.sections_text,
                    ),
                    hint=phrase(
                        "Ask for a multiple of that, or say how long each is, such as A4 B4 A8."
                    ),
                )
            return [length] * len(self.sections)
        total = sum(one.num_bars for one in self.sections)
        if total != num_bars:
            raise ConfigError(
                phrase(
                    "The form {form} has {total} bars, and {bars} are asked for.",
                    form=self.sections_text,
                    total=total,
                    bars=num_bars,
                ),
                hint=phrase("Let the two agree."),
            )
        return [one.num_bars for one in self.sections]


def parse_form(sections: str, like: str, likeness: float = USUAL_LIKENESS) -> FormPlan | None:
    """Read a form as it is typed; `None` where nothing is.

    Args:
        sections: Letters, "AABA", with bars after them if they are not equally long, "A8 B4".
        like: "9=1, 13-16=1-4".
        likeness: From 0, new, to 1, again.

    Raises:
        ConfigError: It is not understood.
    """
    if max(len(sections), len(like)) > MAX_TEXT:
        raise ConfigError(phrase("The form is longer than the bars that can be asked for."))
    read = _sections(sections), tuple(map(_link, filter(str.strip, like.split(","))))
    return FormPlan(sections=read[0], links=read[1], likeness=likeness) if any(read) else None


def _sections(text: str) -> tuple[Section, ...]:
    found, at = [], 0
    text = text.strip()
    while at < len(text):
        match = _SECTION.match(text, at)
        if match is None or match[2].startswith("0"):
            raise ConfigError(
                phrase("`{text}` is no form.", text=text[:40]),
                hint=phrase("Write letters such as AABA, or with bars such as A8 A8 B4 A8."),
            )
        found.append(Section(match[1].upper(), int(match[2] or 0)))
        at = match.end()
    return tuple(found)


def _link(text: str) -> BarLink:
    match = _LINK.fullmatch(text)
    if match is None:
        raise ConfigError(
            phrase("`{text}` does not say which bar is like which.", text=text.strip()[:40]),
            hint=phrase("Write it such as 9=1, or 9-12=1-4."),
        )
    first, last, like_first, like_last = (int(one) if one else None for one in match.groups())
    assert first is not None
    assert like_first is not None
    return BarLink(
        first,
        first if last is None else last,
        like_first,
        like_first if like_last is None else like_last,
    )


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"
