"""Recipes that tests need."""

from hypothesis import strategies as st

from meloformer.engine.handles import (
    Density,
    Handles,
    Keep,
    Lock,
    LockedLine,
    NotesAtOnce,
    PitchRange,
    RhythmGrid,
    VelocityRange,
)
from meloformer.engine.handles.form import parse_form
from meloformer.engine.recipe import Recipe, RecipeTask
from meloformer.engine.request import (
    MAX_BARS,
    MAX_REWRITE_BARS,
    PartRequest,
    Presence,
    SamplingConfig,
)
from meloformer.score.chords import CHORD_NAMES
from meloformer.score.part import NUM_PARTS, Part
from meloformer.score.scales import MODES, Scale

RECIPE = Recipe(
    task=RecipeTask.CONTINUE,
    first_bar=5,
    num_bars=8,
    num_finished=8,
    at_end=True,
    parts=(PartRequest(Part(0), Presence.ALWAYS), PartRequest(Part(128))),
    chords=(1, 74),
    sampling=SamplingConfig.from_adventure(0.5),
    seed=7,
    copy_guard=True,
    model="untrained",
    model_hash="0" * 64,
    parent="f" * 64,
)

_hashes = st.text("0123456789abcdef", min_size=64, max_size=64)
_filters = st.builds(
    SamplingConfig,
    temperature=st.floats(0.05, 5),
    top_k=st.integers(0, 1000),
    top_p=st.floats(0.01, 1),
    min_p=st.floats(0, 0.9),
)


_FORMS = st.sampled_from(["", "AABA", "A8 B12"])
_PARTS = [Part(0), Part(0, 8), Part(33), Part(128)]


@st.composite
def asked_handles(draw, *, rewrites: bool) -> Handles:
    """Any handles that do not contradict each other by themselves."""

    def of_parts(make):
        parts = draw(st.lists(st.sampled_from(_PARTS), unique=True))
        return tuple(draw(make(part)) for part in parts)

    densities = of_parts(lambda part: st.builds(Density, st.just(part), st.floats(0.1, 8.0)))
    keeps = rewrites and not densities and draw(st.booleans())
    lines = st.lists(st.builds(Lock, st.sampled_from(_PARTS), st.sampled_from(LockedLine)))
    locks = rewrites and not keeps and draw(st.booleans())
    lowest = draw(st.integers(0, 60))
    return Handles(
        scale=draw(
            st.none() | st.builds(Scale, st.integers(0, 11), st.sampled_from(sorted(MODES)))
        ),
        ranges=of_parts(
            lambda part: st.builds(
                PitchRange, st.just(part), st.just(lowest), st.integers(lowest, 127)
            )
        ),
        densities=densities,
        at_once=of_parts(lambda part: st.builds(NotesAtOnce, st.just(part), st.integers(1, 16))),
        velocity=draw(
            st.none() | st.builds(VelocityRange, st.integers(1, 50), st.integers(60, 127))
        ),
        grid=draw(st.none() | st.sampled_from(RhythmGrid)),
        keep=draw(st.sampled_from(Keep)) if keeps else None,
        locks=tuple(dict.fromkeys(draw(lines))) if locks else (),
        form=draw(st.none() | st.builds(parse_form, _FORMS, st.just("9-12=1-4"), st.floats(0, 1))),
        ending=not keeps and not locks and draw(st.booleans()),
    )


@st.composite
def recipes(draw) -> Recipe:
    """Any recipe."""
    task = draw(st.sampled_from(RecipeTask))
    most = MAX_BARS if task is RecipeTask.CONTINUE else MAX_REWRITE_BARS
    num_bars = draw(st.integers(1, most))
    dial = st.integers(0, 1000).map(lambda step: SamplingConfig.from_adventure(step / 1000))
    nested = st.builds(SamplingConfig, chords=_filters, onsets=st.none() | _filters)
    numbers = [n for n in range(NUM_PARTS) if n <= 1024]
    parts = draw(st.lists(st.sampled_from(numbers), unique=True, max_size=20))
    return Recipe(
        task=task,
        first_bar=draw(st.integers(0, 10_000)),
        num_bars=num_bars,
        num_finished=draw(st.integers(1, num_bars)),
        at_end=task is RecipeTask.CONTINUE and draw(st.booleans()),
        parts=tuple(
            PartRequest(Part.from_number(n), draw(st.sampled_from(Presence))) for n in parts
        ),
        chords=tuple(draw(st.lists(st.integers(0, len(CHORD_NAMES) - 1), max_size=num_bars))),
        sampling=draw(st.one_of(dial, _filters, nested)),
        seed=draw(st.integers(0, 2**32 - 1)),
        copy_guard=draw(st.booleans()),
        model=draw(st.text(max_size=100).filter(str.isprintable)),
        model_hash=draw(_hashes),
        parent=draw(_hashes),
        handles=draw(asked_handles(rewrites=task is RecipeTask.REWRITE)),
    )
