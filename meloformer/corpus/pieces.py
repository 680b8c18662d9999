"""Pieces of a corpus: each file becomes one, or is refused for one reason."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from meloformer.corpus.config import FilterConfig
from meloformer.corpus.duplicates import Signature, signature
from meloformer.errors import MidiError
from meloformer.midi.container import MAX_BYTES
from meloformer.midi.read import read_midi
from meloformer.score.beat_grid import is_free, on_beat_grid
from meloformer.score.drum_take import is_drum_take, on_click
from meloformer.score.grid import TEMPO_QPM, TICKS_PER_QUARTER
from meloformer.score.key import key_of
from meloformer.score.part import MAX_INSTANCES
from meloformer.score.score import Score
from meloformer.tokens.encode import encode
from meloformer.tokens.in_force import in_force
from meloformer.tokens.notes import Notes, notes_of
from meloformer.tokens.vocabulary import Kind, vocabulary

NUM_PROGRAMS = 129
"""The General MIDI programs, and drums."""

PIECE_FIELDS = np.dtype(
    [
        ("tokens", "<i4"),
        ("notes", "<i4"),
        ("bars", "<i4"),
        ("quarters", "<f4"),
        ("seconds", "<f4"),
        ("parts", "<i2"),
        ("metre", "<i2"),
        ("key", "<i2"),
    ]
)
"""What is counted of each piece. `metre` is the index in `METRES` of the metre of most bars, `key`
the index in `KEY_NAMES`, -1 where nothing pitched sounds."""

_ON_GRID = np.isin(
    np.arange(TICKS_PER_QUARTER), [TICKS_PER_QUARTER * k // n for n in (3, 4) for k in range(n)]
)
"""Which grid ticks of a quarter are sixteenths or triplet eighths."""


class Reason(StrEnum):
    """A reason to leave a file out of the shards."""

    UNREADABLE = "unreadable"
    FAILED = "could not be judged"
    TOO_SHORT = "too short"
    TOO_LONG = "too long"
    FEW_NOTES = "too few notes"
    FEW_PITCHES = "too few pitches"
    FEW_DRUMS = "too few drums"
    ONE_NOTE = "one note repeated"
    NO_GRID = "no usable bar grid"
    MANY_PARTS = "too many parts"
    OFF_GRID = "off the grid"
    CROSS_BAR = "too many notes across bar lines"
    DUPLICATE = "duplicate"
    NEAR_DUPLICATE = "near-duplicate"
    NEAR_HELD_OUT = "of a tune that is held out"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that is left out."""

    reason: Reason
    detail: str = ""
    """The figure or name that decided, for a look at the file."""


@dataclass(frozen=True, slots=True, eq=False)
class CorpusPiece:
    """A file that may be trained on, unless it repeats another."""

    ids: NDArray[np.uint16]
    counts: NDArray[np.void]
    """One element of `PIECE_FIELDS`. ()."""
    programs: NDArray[np.bool_]
    """Which programs play, drums last. (129,)."""
    signature: Signature


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """The result of reading one file."""

    sha256: str
    """Of the bytes of the file; empty where it could not be opened."""
    result: CorpusPiece | Refusal


def read_piece(path: Path, config: FilterConfig) -> Reading:
    """Read, judge and encode one file. Nothing that a file holds raises."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)  # one more than `read_midi` accepts
    except OSError as error:
        return Reading("", Refusal(Reason.UNREADABLE, error.strerror or str(error)))
    try:
        result = judge(data, config)
    except Exception as error:  # noqa: BLE001 - one bad file never stops a corpus
        result = Refusal(Reason.FAILED, f"{type(error).__name__}: {error}")
    return Reading(hashlib.sha256(data).hexdigest(), result)


def judge(data: bytes, config: FilterConfig) -> CorpusPiece | Refusal:
    """Turn the bytes of a MIDI file into a piece, or into the reason why it is none."""
    try:
        score = read_midi(data)
    except MidiError as error:
        return Refusal(Reason.UNREADABLE, error.problem)
    if score.end_tick > config.max_beats * score.ticks_per_quarter:
        return Refusal(Reason.TOO_LONG, _beats(score.end_tick / score.ticks_per_quarter))
    try:
        ids = encode(_on_grid(score)).ids
    except MidiError as error:
        return Refusal(Reason.NO_GRID, error.problem)
    notes = notes_of(ids)
    refusal = screen(notes, config)
    if refusal is not None:
        return refusal
    programs = np.zeros(NUM_PROGRAMS, dtype=bool)
    programs[notes.part // MAX_INSTANCES] = True
    return CorpusPiece(ids, _count(ids, notes), programs, signature(notes))


def screen(notes: Notes, config: FilterConfig) -> Refusal | None:
    """Check the notes of a piece against the limits; the first one broken is the reason."""
    quarters = notes.bar_ticks.sum() / TICKS_PER_QUARTER
    num_notes = len(notes.pitch)
    if quarters < config.min_beats:
        return Refusal(Reason.TOO_SHORT, _beats(quarters))
    if num_notes < config.min_notes:
        return Refusal(Reason.FEW_NOTES, f"{num_notes} notes")
    played = np.bincount(notes.pitch + 128 * notes.is_drum, minlength=256)
    num_pitches = int(np.count_nonzero(played))
    if notes.is_drum.all():
        if num_pitches < config.min_drums:
            return Refusal(Reason.FEW_DRUMS, f"{num_pitches} drums")
    elif num_pitches < config.min_pitches:
        return Refusal(Reason.FEW_PITCHES, f"{num_pitches} pitches")
    checks = (
        (played.max() / num_notes, config.max_one_note, Reason.ONE_NOTE),
        (_off_grid(notes), config.max_off_grid, Reason.OFF_GRID),
        (_cross_bar(notes), config.max_cross_bar, Reason.CROSS_BAR),
    )
    for share, limit, reason in checks:
        if share > limit:
            return Refusal(reason, f"{share:.0%} of the notes")
    num_parts = len(np.unique(notes.part))
    if num_parts > config.max_parts:
        return Refusal(Reason.MANY_PARTS, f"{num_parts} parts")
    return None


def _on_grid(score: Score) -> Score:
    if is_free(score):
        return on_beat_grid(score)
    return on_click(score).score if is_drum_take(score) else score


def _off_grid(notes: Notes) -> float:
    """Return the share of the notes on no sixteenth and no triplet eighth; by chance a half."""
    return 1 - float(_ON_GRID[notes.onset % TICKS_PER_QUARTER].mean())


def _cross_bar(notes: Notes) -> float:
    """Share of the notes that sound on into the next bar."""
    return float((notes.onset + notes.duration > notes.bar_ticks[notes.bar]).mean())


def _beats(quarters: float) -> str:
    return f"{quarters:,.0f} beats"


def _count(ids: NDArray[np.uint16], notes: Notes) -> NDArray[np.void]:
    vocab = vocabulary()
    kind, value = vocab.kind[ids], vocab.value[ids]
    num_bars = int(np.count_nonzero(kind == Kind.SUM))
    metre, tempo = (value[in_force(kind, of)] for of in (Kind.METRE, Kind.TEMPO))
    quarters = notes.bar_ticks / TICKS_PER_QUARTER
    pitched = ~notes.is_drum
    sounding = np.bincount(notes.pitch[pitched] % 12, notes.duration[pitched], minlength=12)
    counts = np.zeros((), dtype=PIECE_FIELDS)
    counts["tokens"] = len(ids)
    counts["notes"] = len(notes.pitch)
    counts["bars"] = num_bars
    counts["quarters"] = quarters.sum()
    counts["seconds"] = (quarters * 60 / TEMPO_QPM[tempo]).sum()
    counts["parts"] = len(np.unique(notes.part))
    counts["metre"] = np.bincount(metre).argmax()
    counts["key"] = key_of(sounding.astype(np.float64))
    return counts
