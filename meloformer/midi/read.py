"""Standard MIDI Files to `Score`.

Reading is capped before anything is built from the bytes.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from meloformer.errors import MidiError
from meloformer.midi.blank import blank_notes, is_blank, was_blank
from meloformer.midi.container import MidiContainer, read_container
from meloformer.midi.drum_channels import is_drum_track
from meloformer.midi.events import (
    END_OF_TRACK,
    METRE,
    NOTE_ON,
    SET_TEMPO,
    Events,
    read_events,
)
from meloformer.midi.file import MidiFile
from meloformer.midi.messages import encode
from meloformer.midi.note_table import NoteTable, read_notes
from meloformer.midi.track_names import names_of_tracks
from meloformer.phrases import phrase
from meloformer.score.grid import bar_ticks, bars_until, metre_of_sixteenths, sliver_ticks
from meloformer.score.pickup import find_pickup
from meloformer.score.score import PITCH, Score, Tempo, TimeSignature, Track, sort_rows

MAX_SECONDS = 2 * 60 * 60
MAX_CHANGES = 20_000
"""Changes of tempo, and of metre."""
MAX_TICK = (1 << 28) - 1
"""The longest time between two messages that a MIDI file can say."""
MIN_QPM, MAX_QPM = 4.0, 1000.0

_MAX_DENOMINATOR_POWER = 6
_HIDES_PICKUPS = b"LilyPond"
"""What a program that writes pickups without saying so calls itself in its files."""
_MAX_SILENT_BARS = 16
"""More bars of silence at the end are the length of a project rather than of the piece."""
_DEFAULT_QPM = 120.0
_COMMON_TIME = (4, 4)

_Metres: TypeAlias = dict[int, tuple[int, int]]
_T = TypeVar("_T")


def read_file(data: bytes, *, end_tick: int = 0, pickup_ticks: int | None = None) -> MidiFile:
    """Read a Standard MIDI File, wrapped or not, as far as its bytes make sense.

    Each program of each channel of each MIDI track becomes a track. Tempos outside 4 to 1000
    quarters a minute are clamped.

    Args:
        data: The file.
        end_tick: Where the music ends if its last note ends earlier: rests count as bars. They do,
            too, where the tracks of the file end on a bar line not far behind the last note.
        pickup_ticks: The length of the pickup, where it is known; else it is found.

    Raises:
        MidiError: Not readable as music, without notes, or too long.
    """
    container = read_container(data)
    events = read_events(container)
    if not events.is_standard:
        container = _as_standard(container, events)
        events = read_events(container)
    notes = _notes(container, events)
    score = _score(container, events, notes)
    if len(notes.start):
        score = _with_pickup(score, events, pickup_ticks)
    end_tick = max(end_tick, _said_end(events, score))
    score = replace(score, end_tick=max(score.end_tick, end_tick))
    return MidiFile(data, container, events, notes, score)


def read_midi(data: bytes) -> Score:
    """Read the music of a Standard MIDI File, as `read_file` does.

    Raises:
        MidiError: Not readable as music, without notes, or too long.
    """
    return read_file(data).score


def _as_standard(container: MidiContainer, events: Events) -> MidiContainer:
    """Write times and statuses as the standard has them; all messages stay."""
    bodies = []
    for track in range(len(container.tracks)):
        rows = np.flatnonzero(events.track == track).tolist()
        bodies.append(encode((int(events.tick[row]), events.message_bytes(row)) for row in rows))
    return replace(container, tracks=tuple(bodies))


def _notes(container: MidiContainer, events: Events) -> NoteTable:
    """Read the notes; only a blank file may have none."""
    begins = (events.kind == NOTE_ON) & (events.data2 > 0)
    if not begins.any() and container.ticks_per_second is None and is_blank(events):
        return blank_notes(events)
    return read_notes(events, container.ticks_per_quarter)


def _score(container: MidiContainer, events: Events, notes: NoteTable) -> Score:
    end_tick = int(notes.end.max(initial=0))
    if end_tick > MAX_TICK:
        raise MidiError(
            "The piece has no end: a note lies beyond any sensible time.",
            hint="The file may be damaged; open it in your music program and save it again.",
        )
    score = Score(
        ticks_per_quarter=container.ticks_per_quarter,
        tracks=_tracks(notes, names_of_tracks(container, events)),
        tempos=_tempos(container, events),
        time_signatures=_time_signatures(container, events, end_tick),
        end_tick=end_tick,
    )
    if score.duration_s > MAX_SECONDS:
        raise MidiError(
            phrase(
                "The piece lasts {score:.1f} hours; at most {max_seconds} are read.",
                score=score.duration_s / 3600,
                max_seconds=MAX_SECONDS // 3600,
            ),
            hint="Cut it into shorter files, or look for a lone note far behind the end.",
        )
    return score


def _with_pickup(score: Score, events: Events, pickup_ticks: int | None) -> Score:
    """Put the first bar line after a pickup that the file does not say."""
    first, *later = score.time_signatures
    length = bar_ticks(first, score.ticks_per_quarter)
    until = later[0].tick if later else score.end_tick
    is_said = len(events.metas(METRE, min_bytes=2)) > 0
    if pickup_ticks is None and was_blank(events):
        return score
    if pickup_ticks is None and is_said and (not later or until % length):
        margin = {"margin": 0.0} if _HIDES_PICKUPS in events.buffer else {}
        pickup_ticks = find_pickup(score, length, until, **margin)
        if later and (until - pickup_ticks) % length:
            return score
    if not pickup_ticks or pickup_ticks >= min(length, until):
        return score
    sixteenths = max(1, round(pickup_ticks * 4 / score.ticks_per_quarter))
    pickup = TimeSignature(0, *metre_of_sixteenths(sixteenths))
    whole = replace(first, tick=pickup_ticks)
    later = [one for one in later if not one.goes_on(whole, score.ticks_per_quarter)]
    return replace(score, time_signatures=(pickup, whole, *later))


def _said_end(events: Events, score: Score) -> int:
    """Return the bar line on which the file ends behind its last note; 0 if there is none."""
    ends = events.tick[events.metas(END_OF_TRACK)]
    end = int(ends.max(initial=0))
    if not score.end_tick < end <= MAX_TICK:
        return 0
    last_metre = bar_ticks(score.time_signatures[-1], score.ticks_per_quarter)
    if end > score.end_tick + (_MAX_SILENT_BARS + 1) * last_metre:
        return 0
    lines = bars_until(score, end).whole_starts
    nearest = int(lines[np.abs(lines - end).argmin()])
    is_on_line = abs(nearest - end) <= sliver_ticks(score.ticks_per_quarter)
    return nearest if is_on_line else 0


def _tracks(table: NoteTable, names: dict[int, str]) -> tuple[Track, ...]:
    voice, start, pitch, duration, velocity = sort_rows(
        [table.voice, table.start, table.pitch, table.end - table.start, table.velocity]
    )
    rows = np.stack([start, duration, pitch, velocity], axis=1, dtype=np.int32, casting="same_kind")
    rows.setflags(write=False)  # in the order of `note_array`
    ends = np.searchsorted(voice, np.arange(len(table.voices)), side="right").tolist()
    return tuple(
        Track(
            name=names.get(of.track, ""),
            program=of.program,
            is_drum=of.is_drum
            or is_drum_track(names.get(of.track, ""), of.program, rows[begin:end, PITCH]),
            notes=rows[begin:end],
        )
        for of, begin, end in zip(table.voices, [0, *ends], ends, strict=False)
    )


def _tempos(container: MidiContainer, events: Events) -> tuple[Tempo, ...]:
    if container.ticks_per_second is not None:  # the clock runs on its own, whatever the tempo
        return (Tempo(0, 60 * container.ticks_per_second / container.ticks_per_quarter),)
    found = events.metas(SET_TEMPO, min_bytes=3)
    high, middle, low = (_contents(events, found, byte) for byte in range(3))
    us_per_quarter = high << 16 | middle << 8 | low
    is_tempo = us_per_quarter > 0
    qpm = np.clip(60_000_000 / us_per_quarter[is_tempo], MIN_QPM, MAX_QPM)
    changes = _changes(_DEFAULT_QPM, events.tick[found][is_tempo], qpm.tolist())
    return tuple(Tempo(tick, qpm) for tick, qpm in _without_repeats(changes).items())


def _time_signatures(
    container: MidiContainer, events: Events, end_tick: int
) -> tuple[TimeSignature, ...]:
    found = events.metas(METRE, min_bytes=2)
    numerator, power = (_contents(events, found, byte) for byte in range(2))
    is_metre = (numerator > 0) & (power <= _MAX_DENOMINATOR_POWER)
    metres = [(n, 1 << p) for n, p in zip(numerator[is_metre], power[is_metre], strict=True)]
    changes = _changes(_COMMON_TIME, events.tick[found][is_metre], metres)
    signatures: list[TimeSignature] = []
    changes = _on_bar_lines(changes, container.ticks_per_quarter)
    for tick, (n, d) in _without_absurd_metres(changes, end_tick).items():
        signature = TimeSignature(tick, int(n), int(d))
        if not signatures or not signature.goes_on(signatures[-1], container.ticks_per_quarter):
            signatures.append(signature)
    return tuple(signatures)


def _contents(events: Events, found: NDArray[np.int64], byte: int) -> NDArray[np.int64]:
    """Return one byte of the contents of each meta message."""
    data = np.frombuffer(events.buffer, dtype=np.uint8)
    return data[events.payload[found] + byte].astype(np.int64)


def _changes(default: _T, ticks: NDArray[np.int64], values: Sequence[_T]) -> dict[int, _T]:
    """Sort changes by tick, from 0; of several at one tick the last counts."""
    if len(ticks) > MAX_CHANGES:
        raise MidiError(
            phrase(
                "The piece changes tempo or metre {count:,} times; at most "
                "{max_changes:,} changes are read.",
                count=len(ticks),
                max_changes=MAX_CHANGES,
            ),
            hint="Thin out its tempo curve.",
        )
    changes = sorted(zip(ticks.tolist(), values, strict=True), key=lambda change: change[0])
    return {0: default} | dict(changes)


def _without_repeats(changes: dict[int, _T]) -> dict[int, _T]:
    """Keep only the changes that change something."""
    before: list[_T | None] = [None, *changes.values()]
    return {
        tick: value
        for (tick, value), last in zip(changes.items(), before, strict=False)
        if value != last
    }


def _on_bar_lines(changes: _Metres, ticks_per_quarter: int) -> _Metres:
    """Move metres that were written a hair beside a bar line onto it; the last there counts."""
    moved: _Metres = {}
    at, metre = 0, _COMMON_TIME
    for tick, new in changes.items():
        length = bar_ticks(TimeSignature(at, *metre), ticks_per_quarter)
        line = at + (2 * (tick - at) + length) // (2 * length) * length
        is_near = abs(tick - line) <= min(sliver_ticks(ticks_per_quarter), length // 4)
        at, metre = (line if is_near else tick), new
        moved[at] = metre
    return moved


def _without_absurd_metres(changes: _Metres, end_tick: int) -> _Metres:
    """Read bars of less than a quarter as 4/4 where they make up most of the piece.

    A short bar here and there is a pickup; one metre of 1/16 throughout is a file that does not
    know its metre.
    """
    covered: Counter[tuple[int, int]] = Counter()
    for (tick, metre), (next_tick, _) in pairwise([*changes.items(), (end_tick, _COMMON_TIME)]):
        covered[metre] += max(0, min(next_tick, end_tick) - tick)
    numerator, denominator = max(covered, key=lambda metre: covered[metre])
    if 4 * numerator >= denominator:
        return changes
    return {
        tick: _COMMON_TIME if 4 * metre[0] < metre[1] else metre for tick, metre in changes.items()
    }
