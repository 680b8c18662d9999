"""A band's piece by dice: a form of sections, chords, riffs that repeat, fills, a melody.

Nothing here is taken from music that exists. The bars of each section are made once, for all parts
together, and copied to wherever the form says them again.

Axes: M parts, L lines of music, P made bars, S steps of a bar, n bars of the piece, N notes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.synthetic import roles
from benchmarks.synthetic.form import Form, draw_form
from benchmarks.synthetic.roles import Line, Role
from benchmarks.synthetic.song import Song

_MEDIAN_BARS, _MIN_BARS, _MAX_BARS = 80, 16, 400
_MEDIAN_PARTS, _MAX_PARTS = 6, 12
_RIFFS = 8
"""Riffs of each line in a section, as many as the longest period."""
_RESOLUTIONS = (96, 120, 192, 240, 384, 480, 480, 480, 960)
_TWELFTHS = np.array([[0, 3, 6, 9], [0, 4, 8, 10]])
"""The begins of the sixteenths of a quarter, straight and swung."""
_CHORD_DEGREES = np.array([0, 2, 4])
_DRUM_TWELFTHS = 3

_Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class _Material:
    """The notes of the made bars, in order of bars. All (N,)."""

    bar: _Ints
    line: _Ints
    onset_twelfths: _Ints
    end_twelfths: _Ints
    pitch: _Ints
    velocity: _Ints


def compose(rng: np.random.Generator, num_bars: int | None = None) -> Song:
    """Make up a piece.

    Args:
        rng: Decides everything.
        num_bars: By default 16 to 400, half of the pieces having less than 80.
    """
    if num_bars is None:
        drawn = np.exp(rng.normal(np.log(_MEDIAN_BARS), 0.5))
        num_bars = int(np.clip(drawn, _MIN_BARS, _MAX_BARS))
    cast = _cast(rng)
    lines = [line for role in cast for line in role.lines]
    part_of_line = np.repeat(np.arange(len(cast)), [len(role.lines) for role in cast])
    form = draw_form(rng, num_bars)
    tonic, is_minor = int(rng.integers(-5, 7)), bool(rng.random() < 0.4)
    material = _material(rng, form, lines, roles.SCALES[int(is_minor)] + tonic)
    ticks_per_quarter = _RESOLUTIONS[rng.integers(len(_RESOLUTIONS))]
    bar_starts = form.bar_starts(ticks_per_quarter)
    return Song(
        ticks_per_quarter=ticks_per_quarter,
        programs=np.array([role.programs[rng.integers(len(role.programs))] for role in cast]),
        notes=_play(rng, form, material, part_of_line, ticks_per_quarter),
        bar_starts=bar_starts,
        metres=form.metre_changes(bar_starts),
        tempos=_tempos(rng, bar_starts),
        fifths=(7 * (tonic + 3 * is_minor) + 6) % 12 - 6,
        is_minor=is_minor,
        runs_status=bool(rng.random() < 0.5),
    )


def _cast(rng: np.random.Generator) -> list[Role]:
    """Draw the parts; half of the bands have at least six parts, four in five have drums."""
    num_parts = int(np.clip(round(rng.normal(_MEDIAN_PARTS, 2.4)), 1, _MAX_PARTS))
    cast = []
    if num_parts > 1 and rng.random() < 0.84:
        cast.append(roles.DRUM_ROLE)
    if num_parts > 1 and rng.random() < 0.88:
        cast.append(roles.BASS_ROLE)
    others = [roles.OTHER_ROLES[k % len(roles.OTHER_ROLES)] for k in range(num_parts - len(cast))]
    return cast + others


def _material(rng: np.random.Generator, form: Form, lines: list[Line], scale: _Ints) -> _Material:
    """Make the bars of all sections.

    Args:
        scale: Semitones of its seven degrees above C. (7,).
    """
    num_lines = len(lines)
    periods = np.array([line.periods for line in lines])
    period = periods[np.arange(num_lines), rng.integers(0, periods.shape[1], num_lines)]
    riff = form.section[:, None] * _RIFFS + form.bar_in_section[:, None] % period  # (P, L)
    starts = _starts(rng, form, lines, riff)
    bar, line, step = np.unravel_index(np.flatnonzero(starts), starts.shape)

    offsets = _offsets(rng, form.num_sections * _RIFFS, lines)[riff[bar, line], line, step]
    is_drum = np.array([one.is_drum for one in lines])
    follows = np.array([not (one.is_drum or one.walks) for one in lines])
    chord = _chords(rng, form)[bar, (step >= roles.STEPS // 2).astype(np.int64)]
    degree = offsets + follows[line] * chord
    base = np.array([one.base for one in lines])

    onset = _onsets(rng)[step]
    length = _lengths(rng, form, lines, bar, line, onset)

    accents = roles.ACCENTS[roles.STEP_CLASSES[form.metre[bar], step]]
    loudness = rng.integers(64, 106, num_lines)
    velocity = loudness[line] + accents + rng.integers(-4, 5, len(bar))

    voices = np.array([one.voices for one in lines])[line]
    note = np.repeat(np.arange(len(bar)), voices)
    voice = np.arange(len(note)) - np.repeat(np.cumsum(voices) - voices, voices)
    octave, tone = np.divmod(degree[note] + _CHORD_DEGREES[voice], 7)
    pitch = np.where(is_drum[line[note]], offsets[note], scale[tone] + 12 * octave)
    return _Material(
        bar[note], line[note], onset[note], (onset + length)[note],
        base[line[note]] + pitch, velocity[note],
    )  # fmt: skip


def _starts(
    rng: np.random.Generator, form: Form, lines: list[Line], riff: _Ints
) -> NDArray[np.bool_]:
    """Return the steps at which a line starts a note. (P, L, S), bool."""
    num_lines = len(lines)
    beyond = 0.0  # the chance of a note on steps that the metre does not have
    chances = np.array([(*line.chances, beyond) for line in lines])
    chances *= np.exp(rng.normal(0, 0.25, (num_lines, 1)))  # some musicians play more
    dice = rng.random((form.num_sections * _RIFFS, num_lines, roles.STEPS), dtype=np.float32)
    chance_of_step = chances[:, roles.STEP_CLASSES].transpose(1, 0, 2)  # (metres, L, S)
    starts = dice[riff, np.arange(num_lines)] < chance_of_step[form.metre]
    for index, line in enumerate(lines):
        if line.bars == "first":
            starts[form.bar_in_section > 0, index] = False
        if line.bars == "last":
            starts[~form.is_last, index] = False
            starts[:, index, : roles.STEPS // 2] = False
    return np.asarray(starts)


def _offsets(rng: np.random.Generator, num_riffs: int, lines: list[Line]) -> _Ints:
    """Degrees above the chord, or keys of the drum kit, for each step. (riffs, L, S)."""
    choices = np.array([line.offsets for line in lines])  # (L, 4)
    draws = rng.integers(0, choices.shape[1], (num_riffs, len(lines), roles.STEPS), dtype=np.uint8)
    offsets = choices[np.arange(len(lines))[:, None], draws]
    walks = np.array([line.walks for line in lines])
    offsets[:, walks] = np.clip(np.cumsum(offsets[:, walks], axis=2) - 3, -5, 8)
    return offsets


def _chords(rng: np.random.Generator, form: Form) -> _Ints:
    """Degree of the scale that each half of a made bar stands on. (P, 2)."""
    of_section = rng.integers(0, len(roles.PROGRESSIONS), form.num_sections)
    per_bar = 1 + (rng.random(form.num_sections) < 0.2)
    halves = np.arange(2) * (per_bar[:, None] - 1)  # (sections, 2)
    first = per_bar[form.section] * form.bar_in_section
    place = (first[:, None] + halves[form.section]) % roles.PROGRESSIONS.shape[1]
    return np.asarray(roles.PROGRESSIONS[of_section[form.section, None], place])


def _onsets(rng: np.random.Generator) -> _Ints:
    """Return the begin of each step, in twelfths of a quarter. (S,)."""
    swings = int(rng.random() < 0.15)
    quarters = 12 * np.arange(roles.STEPS // 4)
    return np.asarray(quarters[:, None] + _TWELFTHS[swings]).ravel()


def _lengths(
    rng: np.random.Generator, form: Form, lines: list[Line], bar: _Ints, line: _Ints, onset: _Ints
) -> _Ints:
    """Return the line's share of the time to its next note or to the end of the bar. (N,)."""
    end = np.append(onset[1:], 0)
    is_last = np.append((np.diff(bar) != 0) | (np.diff(line) != 0), True)
    end = np.where(is_last, 3 * roles.METRE_STEPS[form.metre[bar]], end)
    legato = rng.uniform(0.4, 1.0, len(lines))
    longest = np.array([_DRUM_TWELFTHS if one.is_drum else 12 * roles.STEPS for one in lines])
    lengths = ((end - onset) * legato[line]).astype(np.int64)
    return np.clip(lengths, 1, longest[line])


def _play(
    rng: np.random.Generator,
    form: Form,
    made: _Material,
    part_of_line: _Ints,
    ticks_per_quarter: int,
) -> _Ints:
    """Copy the made bars to their places, with rests of whole parts and small changes. (5, N)."""
    counts = np.bincount(made.bar, minlength=len(form.section))
    firsts = np.cumsum(counts) - counts
    of_bar = counts[form.made_bar]
    before = np.cumsum(of_bar) - of_bar
    bar = np.repeat(np.arange(len(of_bar)), of_bar)
    note = np.arange(len(bar)) + (firsts[form.made_bar] - before)[bar]
    line = made.line[note]
    part = part_of_line[line]

    plays = _who_plays(rng, form, int(part_of_line[-1]) + 1)[form.occurrence[bar], part]
    is_varied = rng.random((len(of_bar), len(part_of_line))) < 0.1
    is_left_out = is_varied[bar, line] & (rng.random(len(bar)) < 0.3)
    kept = np.flatnonzero(plays & ~is_left_out)
    note, bar, part = note[kept], bar[kept], part[kept]

    ticks_per_twelfth = ticks_per_quarter // 12
    bar_start = form.bar_starts(ticks_per_quarter)[bar]
    start = bar_start + made.onset_twelfths[note] * ticks_per_twelfth
    end = bar_start + made.end_twelfths[note] * ticks_per_twelfth
    velocity = made.velocity[note]
    manner = rng.random()
    if manner < 1 / 3:  # played by hand, but near enough to the grid to be found again
        slack = max(1, ticks_per_twelfth * 2 // 5)
        start = np.maximum(0, start + rng.integers(-slack, slack + 1, len(start)))
        end = end - slack  # so no note meets the next of its pitch
        velocity = velocity + rng.integers(-8, 9, len(start))
    elif manner < 0.5:  # typed in, all notes equally loud
        velocity = np.full_like(velocity, 100)
    return np.stack([part, start, end, made.pitch[note], np.clip(velocity, 1, 127)])


def _who_plays(rng: np.random.Generator, form: Form, num_parts: int) -> NDArray[np.bool_]:
    """Return whether a part plays in each occurrence of a section. (occurrences, M), bool."""
    plays = (rng.random((form.num_sections, num_parts)) < 0.8)[form.order]
    plays ^= rng.random(plays.shape) < 0.1
    plays[:, 0] |= ~plays.any(axis=1)
    plays[0] |= ~plays[np.unique(form.occurrence)].any(axis=0)
    return plays


def _tempos(rng: np.random.Generator, bar_starts: _Ints) -> tuple[tuple[int, float], ...]:
    """Draw one tempo from 60 to 180; every tenth piece slows down at its end."""
    qpm = float(np.clip(rng.normal(115, 25), 60, 180))
    if rng.random() < 0.7:
        qpm = float(round(qpm))
    if rng.random() < 0.9 or len(bar_starts) < 3:
        return ((0, qpm),)
    return ((0, qpm), (int(bar_starts[-2]), max(60.0, 0.8 * qpm)))
