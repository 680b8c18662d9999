"""Voices: which notes of a staff are one chord, and which of two voices it stands in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, zip_longest

from meloformer.score.notation.measure import SIXTEENTH
from meloformer.score.notation.snapping import BeatSteps, WrittenNote

_EIGHTH = 2 * SIXTEENTH


@dataclass(slots=True)
class WrittenChord:
    """Notes that begin and end together; one is a chord, too."""

    start: int
    end: int
    pitches: list[int]

    @property
    def height(self) -> float:
        """The mean of its pitches."""
        return sum(self.pitches) / len(self.pitches)


@dataclass(slots=True)
class StaffVoices:
    """The chords of a staff in two voices, in order; the lower one may be empty."""

    upper: list[WrittenChord] = field(default_factory=list)
    lower: list[WrittenChord] = field(default_factory=list)


def voices_of(notes: Sequence[WrittenNote]) -> StaffVoices:
    """Write the notes of a staff in one voice, and in a second one where some are held.

    Args:
        notes: Sorted by where they begin.
    """
    voices = StaffVoices()
    groups = [(start, list(own)) for start, own in groupby(notes, lambda note: note.start)]
    for index, (_, own) in enumerate(groups):
        following = groups[index + 1][0] if index + 1 < len(groups) else None
        for chord in _chords(own, following):
            _place(voices, chord)
    for voice in (voices.upper, voices.lower):
        _close_gaps(voice)
    return voices


def drum_voices(
    notes: Iterable[WrittenNote], feet: frozenset[int], steps: BeatSteps
) -> StaffVoices:
    """Write hands above and feet below, each stroke until the next or the end of its beat.

    Args:
        notes: Sorted by where they begin.
        feet: The keys of drums that feet play.
        steps: Of the part.
    """
    voices = StaffVoices()
    for note in notes:
        voice = voices.lower if note.pitch in feet else voices.upper
        if voice and voice[-1].start == note.start:
            voice[-1].pitches.append(note.pitch)
        else:
            voice.append(WrittenChord(note.start, note.end, [note.pitch]))
    for voice in (voices.upper, voices.lower):
        for chord, following in zip_longest(voice, voice[1:]):
            beat_end = steps.beat_end(chord.start)
            chord.end = beat_end if following is None else min(beat_end, following.start)
    return voices


def _chords(own: list[WrittenNote], following: int | None) -> list[WrittenChord]:
    """Return what begins at one tick: one chord, or the higher and the lower of two."""
    if following is not None:
        own = [_trimmed(note, following) for note in own]
    held = [note for note in own if following is not None and note.end > following]
    short = [note for note in own if note not in held]
    found = [
        WrittenChord(some[0].start, max(n.end for n in some), [n.pitch for n in some])
        for some in (held, short)
        if some
    ]
    return sorted(found, key=lambda chord: -chord.height)


def _trimmed(note: WrittenNote, following: int) -> WrittenNote:
    """End a note where the next begins if it hardly reaches over it."""
    over = note.end - following
    if over > 0 and (over < _EIGHTH or 2 * over <= following - note.start):
        return replace(note, end=following)
    return note


def _place(voices: StaffVoices, chord: WrittenChord) -> None:
    """Put a chord into a voice that is free, the higher of two above, or end what is held."""
    upper, lower = voices.upper, voices.lower
    if _is_free(upper, chord.start):
        is_above = _is_free(lower, chord.start) or chord.height >= lower[-1].height
        (upper if is_above or not _has_moved(lower, upper) else lower).append(chord)
    elif _is_free(lower, chord.start):
        is_above = chord.height > upper[-1].height and _has_moved(upper, lower)
        (upper if is_above else lower).append(chord)
    else:
        nearer, other = (upper, lower) if chord.height >= upper[-1].height else (lower, upper)
        _end_held(nearer if nearer[-1].start < chord.start else other, chord)


def _is_free(voice: list[WrittenChord], tick: int) -> bool:
    return not voice or voice[-1].end <= tick


def _has_moved(voice: list[WrittenChord], other: list[WrittenChord]) -> bool:
    """Move the last chord of a voice to the other one, if there is room."""
    if not _is_free(other, voice[-1].start):
        return False
    other.append(voice.pop())
    return True


def _end_held(voice: list[WrittenChord], chord: WrittenChord) -> None:
    """Let a chord begin where another is held, or join it if both begin together."""
    held = voice[-1]
    if held.start == chord.start:
        held.pitches = sorted({*held.pitches, *chord.pitches})
    else:
        held.end = chord.start
        voice.append(chord)


def _close_gaps(voice: list[WrittenChord]) -> None:
    """Let notes that are played a little short reach the next, or the next eighth."""
    for chord, following in zip_longest(voice, voice[1:]):
        gap = None if following is None else following.start - chord.end
        if following is not None and gap is not None and gap < _EIGHTH:
            if gap <= chord.end - chord.start:
                chord.end = following.start
            continue
        short = -chord.end % _EIGHTH
        if short <= SIXTEENTH and chord.end - chord.start >= SIXTEENTH:
            chord.end += short
