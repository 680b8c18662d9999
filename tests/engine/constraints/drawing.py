"""Random parts and reaches, and streams drawn under constraints."""

from collections.abc import Iterable

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from meloformer.engine.constraints import (
    Constraint,
    Constraints,
    CurrentBar,
    Mask,
    Reach,
    TokenGrammar,
)
from meloformer.engine.plan import Plan
from meloformer.score import Part
from meloformer.tokens import Cursor, vocabulary

NAMES = [Part(128), Part(0), Part(0, 2), Part(0, 8), Part(33), Part(40, 3), Part(127)]
PARTS = st.sampled_from(NAMES)
LOGITS = np.zeros(vocabulary().size, dtype=np.float32)


BAR = CurrentBar()


@st.composite
def reaches(draw) -> dict[Part, Reach]:
    """What some of the parts can play; often little."""
    pitches = st.sets(st.integers(0, 127), min_size=1, max_size=5)
    one = st.builds(reach_on, pitches, st.sampled_from([1, 2, 128]))
    return draw(st.dictionaries(PARTS, one, max_size=len(NAMES)))


@st.composite
def plans(draw) -> Plan:
    """Plans of a few bars, in which some parts may and some must play."""
    chords = st.lists(st.none() | st.integers(0, 216), max_size=3)
    return Plan(
        num_bars=draw(st.integers(1, 4)),
        may_play=draw(st.frozensets(PARTS, min_size=1, max_size=4)),
        must_play=draw(st.frozensets(PARTS, max_size=3)),
        reach=draw(reaches()),
        chords=tuple(draw(chords)),
    )


def reach_on(pitches: Iterable[int], together: int = 128) -> Reach:
    """Return what a part can play that has these pitches alone."""
    return Reach(np.isin(np.arange(128), list(pitches)), together)


def cursor_after(text: str) -> Cursor:
    """Return a cursor after the tokens of a text."""
    cursor = Cursor()
    for name in text.split():
        cursor.advance(vocabulary().id_of[name])
    return cursor


def allowed(constraint: Constraint, text: str, bar: CurrentBar = BAR) -> set[str]:
    """Return the names of the tokens that grammar and a constraint allow after a text."""
    return names(
        Constraints([TokenGrammar(), constraint]).choice(cursor_after(text), bar, LOGITS).legal
    )


def names(mask: Mask) -> set[str]:
    """Return the names of the tokens in a mask."""
    return {vocabulary().names[token] for token in np.flatnonzero(mask)}


def draw_bars(
    constraints: Iterable[Constraint], cursor: Cursor, num_bars: int, rng: np.random.Generator
) -> NDArray[np.uint16]:
    """Draw that many bars; every kind of token that may come is as likely."""
    together = Constraints(constraints)
    kind = vocabulary().kind
    bar = CurrentBar()
    ids: list[int] = []
    while bar.number < num_bars:
        legal = np.flatnonzero(together.choice(cursor, bar, LOGITS).legal)
        assert len(legal), f"nothing may come after {cursor.state.name}"
        kinds = kind[legal]
        ids.append(int(rng.choice(legal[kinds == rng.choice(np.unique(kinds))])))
        cursor.advance(ids[-1])
        bar = bar.after(cursor.state)
    return np.array(ids, dtype=np.uint16)
