"""Beams: what is under one beam, as the metre says; found once for each rhythm of a bar."""

from collections.abc import Sequence
from fractions import Fraction

from music21 import beam, meter, note


class BeamTable:
    """The beams of the rhythms of a piece."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], list[beam.Beams | None]] = {}

    def join(
        self, inside: Sequence[note.GeneralNote], metre: tuple[int, int], missing: Fraction
    ) -> None:
        """Set the beams of one voice of a bar, in place.

        Args:
            inside: Its notes and rests.
            metre: Numerator and denominator.
            missing: Quarters that a pickup is shorter than its metre.
        """
        rhythm = tuple((one.duration.quarterLength, one.isRest) for one in inside)
        known = metre, missing, rhythm
        if known not in self._known:
            signature = meter.TimeSignature("{}/{}".format(*metre))
            self._known[known] = signature.getBeams(list(inside), measureStartOffset=float(missing))
        for one, beams in zip(inside, self._known[known], strict=True):
            if beams is not None and isinstance(one, note.NotRest):
                one.beams = beams
