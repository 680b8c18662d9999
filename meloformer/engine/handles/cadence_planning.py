"""An ending: the chords of the last two bars, and who plays which notes of the last."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice

import numpy as np
from numpy.typing import NDArray

from meloformer.engine.constraints.cadence import LastBars
from meloformer.engine.constraints.reach import Reach
from meloformer.engine.part_words import name_of
from meloformer.engine.plan import Plan
from meloformer.errors import ConfigError
from meloformer.phrases import phrase
from meloformer.score.chords import CHORD_NAMES, NO_CHORD, ROOTS, chord_pitch_classes
from meloformer.score.key import estimate_key
from meloformer.score.part import Part
from meloformer.score.scales import Scale, parse_scale
from meloformer.tokens import Encoding, Kind, annotate, crop, decode, vocabulary

_BARS_OF_KEY = 16
"""How many bars before the seam say which key there is."""
_DOMINANTS = ("7", "", "m7", "m", "m7b5", "dim", "5")
"""Suffixes of chords on the fifth, in the order in which a scale is asked for them."""
_TONICS = ("", "m", "5", "dim")


@dataclass(frozen=True, slots=True)
class Cadence:
    """The last two chords of a piece."""

    dominant: int
    tonic: int


def with_ending(
    plan: Plan,
    encoding: Encoding,
    stream_bars: NDArray[np.int64],
    scale: Scale | None,
    seam: int,
    bar_ticks: Sequence[int],
) -> Plan:
    """Let a plan come to an end: dominant and tonic, unless there are chords, and a last chord.

    Args:
        plan: With the reach of its parts narrowed.
        encoding: The piece.
        stream_bars: As `Task.stream_bars`.
        scale: That is asked for.
        seam: The bar of the stream, from 0, at whose line the new bars begin.
        bar_ticks: The length of each new bar of the stream, in grid ticks.

    Raises:
        ConfigError: No key can be told, or a part can't play the last chord.
    """
    pitched = sorted(part for part in plan.may_play | plan.must_play if not part.is_drum)
    everybody = plan.may_play | plan.must_play
    first_of_last, end = stream_bars[-2:].tolist()
    if end > first_of_last + 1:
        plan = replace(plan, rests_from=first_of_last + 1)
    if not pitched:
        last = LastBars(
            bar_ticks,
            last=first_of_last,
            bass=None,
            reach={},
            may_play=everybody,
            must_play=plan.must_play,
        )
        return replace(plan, further=(last, *plan.further))
    chords = _every_chord(plan)
    tonic = chords[-1]
    if tonic is None or tonic == NO_CHORD:
        cadence = _cadence(_scale_at(encoding, seam, scale))
        last_two = stream_bars[-3:].tolist() if len(stream_bars) > 2 else [0, *stream_bars.tolist()]
        if tonic is None:
            for bar in range(last_two[0], last_two[1]):
                chords[bar] = cadence.dominant if chords[bar] is None else chords[bar]
            for bar in range(last_two[1], last_two[2]):
                chords[bar] = cadence.tonic
        tonic = cadence.tonic
    tones = np.isin(np.arange(128) % 12, chord_pitch_classes(tonic))
    bass = _bass(plan, encoding, pitched, chord_pitch_classes(tonic)[0])
    reach = dict(plan.reach)
    for part in pitched:
        pitches = plan.reach[part].pitches & tones & (np.arange(128) >= bass[1])
        reach[part] = Reach(pitches, plan.reach[part].together)
    cannot = {part for part in pitched if not reach[part].pitches.any()}
    for part in sorted(cannot & plan.must_play):
        raise ConfigError(
            phrase(
                "The ending and the range contradict each other: {part} plays in every bar, and "
                "has no note for the last chord, {chord}, in its range and scale.",
                part=name_of(part),
                chord=CHORD_NAMES[tonic],
            ),
            hint=phrase("Widen its range, or let it play as before."),
        )
    last = LastBars(
        bar_ticks,
        last=first_of_last,
        bass=bass,
        reach={part: own for part, own in reach.items() if part not in cannot},
        may_play=(plan.may_play | plan.must_play) - cannot,
        must_play=plan.must_play - cannot,
    )
    return replace(plan, chords=tuple(chords), further=(last, *plan.further))


def _every_chord(plan: Plan) -> list[int | None]:
    if not plan.chords:
        return [None] * plan.num_bars
    return list(islice(cycle(plan.chords), plan.num_bars))


def _scale_at(encoding: Encoding, seam: int, scale: Scale | None) -> Scale:
    """Return the scale that is asked for, or of the key that there is before the seam."""
    if scale is not None:
        return scale
    near = crop(encoding.ids, max(seam - _BARS_OF_KEY, 0), seam) if seam else encoding.ids
    key = estimate_key(decode(near)) or estimate_key(decode(encoding.ids))
    if not key:
        raise ConfigError(
            phrase("The piece has no key that can be told, so there is no chord to end on."),
            hint=phrase("Choose a scale, or write chords."),
        )
    return Scale(parse_scale(key).tonic, "harmonic minor") if "minor" in key else parse_scale(key)


def _cadence(scale: Scale) -> Cadence:
    return Cadence(
        dominant=_chord_within(scale, (scale.tonic + 7) % 12, _DOMINANTS),
        tonic=_chord_within(scale, scale.tonic, _TONICS),
    )


def _chord_within(scale: Scale, root: int, suffixes: Sequence[str]) -> int:
    """Return the first chord whose notes are in a scale; if none is, the first."""
    chords = [CHORD_NAMES.index(ROOTS[root] + suffix) for suffix in suffixes]
    within = (
        chord for chord in chords if scale.pitch_classes.issuperset(chord_pitch_classes(chord))
    )
    return next(within, chords[0])


def _bass(plan: Plan, encoding: Encoding, parts: list[Part], tonic: int) -> tuple[Part, int]:
    """Return the lowest part that reaches the tonic, and the tonic near where it plays its bass."""
    played = _usual_lows(encoding)
    found = []
    for part in parts:
        pitches = np.flatnonzero(plan.reach[part].pitches)
        tonics = pitches[pitches % 12 == tonic]
        if len(tonics):
            usual = played.get(part, float(pitches.mean()))
            found.append((usual, part, int(tonics[np.argmin(np.abs(tonics - usual))])))
    if not found:
        raise ConfigError(
            phrase(
                "The ending and the ranges of the parts contradict each other: none has a {root} "
                "to end on.",
                root=ROOTS[tonic],
            ),
            hint=phrase("Widen a range, or choose another scale."),
        )
    _, part, pitch = min(found)
    return part, pitch


def _usual_lows(encoding: Encoding) -> dict[Part, float]:
    """Return the median of the lowest pitches that begin together, by part."""
    vocab, notes = vocabulary(), annotate(encoding.ids)
    kind = vocab.kind[encoding.ids]
    lows = {}
    for part in encoding.parts:
        own = (kind == Kind.PITCH) & (notes.part == part.number)
        if own.any():
            _, first = np.unique(
                np.stack((notes.bar[own], notes.onset[own])), axis=1, return_index=True
            )
            lows[part] = float(np.median(vocab.value[encoding.ids[own]][first]))
    return lows
