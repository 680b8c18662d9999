"""Rendering only what is new: a version of a piece whose sound is there already.

What two files have in common sounds the same in both, so of a version only a stretch is rendered:
from a little before the first message that differs, with the notes that ring there begun where they
begin, until the last one has rung out. It is put in the place of the old sound with short
cross-fades, in which both are the same music.

Axes: N samples of the stretch.
"""

from dataclasses import dataclass
from typing import Final

from meloformer.audio.synth import FADE_S, Synth
from meloformer.audio.waveform import Waveform
from meloformer.midi.difference import difference
from meloformer.midi.events import SYSTEM_EXCLUSIVE
from meloformer.midi.file import MidiFile
from meloformer.midi.timeline import NEVER, Timeline

CROSS_FADE_MS: Final = 30
RING_MS: Final = 4_000
"""How long a note that was let go may be heard, reverb included."""
_MAX_HELD_MS: Final = 16_000
"""A note that has been held for longer is struck again here: by then it is past its attack."""


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Sound to be put in the place of other sound."""

    first: int
    """The sample of the old sound that its own first one is faded over."""
    waveform: Waveform
    """As loud as `Synth.play` makes it. (N, 2)."""
    fade_in: int
    """Samples in which the old sound gives way."""
    fade_out: int
    """Samples at the end in which the old sound comes back; 0 if the piece ends with it."""

    @property
    def resumes(self) -> bool:
        """Whether the old sound goes on after it."""
        return self.fade_out > 0


def render_difference(
    synth: Synth, old: MidiFile, new: MidiFile, num_samples: int
) -> Stretch | None:
    """Render where a version of a piece differs from it.

    Args:
        synth: That has rendered the piece.
        old: The piece.
        new: The version.
        num_samples: Length of the sound of the piece.

    Returns:
        `None` if the version sounds like the piece.

    Raises:
        AudioError: The version is too long.
    """
    before, after = Timeline(old), Timeline(new)
    differs = difference(before, after)
    if differs is None:
        return None
    # The end of the old sound was faded out, and the player lets go of all when it has ended.
    end_ms = max(0, int((num_samples / synth.sample_rate - FADE_S) * 1000))
    played_ms = int(before.message_ms[old.events.status <= SYSTEM_EXCLUSIVE].max())
    join_ms = max(0, min(differs.first_ms, end_ms, played_ms) - CROSS_FADE_MS)
    start_ms = _start_ms(after, join_ms)
    resume_ms = None
    if differs.last_ms is not None:
        resume_ms = max(
            _rung_out_ms(one, differs.first_ms, differs.last_ms) for one in (before, after)
        )
    resumes = resume_ms is not None and resume_ms + CROSS_FADE_MS < end_ms
    until_ms = resume_ms + CROSS_FADE_MS if resumes and resume_ms is not None else None
    sound = synth.play_stretch(after, start_ms, until_ms)
    first, start, faded = (
        ms * synth.sample_rate // 1000
        for ms in (join_ms, start_ms, min(join_ms + CROSS_FADE_MS, differs.first_ms))
    )
    waveform = Waveform(sound.samples[first - start :], sound.sample_rate)
    fade_out = CROSS_FADE_MS * synth.sample_rate // 1000 if resumes else 0
    return Stretch(first, waveform, faded - first, fade_out)


def _start_ms(timeline: Timeline, join_ms: int) -> int:
    """Return where to begin so that all is there that rings at the join."""
    if timeline.file.events.port.any():
        return 0  # FluidSynth has one set of channels: the order in which all set them counts
    ring_ms = join_ms - RING_MS
    rings = (timeline.note_ms < ring_ms) & (timeline.held_until_ms > ring_ms)
    starts = timeline.note_ms[rings]
    starts = starts[starts >= join_ms - _MAX_HELD_MS]
    return max(0, int(starts.min(initial=ring_ms)))


def _rung_out_ms(timeline: Timeline, first_ms: int, last_ms: int) -> int:
    """Return when all that begins in a stretch of time has rung out."""
    inside = (timeline.note_ms >= first_ms) & (timeline.note_ms <= last_ms)
    held = timeline.held_until_ms[inside]
    return min(NEVER, max(last_ms, int(held.max(initial=last_ms))) + RING_MS)
