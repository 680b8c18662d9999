"""A plan with the constraints that handles ask for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import cycle, islice
from typing import cast

import numpy as np
from numpy.typing import NDArray

from meloformer.engine.constraints import (
    ChordsInScale,
    Constraint,
    Densities,
    KeptNotes,
    KeptRhythm,
    LikeBars,
    LockedNotes,
    LongestBar,
    OnsetsOnGrid,
    OwnDensity,
    OwnSimilarity,
    Undisturbed,
    Velocities,
)
from meloformer.engine.constraints.onsets import is_on_grid
from meloformer.engine.constraints.own_similarity import expected_similarity, own_similarity
from meloformer.engine.handles.cadence_planning import with_ending
from meloformer.engine.handles.form_planning import references_of
from meloformer.engine.handles.handles import Handles, Keep
from meloformer.engine.handles.kept import check_kept, locked_lines
from meloformer.engine.handles.narrowing import narrowed
from meloformer.engine.handles.note_rates import bars_before, note_rates, rates_with_rests
from meloformer.engine.part_words import name_of
from meloformer.engine.plan import Plan
from meloformer.errors import ConfigError
from meloformer.phrases import phrase
from meloformer.score.chords import CHORD_NAMES, chord_pitch_classes
from meloformer.score.part import Part
from meloformer.tokens import Encoding, Kind, annotate, vocabulary
from meloformer.tokens.annotate import METRE_TICKS
from meloformer.tokens.bar_contents import bar_contents
from meloformer.tokens.note_lines import part_lines
from meloformer.tokens.vocabulary import MAX_BAR_TICKS

OWN_BARS = 32
"""How many bars before the seam say how much bars repeat one another."""


def with_handles(
    plan: Plan,
    handles: Handles,
    encoding: Encoding,
    stream_bars: NDArray[np.int64],
    *,
    chords_asked: tuple[int, ...],
    first_bar: int,
    rewrites: bool,
) -> Plan:
    """Add what handles ask for to a plan.

    Args:
        plan: As it would be without.
        handles: What is asked for.
        encoding: The piece.
        stream_bars: As `Task.stream_bars`.
        chords_asked: Those that the musician has chosen.
        first_bar: The bar of the stream, from 0, at whose line the new bars begin.
        rewrites: Whether the new bars stand in the place of others.

    Raises:
        ConfigError: Handles contradict each other, or a part that does not play is given one.
    """
    if not handles:
        return plan
    _check_who_plays(plan, handles)
    may_begin = np.ones(MAX_BAR_TICKS, dtype=bool)
    further: list[Constraint] = []
    plan = replace(plan, reach=narrowed(plan.reach, handles))
    if handles.ending:
        bar_ticks = _bar_ticks(plan, encoding, first_bar)
        plan = with_ending(plan, encoding, stream_bars, handles.scale, first_bar, bar_ticks)
    if handles.form is not None:
        references = references_of(
            handles.form, encoding, stream_bars, first_bar=first_bar, rewrites=rewrites
        )
        further.append(LikeBars(references))
    elif handles.own_repetition and not rewrites:
        further += _as_the_piece(plan, handles, encoding, first_bar)
    if handles.scale is not None:
        _check_chords(chords_asked, handles)
        forced = {chord for chord in plan.chords if chord is not None}
        further.append(ChordsInScale(handles.scale, forced))
    if handles.velocity is not None:
        further.append(Velocities(handles.velocity.bins))
    if handles.grid is not None:
        may_begin = is_on_grid(handles.grid.ticks)
        further.append(OnsetsOnGrid(handles.grid.ticks))
    if handles.densities:
        last_bar = first_bar + plan.num_bars if rewrites else first_bar
        begin = first_bar if rewrites else bars_before(first_bar)
        times = {one.part: one.times for one in handles.densities}
        rates = note_rates(encoding, times, begin, last_bar)
        wanted = {part: rates[part] * times[part] for part in times}
        _check_room(wanted, plan, handles, may_begin, _bar_ticks(plan, encoding, first_bar))
        further.append(Densities(wanted))
    if rewrites and (handles.keep or handles.locks or handles.notes):
        plan = _with_kept(plan, handles, encoding, first_bar, may_begin)
    return replace(plan, further=(*further, *plan.further))


def _as_the_piece(
    plan: Plan, handles: Handles, encoding: Encoding, seam: int
) -> tuple[Constraint, ...]:
    """Return what lets new bars repeat one another, and be as full, as those of the piece."""
    first_bar = max(seam - OWN_BARS, 0)
    before = bar_contents(encoding.ids, first_bar, seam)
    asked = {one.part for one in handles.densities}
    rates = rates_with_rests(encoding, first_bar, seam)
    goes_on = {
        part: rate
        for part, rate in rates.items()
        if part in plan.may_play | plan.must_play and part not in asked
    }
    return (
        OwnSimilarity(expected_similarity(own_similarity(before)), before),
        OwnDensity(goes_on),
    )


def _with_kept(
    plan: Plan,
    handles: Handles,
    encoding: Encoding,
    first_bar: int,
    may_begin: NDArray[np.bool_],
) -> Plan:
    last_bar = first_bar + plan.num_bars
    lines = [
        {part: line for part, line in bar.items() if part in plan.may_play | plan.must_play}
        for bar in part_lines(encoding.ids, first_bar, last_bar)
    ]
    if handles.keep is None:
        locks = locked_lines(lines, handles, plan.reach, may_begin)
        locked = LockedNotes(
            locks,
            may_play=plan.may_play,
            must_play=plan.must_play,
            reach=plan.reach,
        )
        longest = (LongestBar(is_due=locked.is_due),)
        return replace(
            plan, longest_bar=longest, further=(locked, Undisturbed(locks), *plan.further)
        )
    bar_ticks = _bar_ticks(plan, encoding, first_bar)
    check_kept(lines, bar_ticks, handles, plan.reach, may_begin)
    kept = (
        KeptRhythm(lines, plan.reach)
        if handles.keep is Keep.RHYTHM
        else KeptNotes(lines, may_begin)
    )
    # Who plays when is what it was, and so is how long a bar gets.
    return replace(
        plan,
        may_play=plan.may_play | plan.must_play,
        must_play=frozenset(),
        longest_bar=(),
        further=(kept, *plan.further),
    )


def _bar_ticks(plan: Plan, encoding: Encoding, first_bar: int) -> list[int]:
    """Return the length of each bar that is written, in grid ticks."""
    if plan.metres:
        lengths = METRE_TICKS[list(islice(cycle(plan.metres), plan.num_bars))]
    else:
        is_sum = vocabulary().kind[encoding.ids] == Kind.SUM
        lengths = annotate(encoding.ids).onset[is_sum][first_bar : first_bar + plan.num_bars]
    return cast("list[int]", lengths.tolist())


def _check_who_plays(plan: Plan, handles: Handles) -> None:
    for part in sorted(handles.parts - plan.may_play - plan.must_play):
        raise ConfigError(
            phrase(
                "Nobody plays {part} in the new bars, so nothing can be asked of it.",
                part=name_of(part),
            ),
            hint="Let it play, or leave its range, density, notes at once or lock out.",
        )


def _check_room(
    wanted: Mapping[Part, float],
    plan: Plan,
    handles: Handles,
    may_begin: NDArray[np.bool_],
    bar_ticks: Sequence[int],
) -> None:
    """Check that the rhythm grid and the most notes at once have room for a density."""
    most = {one.part: one.most for one in handles.at_once}
    places = sum(int(may_begin[:ticks].sum()) for ticks in bar_ticks)
    for part, rate in wanted.items():
        room = places * plan.reach[part].together
        if rate * sum(bar_ticks) <= room or not (handles.grid or part in most):
            continue
        handle = phrase("rhythm grid") if handles.grid else phrase("most notes at once")
        raise ConfigError(
            phrase(
                "The density and the {handle} contradict each other: {part} would play "
                "{wanted:.0f} notes a bar, and there is room for {room:.0f}.",
                handle=handle,
                part=name_of(part),
                wanted=rate * sum(bar_ticks) / len(bar_ticks),
                room=room / len(bar_ticks),
            ),
            hint=phrase("Choose a lower density, a finer grid or more notes at once."),
        )


def _check_chords(chords: tuple[int, ...], handles: Handles) -> None:
    assert handles.scale is not None
    for chord in chords:
        if not handles.scale.pitch_classes.issuperset(chord_pitch_classes(chord)):
            raise ConfigError(
                phrase(
                    "The scale and the chords contradict each other: {chord} is not in {scale}.",
                    chord=CHORD_NAMES[chord],
                    scale=handles.scale.name,
                ),
                hint="Choose another chord, or leave the scale out.",
            )
