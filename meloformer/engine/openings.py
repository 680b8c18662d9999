"""Openings: what is asked of the first bars of a piece beside what every plan has."""

from dataclasses import replace

from meloformer.engine.constraints import BeginsOnTonic, ComesHome, Constraint, FewestNotes, NoRolls
from meloformer.engine.plan import Plan
from meloformer.engine.request import ContinueRequest
from meloformer.score.grid import TICKS_PER_QUARTER
from meloformer.score.sparseness import sparsest_rate


def opening_plan(plan: Plan, request: ContinueRequest) -> Plan:
    """Let a piece have the tonic of its scale, and parts that play in every bar really play.

    Args:
        plan: As for any continuation.
        request: Where it asks for chords, the first of them comes first; where it asks for the
            density of a part, that counts.
    """
    asked = {one.part for one in request.handles.densities}
    rates = {
        part: sparsest_rate(part) / TICKS_PER_QUARTER
        for part in plan.must_play
        if part not in asked
    }
    own: list[Constraint] = [FewestNotes(rates), NoRolls()]
    if request.handles.scale is not None and not request.chords:
        scale = request.handles.scale
        own += [BeginsOnTonic(scale), ComesHome(scale)]
    return replace(plan, further=(*own, *plan.further))
