"""Rendering: a score, or a MIDI file, becomes sound through FluidSynth.

Both take the same way: FluidSynth's own file player, so that pedals, bends and mixer settings of an
uploaded file are heard as the file has them. The player is given an `excerpt`, whose clock counts
milliseconds as the player does: a note is at the same sample whether all of a piece is rendered or
a stretch. Reverb and chorus move in time, and have the same phase every `_PERIOD_MS`: a stretch is
rendered from such a place on, in silence up to its own start.
"""

import weakref
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from os import cpu_count, fsencode
from pathlib import Path
from threading import Lock
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from meloformer.audio.library import PLAYING, Library, load_library
from meloformer.audio.loudness import loudness_gain
from meloformer.audio.waveform import Waveform
from meloformer.errors import AudioError
from meloformer.midi.excerpt import excerpt
from meloformer.midi.file import MidiFile
from meloformer.midi.read import read_file
from meloformer.midi.timeline import Timeline
from meloformer.midi.write import write_midi
from meloformer.phrases import phrase
from meloformer.score.score import Score

MAX_RENDER_S = 20 * 60
"""Longer pieces are refused: twenty minutes are 400 MB of samples."""
MAX_TAIL_S = 3.0
"""How long the last notes may ring after the player has stopped."""

_PERIOD_MS = 16_000
"""Of FluidSynth's blocks of 64 samples, of its reverb, and of its chorus as it is set here."""
_PLAYER_GRACE_S = 4.0  # FluidSynth's player itself waits for the last voices
_BLOCK = 64 * 105  # samples per call; a divisor of `_PERIOD_MS`, as what happens depends on it
_CHORUS_HZ = 0.1875  # three times in `_PERIOD_MS`; FluidSynth's own 0.2 is back only after 80 s
_QUIET = 1e-4  # -80 dBFS
FADE_S = 0.05
_DRUM_BANK = 128
_PROGRAMS = 128
_SETTINGS = {
    b"synth.reverb.active": 1,
    b"synth.chorus.active": 1,
    b"synth.polyphony": 128,  # the quietest of more are not heard, and each costs time
    b"synth.dynamic-sample-loading": 1,  # of programs that are selected
    b"synth.cpu-cores": min(cpu_count() or 1, 4),
    b"audio.realtime-prio": 0,  # files, not a stage: leave the machine to others
}


class Synth:
    """FluidSynth with one SoundFont.

    Every render has an instrument of its own, so the same music gives the same samples, and threads
    may render at once. Of the SoundFont it loads what is played, as all of a compressed one takes
    many seconds to unpack. What was loaded stays in memory, where FluidSynth shares it, until
    `unload`.

    Args:
        soundfont: An .sf2 or .sf3 file, from `find_soundfont`.

    Raises:
        AudioError: FluidSynth is missing, or the SoundFont cannot be read.
    """

    sample_rate = 44_100
    """Samples per second of each side."""

    def __init__(self, soundfont: Path) -> None:
        self._library = load_library()
        self.soundfont = soundfont
        self._programs = _LoadedPrograms(self._library, soundfont)

    def render(self, music: Score | MidiFile | bytes) -> Waveform:
        """Play music from beginning to end, until the last note has rung out.

        Every render comes out equally loud (`loudness.TARGET_LUFS`), so that two are compared by
        their notes.

        Args:
            music: A score, or a MIDI file, whose controllers and bends are then heard, too. A file
                is played to its last note, and is read only where it is given as bytes.

        Raises:
            MidiError: The bytes are not a MIDI file.
            AudioError: The music is longer than `MAX_RENDER_S`.
        """
        sound = self.play(music)
        gain = np.float32(loudness_gain(sound))
        return Waveform(sound.samples * gain, sound.sample_rate)

    def play(
        self, music: Score | MidiFile | bytes, is_heard: NDArray[np.bool_] | None = None
    ) -> Waveform:
        """Play music as `render` does, as loud as FluidSynth makes it.

        Args:
            music: A score, or a MIDI file.
            is_heard: Which of its notes play, as in `MidiFile.notes`; all if `None`. (N,).

        Raises:
            MidiError: The bytes are not a MIDI file.
            AudioError: The music is longer than `MAX_RENDER_S`.
        """
        if isinstance(music, bytes):
            music = read_file(music)
        if isinstance(music, MidiFile):
            file, duration_s = music, music.last_note_s
        else:
            duration_s = music.duration_s
            _check_duration(duration_s)
            if not music.num_notes:
                rests = np.zeros((round(duration_s * self.sample_rate), 2), dtype=np.float32)
                return Waveform(rests, self.sample_rate)
            file = read_file(write_midi(music))
        _check_duration(duration_s)
        self._programs.load(file.score)
        samples = self._play(excerpt(Timeline(file), is_heard=is_heard), duration_s)
        at_least = round(duration_s * self.sample_rate)
        return Waveform(_ring_out(samples, at_least, self.sample_rate), self.sample_rate)

    def play_stretch(self, timeline: Timeline, start_ms: int, end_ms: int | None) -> Waveform:
        """Play a stretch of a file, and what is held when it begins, as loud as `play` does.

        Args:
            timeline: Of the file.
            start_ms: Where it begins.
            end_ms: Where it ends; `None` for the end of the file, to be rung out.

        Returns:
            The samples from `start_ms` on.

        Raises:
            AudioError: The file is longer than `MAX_RENDER_S`.
        """
        file = timeline.file
        _check_duration(file.last_note_s)
        self._programs.load(file.score)
        zero_ms = start_ms // _PERIOD_MS * _PERIOD_MS
        midi = excerpt(timeline, start_ms=start_ms, zero_ms=zero_ms)
        until_s = (file.last_note_s if end_ms is None else end_ms / 1000) - zero_ms / 1000
        samples = self._play(midi, max(0.0, until_s), rings_out=end_ms is None)
        at_least = round(max(0.0, until_s) * self.sample_rate)
        if end_ms is None:
            samples = _ring_out(samples, at_least, self.sample_rate)
        first = (start_ms - zero_ms) * self.sample_rate // 1000
        return Waveform(samples[first:] if end_ms is None else samples[first:at_least], 44_100)

    def unload(self, unused_s: float = 0.0) -> None:
        """Let go of the sounds that were loaded; the next render loads what it plays again.

        Args:
            unused_s: Only if nothing has been played for so many seconds.
        """
        self._programs.unload(unused_s)

    def _play(self, midi: bytes, duration_s: float, rings_out: bool = True) -> NDArray[np.float32]:
        """Return what the player gives, up to the end of a duration or until it has rung out."""
        library = self._library
        capacity = duration_s + rings_out * (_PLAYER_GRACE_S + MAX_TAIL_S)
        num_blocks = int(capacity * self.sample_rate) // _BLOCK + 1
        tail_blocks = int(MAX_TAIL_S * self.sample_rate) // _BLOCK
        samples = np.empty((num_blocks * _BLOCK, 2), dtype=np.float32)
        with (
            _instrument(library, self.soundfont, self.sample_rate) as (instrument, _),
            _player(library, instrument, midi) as player,
        ):
            for block in range(num_blocks):
                now = samples[block * _BLOCK : (block + 1) * _BLOCK]
                address = now.ctypes.data
                library.write_float(instrument, _BLOCK, address, 0, 2, address, 1, 2)
                if library.player_status(player) == PLAYING or not rings_out:
                    continue
                tail_blocks -= 1
                if tail_blocks < 0 or np.abs(now).max() < _QUIET:
                    return samples[: (block + 1) * _BLOCK]
        return samples


def _check_duration(duration_s: float) -> None:
    if duration_s > MAX_RENDER_S:
        raise AudioError(
            phrase(
                "The piece lasts {duration_s:.0f} minutes; sound is made of up to {max_render_s}.",
                duration_s=duration_s / 60,
                max_render_s=MAX_RENDER_S // 60,
            ),
            hint="Download the MIDI file and play it elsewhere, or upload a shorter piece.",
        )


class _LoadedPrograms:
    """The programs of a SoundFont that were played: selected by an instrument that never plays."""

    def __init__(self, library: Library, soundfont: Path) -> None:
        self._library = library
        self._lock = Lock()
        self._loaded: set[tuple[int, int]] = set()
        """Banks and programs; each has a channel."""
        self._used_s = monotonic()
        instrument = ExitStack()
        opened = _instrument(library, soundfont, channels=2 * _PROGRAMS, selects=False)
        self._instrument, self._font = instrument.enter_context(opened)
        weakref.finalize(self, instrument.close)

    def load(self, score: Score) -> None:
        """Load what a score plays, unless it is loaded already."""
        with self._lock:
            self._used_s = monotonic()
            self._load(0, 0)  # both are what channels begin with
            self._load(_DRUM_BANK, 0)
            for track in score.tracks:
                self._load(_DRUM_BANK if track.is_drum else 0, track.program)

    def unload(self, unused_s: float) -> None:
        """Let go of all, if nothing has been loaded or played for so long."""
        with self._lock:
            if monotonic() - self._used_s >= unused_s:
                for channel in range(len(self._loaded)):
                    self._library.unset_program(self._instrument, channel)
                self._loaded.clear()

    def _load(self, bank: int, program: int) -> None:
        if (bank, program) not in self._loaded:
            channel = len(self._loaded)
            self._library.select_program(self._instrument, channel, self._font, bank, program)
            self._loaded.add((bank, program))


@contextmanager
def _instrument(
    library: Library,
    soundfont: Path,
    sample_rate: int = 44_100,
    channels: int = 16,
    *,
    selects: bool = True,
) -> Iterator[tuple[int, int]]:
    """Open a FluidSynth of its own; yield it and its number for the SoundFont.

    Unless it `selects` what channels begin with, none of its channels has a sound.
    """
    settings = _handle(library.new_settings())
    try:
        library.set_number(settings, b"synth.sample-rate", float(sample_rate))
        library.set_int(settings, b"synth.midi-channels", channels)
        for name, number in _SETTINGS.items():
            library.set_int(settings, name, number)
        library.set_number(settings, b"synth.chorus.speed", _CHORUS_HZ)
        synth = _handle(library.new_synth(settings))
        try:
            font = library.load_soundfont(synth, fsencode(soundfont), int(selects))
            if font < 0:
                raise AudioError(
                    phrase(
                        "The SoundFont `{soundfont_name}` cannot be read.",
                        soundfont_name=soundfont.name,
                    ),
                    hint="Remove it from the `soundfonts` folder, or replace it with a whole one.",
                )
            yield synth, font
        finally:
            library.delete_synth(synth)
    finally:
        library.delete_settings(settings)


@contextmanager
def _player(library: Library, instrument: int, midi: bytes) -> Iterator[int]:
    """Open a player that has the file, and start it."""
    player = _handle(library.new_player(instrument))
    try:
        library.add_midi(player, midi, len(midi))
        library.play(player)
        yield player
    finally:
        library.stop(player)
        library.delete_player(player)


def _ring_out(samples: NDArray[np.float32], at_least: int, sample_rate: int) -> NDArray[np.float32]:
    """Cut the silence behind the last sound, but not the music's own, and fade the very end."""
    loud = np.flatnonzero(np.abs(samples[at_least:]).max(axis=1, initial=0) >= _QUIET)
    end = at_least + (int(loud[-1]) + 1 if len(loud) else 0)
    if end > len(samples):
        samples = np.pad(samples, ((0, end - len(samples)), (0, 0)))
    samples = samples[:end]
    fade = min(round(FADE_S * sample_rate), end)
    samples[end - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)[:, None]
    return samples


def _handle(pointer: int | None) -> int:
    if not pointer:
        raise AudioError("FluidSynth could not be started.", hint="Is there memory left?")
    return pointer
