"""Finished bars as JSON, and back: the notes of one bar alone, from which all is put together."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from meloformer.engine.candidate import Candidate, FinishedBar
from meloformer.errors import LibraryError
from meloformer.score.grid import TICKS_PER_QUARTER
from meloformer.score.part import Part
from meloformer.score.score import Score, Tempo, TimeSignature, Track, note_array


@dataclass(frozen=True, slots=True)
class TakeHead:
    """What the bars of a take have in common."""

    candidate: int
    """Its place among those that are shown together, from 0."""
    seed: int
    num_bars: int
    """Bars asked for."""


def bar_to_json(bar: FinishedBar) -> str:
    """Write the notes of a bar, with its chord, its place, its tempos and metres."""
    score = bar.score
    return json.dumps(
        {
            "chord": bar.chord,
            "first_tick": bar.first_tick,
            "end_tick": score.end_tick,
            "parts": [
                [part.number, track.notes.ravel().tolist()]
                for part, track in zip(bar.parts, score.tracks, strict=True)
            ],
            "tempos": [[tempo.tick, tempo.qpm] for tempo in score.tempos],
            "metres": [[one.tick, one.numerator, one.denominator] for one in score.time_signatures],
        },
        separators=(",", ":"),
    )


def bars_from_json(head: TakeHead, texts: Iterable[str]) -> list[FinishedBar]:
    """Read the bars of a take from its first on, as they were when they were finished.

    Raises:
        LibraryError: One of them is damaged.
    """
    bars: list[FinishedBar] = []
    so_far = _nothing(head)
    try:
        for number, text in enumerate(texts, start=1):
            content = json.loads(text)
            score, parts = _read(content)
            so_far = _joined(so_far, score, parts, content)
            bars.append(
                FinishedBar(
                    candidate=head.candidate,
                    bar=number,
                    num_bars=head.num_bars,
                    chord=content["chord"],
                    first_tick=content["first_tick"],
                    score=score,
                    parts=parts,
                    so_far=so_far,
                )
            )
    except (KeyError, TypeError, ValueError) as error:
        raise LibraryError("A bar in the library is damaged.") from error
    return bars


def _nothing(head: TakeHead) -> Candidate:
    empty = Score(TICKS_PER_QUARTER, (), (), (), 0)
    return Candidate(head.candidate, head.seed, empty, (), (), head.num_bars)


def _read(content: dict[str, Any]) -> tuple[Score, tuple[Part, ...]]:
    parts = tuple(Part.from_number(number) for number, _ in content["parts"])
    score = Score(
        ticks_per_quarter=TICKS_PER_QUARTER,
        tracks=tuple(
            _track(part, notes) for part, (_, notes) in zip(parts, content["parts"], strict=True)
        ),
        tempos=tuple(Tempo(tick, float(qpm)) for tick, qpm in content["tempos"]),
        time_signatures=tuple(TimeSignature(*metre) for metre in content["metres"]),
        end_tick=content["end_tick"],
    )
    return score, parts


def _track(part: Part, notes: list[int]) -> Track:
    program = 0 if part.is_drum else part.program
    rows = [tuple(notes[at : at + 4]) for at in range(0, len(notes), 4)]
    return Track("", program, part.is_drum, note_array(rows))  # type: ignore[arg-type]


def _joined(
    before: Candidate, bar: Score, parts: tuple[Part, ...], content: dict[str, Any]
) -> Candidate:
    """Append a bar; the ticks of its notes count from the first bar, those of all else from it."""
    first = content["first_tick"]
    notes: dict[Part, list[list[int]]] = {}
    tracks = chain(
        zip(before.parts, before.score.tracks, strict=True), zip(parts, bar.tracks, strict=True)
    )
    for part, track in tracks:
        notes.setdefault(part, []).extend(track.notes.tolist())
    ordered = tuple(sorted(notes, key=lambda part: part.rank))
    tempos, metres = list(before.score.tempos), list(before.score.time_signatures)
    for tempo in bar.tempos:
        if not tempos or tempos[-1].qpm != tempo.qpm:
            tempos.append(replace(tempo, tick=tempo.tick + first))
    for metre in bar.time_signatures:
        last = metres[-1] if metres else None
        if last is None or (last.numerator, last.denominator) != (
            metre.numerator,
            metre.denominator,
        ):
            metres.append(replace(metre, tick=metre.tick + first))
    score = Score(
        TICKS_PER_QUARTER,
        tuple(_track(part, list(chain.from_iterable(notes[part]))) for part in ordered),
        tuple(tempos),
        tuple(metres),
        first + bar.end_tick,
    )
    return replace(before, score=score, parts=ordered, chords=(*before.chords, content["chord"]))
