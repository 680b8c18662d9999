"""A form as references: what each new bar is drawn to."""

import math

import numpy as np
from numpy.typing import NDArray

from meloformer.engine.constraints.likeness import Pull, ReferenceBar
from meloformer.engine.handles.form import BarLink, FormPlan
from meloformer.errors import ConfigError
from meloformer.phrases import phrase
from meloformer.tokens import Encoding
from meloformer.tokens.bar_contents import BarContent, bar_contents

PITCHES, RHYTHM, CHORDS = 0.8, 2.2, 3.5
"""Nats in the middle of the dial: in its manner is the rhythm more than the notes. A chord is one
of 217, and a section that comes again over other chords is not heard as the same.
"""
STEEPNESS = 1.2
"""How much stronger it grows with the log odds of the dial."""
NEW = Pull(pitches=-3.0, rhythm=-0.75, chords=-1.5)
"""At 0: other notes make a bar another one; a rhythm and a chord may go on."""
AGAIN = Pull(pitches=100.0, rhythm=100.0, chords=100.0)
"""At 1: nothing else is drawn where there is a choice."""


def pull_of(likeness: float) -> Pull:
    """Return how strongly tokens are drawn to those of a reference.

    Args:
        likeness: From 0 to 1.
    """
    if likeness >= 1.0:
        return AGAIN
    if likeness <= 0.0:
        return NEW
    more = STEEPNESS * math.log(likeness / (1.0 - likeness))
    middle = (PITCHES, RHYTHM, CHORDS)
    return Pull(*(max(least, one + more) for least, one in zip(NEW, middle, strict=True)))


def references_of(
    form: FormPlan,
    encoding: Encoding,
    stream_bars: NDArray[np.int64],
    *,
    first_bar: int,
    rewrites: bool,
) -> list[ReferenceBar | None]:
    """Return what each bar of the stream that is written is drawn to.

    The first section of each letter but the first leads away from the section before it. A bar
    that is written again means what it becomes where a later one is like it, and what it was
    where it is like itself.

    Args:
        form: As asked for.
        encoding: The piece.
        stream_bars: As `Task.stream_bars`.
        first_bar: The bar of the stream, from 0, at whose line the new bars begin.
        rewrites: Whether the new bars stand in the place of others.

    Raises:
        ConfigError: The form asks for bars that there are not.
    """
    num_bars = len(stream_bars) - 1
    seam = int(np.searchsorted(encoding.stream_bars, first_bar))
    likes = _of_sections(form, num_bars, seam)
    for link in form.links:
        likes |= _of_link(link, form.likeness, encoding, (seam, seam + num_bars), rewrites=rewrites)
    given = _given(encoding, likes, seam)
    found: list[ReferenceBar | None] = [None] * int(stream_bars[-1])
    for bar, (like, likeness) in likes.items():
        pull = pull_of(likeness)
        places = range(*stream_bars[bar - seam : bar - seam + 2].tolist())
        if seam <= like < bar:
            of = range(*stream_bars[like - seam : like - seam + 2].tolist())
            for place, written in zip(places, of, strict=False):
                found[place] = ReferenceBar(pull, written=written)
        else:
            for place, content in zip(places, given[like], strict=False):
                found[place] = ReferenceBar(pull, given=content)
    return found


def _of_sections(form: FormPlan, num_bars: int, seam: int) -> dict[int, tuple[int, float]]:
    """Return which bar of the piece, from 0, each new bar is like, and how much."""
    if not form.sections:
        return {}
    likes: dict[int, tuple[int, float]] = {}
    starts: dict[str, tuple[int, int]] = {}
    start, before = seam, (seam, 0)
    for section, length in zip(form.sections, form.lengths(num_bars), strict=True):
        is_again = section.letter in starts
        like, like_length = starts.setdefault(section.letter, (start, length))
        if not is_again:
            like, like_length = before
        for bar in range(length if like_length else 0):
            likes[start + bar] = like + bar % like_length, form.likeness if is_again else 0.0
        before = start, length
        start += length
    return likes


def _of_link(
    link: BarLink, likeness: float, encoding: Encoding, news: tuple[int, int], *, rewrites: bool
) -> dict[int, tuple[int, float]]:
    number = encoding.first_number
    for bar in (link.first, link.last):
        if not news[0] <= bar - number < news[1]:
            raise ConfigError(
                phrase(
                    "Bar {bar} is none of the new bars, which are {first} to {last}.",
                    bar=bar,
                    first=news[0] + number,
                    last=news[1] - 1 + number,
                ),
                hint=phrase(
                    "The new bar comes first, such as 9=1; both are numbered as on the ruler."
                ),
            )
    likes = {}
    count = link.like_last - link.like_first + 1
    end = encoding.num_bars if rewrites else news[1]
    for place, bar in enumerate(range(link.first, link.last + 1)):
        like = link.like_first + place % count
        if not number <= like < end + number:
            raise ConfigError(phrase("There is no bar {bar} to be like.", bar=like))
        if like >= bar and not rewrites:
            raise ConfigError(
                phrase("Bar {bar} can't be like bar {like}, which comes later.", bar=bar, like=like)
                if like > bar
                else phrase("Bar {bar} can't be like itself.", bar=bar)
            )
        likes[bar - number] = like - number, likeness
    return likes


def _given(
    encoding: Encoding, likes: dict[int, tuple[int, float]], seam: int
) -> dict[int, list[BarContent]]:
    """Return the contents of the bars of the piece that others are like, by bar."""
    wanted = {like for bar, (like, _) in likes.items() if not seam <= like < bar}
    if not wanted:
        return {}
    lines = encoding.stream_bars
    first, last = int(lines[min(wanted)]), int(lines[max(wanted) + 1])
    contents = bar_contents(encoding.ids, first, last)
    return {bar: contents[lines[bar] - first : lines[bar + 1] - first] for bar in wanted}
