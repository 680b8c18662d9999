"""The words of a lock: "melody", "Violin", "bass 9-10", "piano 9:E4", "piano 9:E4 G4@3".

Axes: N notes of a part in a bar of the stream.
"""

import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from meloformer.engine.handles.handles import Lock, LockedLine, LockedNote
from meloformer.engine.handles.locked import Locked, OldBar
from meloformer.engine.part_words import OwnNames, find_part, is_same_name, name_of
from meloformer.engine.request import parse_bars
from meloformer.errors import ConfigError
from meloformer.phrases import phrase
from meloformer.score.part import Part
from meloformer.score.scales import parse_pitch, pitch_name
from meloformer.tokens.note_lines import PartLine

MELODY, BASS = "melody", "bass"
"""The words for the highest line of the highest part, and the lowest of the lowest."""

_PLACE = re.compile(r"(.*\S)\s+(\d+(?:\s*[-–]\s*\d+)?)\s*(?::([^:@]*))?(?:@([^:@]*))?")
_MAX_SHOWN = 8
"""Notes that a sentence names."""


def parse_lock(text: str, bars: Sequence[OldBar], own: OwnNames) -> Locked:
    """Read what stays as it is, with commas between.

    It is "melody", "bass" or the name of a part, and without more all of it stays. Bars behind it
    lock its notes there ("bass 9-10"), notes behind a colon no others ("piano 9:E4 G4"), and a beat
    behind @ those that begin nearest to it ("piano 9:E4@3").

    A part of the piece that is called so is meant before `melody` or `bass`. A part whose notes
    are all locked is locked as a whole.

    Args:
        text: As typed.
        bars: That are written again.
        own: The parts of the piece, with what the file calls them.

    Raises:
        ConfigError: Something is not understood, or not there.
    """
    lines: dict[Lock, None] = {}
    whole: set[Part] = set()
    notes: set[LockedNote] = set()
    for item in filter(None, (piece.strip() for piece in text.split(","))):
        found = None if _is_name(item, own) else _PLACE.fullmatch(item)
        part, line = _part_and_line(found[1] if found else item, bars, own)
        if found:
            notes |= _notes_at(part, line, bars, *found.groups()[1:])
        elif line is None or _is_single_line(bars, part):
            whole.add(part)
        else:
            lines[Lock(part, line)] = None
    whole |= {part for part in {one.part for one in notes} if _are_all(notes, bars, part)}
    return Locked(
        tuple(one for one in lines if one.part not in whole),
        tuple(sorted(one for one in notes if one.part not in whole)),
        frozenset(whole),
    )


def _is_name(text: str, own: OwnNames) -> bool:
    """Return whether a part of the piece is called just so, as "Violin 2" may be."""
    return any(
        is_same_name(text, name) for part, names in own.items() for name in (*names, name_of(part))
    )


def _part_and_line(
    name: str, bars: Sequence[OldBar], own: OwnNames
) -> tuple[Part, LockedLine | None]:
    part = _own_part(name, own)
    if part is not None:
        return part, None
    if name.casefold() in (MELODY, BASS):
        is_top = name.casefold() == MELODY
        return _outer_part(bars, highest=is_top), LockedLine.TOP if is_top else LockedLine.BOTTOM
    find_part(name, own)  # its sentence says what is wrong
    raise ConfigError(
        phrase(
            "`{name}` is no part of the piece, so there is nothing of it to lock.",
            name=name[:40],
        ),
        hint="Write melody, bass, or a part of the piece.",
    )


def _own_part(name: str, own: OwnNames) -> Part | None:
    """Find a part of the piece by its name; `None` where it means none."""
    try:
        part = find_part(name, own)
    except ConfigError:
        return None
    return part if part in own else None


def _outer_part(bars: Iterable[OldBar], *, highest: bool) -> Part:
    pitches: dict[Part, list[int]] = {}
    for bar in bars:
        for part, line in bar.lines.items():
            if not part.is_drum:
                pitches.setdefault(part, []).extend(line.pitch.tolist())
    if not pitches:
        raise ConfigError("Nothing pitched plays in these bars that could be locked.")
    choose = max if highest else min
    return choose(pitches, key=lambda part: (float(np.mean(pitches[part])), part))


def _is_single_line(bars: Iterable[OldBar], part: Part) -> bool:
    onsets = [bar.lines[part].onset for bar in bars if part in bar.lines]
    return all(len(np.unique(own)) == len(own) for own in onsets)


def _are_all(notes: Iterable[LockedNote], bars: Iterable[OldBar], part: Part) -> bool:
    count = sum(len(bar.lines[part].onset) for bar in bars if part in bar.lines)
    return sum(one.part == part for one in notes) == count


def _notes_at(
    part: Part,
    line: LockedLine | None,
    bars: Sequence[OldBar],
    numbers: str,
    pitches: str | None,
    beat: str | None,
) -> set[LockedNote]:
    """Return the notes of a part, or of its outer line, in bars and at places in them."""
    first, last = parse_bars(numbers, 0)
    where = phrase("bar {first}", first=first)
    if last > first + 1:
        where = phrase("bars {first}-{last}", first=first, last=last - 1)
    written = {bar.number for bar in bars}
    if not written >= set(range(first, last)):
        raise ConfigError(
            phrase(
                "Only notes of the bars that are written again, {first} to {last}, can be locked, "
                "not of {where}.",
                first=min(written),
                last=max(written),
                where=where,
            )
        )
    here = [(at, bar) for at, bar in enumerate(bars) if first <= bar.number < last]
    notes = {
        LockedNote(part, at, *place): bar
        for at, bar in here
        if part in bar.lines
        for place in _places(bar.lines[part], line)
    }
    if not notes:
        raise ConfigError(
            phrase("Nobody plays {part} in {where}.", part=name_of(part), where=where),
            hint="Lock what plays there.",
        )
    if pitches is not None:
        notes = _of_pitches(notes, part, where, pitches)
    if beat is not None:
        notes = _nearest(notes, part, where, beat)
    return set(notes)


def _places(line: PartLine, which: LockedLine | None) -> list[tuple[int, int]]:
    """List onset and pitch of the notes of a line, or of the highest or lowest of each onset."""
    chosen: NDArray[np.bool_] = np.ones(len(line.onset), dtype=bool)
    if which is LockedLine.TOP:
        chosen = np.diff(line.onset, append=10**6) > 0
    if which is LockedLine.BOTTOM:
        chosen = np.diff(line.onset, prepend=-1) > 0
    return list(zip(line.onset[chosen].tolist(), line.pitch[chosen].tolist(), strict=True))


_Found = dict[LockedNote, OldBar]
"""Notes, each with its bar."""


def _of_pitches(notes: _Found, part: Part, where: str, pitches: str) -> _Found:
    wanted = [parse_pitch(name) for name in pitches.split() or [pitches]]
    played = sorted({one.pitch for one in notes})
    for pitch in wanted:
        if pitch not in played:
            names = [pitch_name(one) for one in played[:_MAX_SHOWN]]
            raise ConfigError(
                phrase(
                    "There is no {pitch} of {part} in {where} that could be locked.",
                    part=name_of(part),
                    pitch=pitch_name(pitch),
                    where=where,
                ),
                hint=phrase(
                    "It has {pitches}.",
                    pitches=" ".join(names) + (" …" if len(played) > _MAX_SHOWN else ""),
                ),
            )
    return {one: bar for one, bar in notes.items() if one.pitch in wanted}


def _nearest(notes: _Found, part: Part, where: str, beat: str) -> _Found:
    """Return the notes of each bar that begin nearest to a beat, at most half a beat away."""
    if not re.fullmatch(r"\s*\d{1,3}(\.\d{1,3})?\s*", beat, re.ASCII) or float(beat) < 1:
        raise ConfigError(
            phrase("`{text}` is no beat.", text=beat.strip()[:40]),
            hint="Write it such as 3, or 2.5 for half a beat later than 2.",
        )
    beats = {one: 1 + (bar.begin + one.onset) / bar.beat for one, bar in notes.items()}
    away = {one: abs(at - float(beat)) for one, at in beats.items()}
    nearest: dict[int, float] = {}
    for one, bar in notes.items():
        nearest[bar.number] = min(away[one], nearest.get(bar.number, 0.5))
    found = {one: bar for one, bar in notes.items() if away[one] <= nearest[bar.number]}
    if not found:
        raise ConfigError(
            phrase(
                "Nothing of {part} begins near beat {beat} of {where} that could be locked.",
                part=name_of(part),
                beat=beat.strip(),
                where=where,
            ),
            hint=phrase(
                "It does on {beats}.",
                beats=" ".join(f"{at:.3g}" for at in sorted(set(beats.values()))[:_MAX_SHOWN]),
            ),
        )
    return found
