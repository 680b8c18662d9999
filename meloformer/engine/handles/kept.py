"""What is kept of bars that are written again: rhythms, notes, locked lines."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from meloformer.engine.constraints import LockedLines, Reach
from meloformer.engine.handles.handles import Handles, Keep, LockedLine
from meloformer.engine.part_words import name_of
from meloformer.errors import ConfigError
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
    if not any(lines):
        raise ConfigError(
            f"There is no {handles.keep} to keep: these parts rest in all of these bars."
        )
    for number, bar in enumerate(lines):
        places = int(may_begin[: bar_ticks[number]].sum())
        for part, line in bar.items():
            counts = np.unique(line.onset, return_counts=True)[1]
            who = name_of(part)
            _check_together(part, int(counts.max()), handles, f"the {handles.keep} that is kept")
            if handles.keep is Keep.NOTES:
                _check_pitches(part, line, handles, reach, "the notes that are kept")
                if len(counts) > places:
                    raise ConfigError(
                        f"The rhythm grid and the kept notes contradict each other: {who} has "
                        f"{len(counts)} notes and chords in one bar, and the grid has {places} "
                        "places in it.",
                        hint="Choose a finer grid.",
                    )
                continue
            _check_onsets(part, line, may_begin, "the kept rhythm")
            if int(reach[part].pitches.sum()) < counts.max():
                raise ConfigError(
                    f"The range and the kept rhythm contradict each other: {who} begins "
                    f"{counts.max()} notes at once, and the range and the scale leave fewer."
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
        handles: Whose `locks` are asked for.
        reach: What each part can play, narrowed by the handles.
        may_begin: Where notes may begin. (96,), bool.

    Raises:
        ConfigError: A lock and another handle contradict each other.
    """
    asked: dict[Part, set[LockedLine]] = {}
    for lock in handles.locks:
        asked.setdefault(lock.part, set()).add(lock.line)
    found: list[dict[Part, LockedLines]] = []
    for bar in lines:
        found.append({})
        for part, which in asked.items():
            if part not in bar:
                continue
            line = bar[part]
            is_first = np.diff(line.onset, prepend=-1) > 0
            is_last = np.diff(line.onset, append=10**6) > 0
            is_locked = np.zeros(len(line.onset), dtype=bool)
            if LockedLine.TOP in which:
                is_locked |= is_last
            if LockedLine.BOTTOM in which:
                is_locked |= is_first
            notes = line[is_locked]
            _check_pitches(part, notes, handles, reach, "the locked notes")
            _check_onsets(part, notes, may_begin, "the locked notes")
            _check_velocities(part, notes, handles)
            most = int(np.unique(notes.onset, return_counts=True)[1].max())
            _check_together(part, most, handles, "the locked notes")
            found[-1][part] = LockedLines(
                notes,
                floor=int(line.pitch[is_first].min()) if LockedLine.BOTTOM in which else 0,
                ceiling=int(line.pitch[is_last].max()) if LockedLine.TOP in which else 127,
            )
    return found


def _check_pitches(
    part: Part, line: PartLine, handles: Handles, reach: Mapping[Part, Reach], what: str
) -> None:
    outside = line.pitch[~reach[part].pitches[line.pitch]]
    if not len(outside):
        return
    pitch, scale = int(outside[0]), handles.scale
    is_in_scale = scale is None or part.is_drum or pitch % 12 in scale.pitch_classes
    handle = "range" if is_in_scale or scale is None else f"scale {scale.name}"
    raise ConfigError(
        f"The {handle} and {what} contradict each other: {name_of(part)} plays "
        f"{pitch_name(pitch)} there.",
        hint="Leave one of the two out.",
    )


def _check_onsets(part: Part, line: PartLine, may_begin: NDArray[np.bool_], what: str) -> None:
    if not may_begin[line.onset].all():
        raise ConfigError(
            f"The rhythm grid and {what} contradict each other: notes of {name_of(part)} "
            "begin beside the grid.",
            hint="Choose a finer grid, or none.",
        )


def _check_velocities(part: Part, line: PartLine, handles: Handles) -> None:
    if handles.velocity is not None and not handles.velocity.bins[line.velocity_bin].all():
        raise ConfigError(
            "The velocities and the locked notes contradict each other: "
            f"{name_of(part)} has locked notes that are softer or louder.",
            hint="Leave one of the two out.",
        )


def _check_together(part: Part, together: int, handles: Handles, what: str) -> None:
    most = {one.part: one.most for one in handles.at_once}.get(part)
    if most is not None and together > most:
        raise ConfigError(
            f"The most notes at once and {what} contradict each other: {name_of(part)} begins "
            f"{together} notes at once there, and {most} at most are asked for."
        )
