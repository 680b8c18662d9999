"""What is kept of bars that are written again: rhythms, notes, locked lines."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from meloformer.engine.constraints import LockedLines, Reach
from meloformer.engine.handles.handles import Handles, Keep, LockedLine
from meloformer.engine.part_words import name_of
from meloformer.errors import ConfigError
from meloformer.phrases import phrase
from meloformer.score.part import Part
from meloformer.score.scales import pitch_name
from meloformer.tokens.note_lines import PartLine

BarLines = Mapping[Part, PartLine]
"""What each part plays in a bar."""


def check_kept(
    lines: Sequence[BarLines],
    bar_ticks: Sequence[int],
    handles: Handles,
    reach: Mapping[Part, Reach],
    may_begin: NDArray[np.bool_],
) -> None:
    """Check that what is kept can be written within all other handles.

    Args:
        lines: What was there, by bar, of the parts that are written again.
        bar_ticks: The length of each bar in grid ticks.
        handles: Whose `keep` is asked for.
        reach: What each part can play, narrowed by the handles.
        may_begin: Where notes may begin. (96,), bool.

    Raises:
        ConfigError: Two of them contradict each other, or there is nothing to keep.
    """
    assert handles.keep is not None
    if not any(lines):
        raise ConfigError(
            phrase("There is nothing to keep: these parts rest in all of these bars.")
        )
    for number, bar in enumerate(lines):
        places = int(may_begin[: bar_ticks[number]].sum())
        for part, line in bar.items():
            counts = np.unique(line.onset, return_counts=True)[1]
            who = name_of(part)
            kept = phrase("the kept {keep}", keep=handles.keep.said)
            _check_together(part, int(counts.max()), handles, kept)
            if handles.keep is Keep.NOTES:
                _check_pitches(part, line, handles, reach, phrase("the kept notes"))
                if len(counts) > places:
                    raise ConfigError(
                        phrase(
                            "The rhythm grid and the kept notes contradict each other: {part} has "
                            "{count} notes and chords in one bar, and the grid has {places} places "
                            "in it.",
                            part=who,
                            count=len(counts),
                            places=places,
                        ),
                        hint="Choose a finer grid.",
                    )
                continue
            _check_onsets(part, line, may_begin, phrase("the kept rhythm"))
            if int(reach[part].pitches.sum()) < counts.max():
                raise ConfigError(
                    phrase(
                        "The range and the kept rhythm contradict each other: {part} begins "
                        "{count} notes at once, and the range and the scale leave fewer.",
                        part=who,
                        count=int(counts.max()),
                    )
                )


def locked_lines(
    lines: Sequence[BarLines],
    handles: Handles,
    reach: Mapping[Part, Reach],
    may_begin: NDArray[np.bool_],
) -> list[dict[Part, LockedLines]]:
    """Return the locked notes of bars.

    Args:
        lines: What was there, by bar, of the parts that are written again.
        handles: Whose `locks` and `notes` are asked for.
        reach: What each part can play, narrowed by the handles.
        may_begin: Where notes may begin. (96,), bool.

    Raises:
        ConfigError: A lock and another handle contradict each other, or a locked note is not there.
    """
    asked: dict[Part, set[LockedLine]] = {one.part: set() for one in handles.notes}
    for lock in handles.locks:
        asked.setdefault(lock.part, set()).add(lock.line)
    places: dict[tuple[int, Part], set[tuple[int, int]]] = {}
    for one in handles.notes:
        places.setdefault((one.bar, one.part), set()).add((one.onset, one.pitch))
    found: list[dict[Part, LockedLines]] = []
    for number, bar in enumerate(lines):
        found.append({})
        for part, which in asked.items():
            here = places.pop((number, part), set())
            if part not in bar:
                _check_there(bool(here))
                continue
            line = bar[part]
            is_first = np.diff(line.onset, prepend=-1) > 0
            is_last = np.diff(line.onset, append=10**6) > 0
            own = zip(line.onset.tolist(), line.pitch.tolist(), strict=True)
            is_locked = np.array([place in here for place in own])
            _check_there(int(is_locked.sum()) < len(here))
            is_whole = bool(is_locked.all())
            if LockedLine.TOP in which:
                is_locked |= is_last
            if LockedLine.BOTTOM in which:
                is_locked |= is_first
            if not is_locked.any():
                continue
            notes = line[is_locked]
            _check_pitches(part, notes, handles, reach, phrase("the locked notes"))
            _check_onsets(part, notes, may_begin, phrase("the locked notes"))
            _check_velocities(part, notes, handles)
            most = int(np.unique(notes.onset, return_counts=True)[1].max())
            _check_together(part, most, handles, phrase("the locked notes"))
            found[-1][part] = LockedLines(
                notes,
                floor=int(line.pitch[is_first].min()) if LockedLine.BOTTOM in which else 0,
                ceiling=int(line.pitch[is_last].max()) if LockedLine.TOP in which else 127,
                is_whole=is_whole,
            )
    _check_there(bool(places))
    return found


def _check_there(is_missing: bool) -> None:
    if is_missing:
        raise ConfigError(
            "A locked note is not in the bars that are written again.",
            hint="Lock the notes again.",
        )


def _check_pitches(
    part: Part, line: PartLine, handles: Handles, reach: Mapping[Part, Reach], what: str
) -> None:
    outside = line.pitch[~reach[part].pitches[line.pitch]]
    if not len(outside):
        return
    pitch, scale = int(outside[0]), handles.scale
    is_in_scale = scale is None or part.is_drum or pitch % 12 in scale.pitch_classes
    handle = phrase("range")
    if scale is not None and not is_in_scale:
        handle = phrase("scale {scale}", scale=scale.name)
    raise ConfigError(
        phrase(
            "The {handle} and {what} contradict each other: {part} plays {pitch} there.",
            handle=handle,
            what=what,
            part=name_of(part),
            pitch=pitch_name(pitch),
        ),
        hint="Leave one of the two out.",
    )


def _check_onsets(part: Part, line: PartLine, may_begin: NDArray[np.bool_], what: str) -> None:
    if not may_begin[line.onset].all():
        raise ConfigError(
            phrase(
                "The rhythm grid and {what} contradict each other: notes of {part} begin beside "
                "the grid.",
                what=what,
                part=name_of(part),
            ),
            hint="Choose a finer grid, or none.",
        )


def _check_velocities(part: Part, line: PartLine, handles: Handles) -> None:
    if handles.velocity is not None and not handles.velocity.bins[line.velocity_bin].all():
        raise ConfigError(
            phrase(
                "The velocities and the locked notes contradict each other: {part} has locked "
                "notes that are softer or louder.",
                part=name_of(part),
            ),
            hint="Leave one of the two out.",
        )


def _check_together(part: Part, together: int, handles: Handles, what: str) -> None:
    most = {one.part: one.most for one in handles.at_once}.get(part)
    if most is not None and together > most:
        raise ConfigError(
            phrase(
                "The most notes at once and {what} contradict each other: {part} begins "
                "{together} notes at once there, and {most} at most are asked for.",
                what=what,
                part=name_of(part),
                together=together,
                most=most,
            )
        )
