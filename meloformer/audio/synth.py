"""Rendering: a score, or a MIDI file, becomes sound through FluidSynth.

Both take the same way: FluidSynth's own file player, so that pedals, bends and mixer settings of an
uploaded file are heard as the file has them.
"""

import weakref
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from os import cpu_count, fsencode
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from meloformer.audio.library import PLAYING, Library, load_library
from meloformer.audio.loudness import loudness_gain
from meloformer.audio.waveform import Waveform
from meloformer.errors import AudioError
from meloformer.midi.file import MidiFile
from meloformer.midi.read import read_file
from meloformer.midi.write import write_midi
from meloformer.score.score import Score

MAX_RENDER_S = 20 * 60
"""Longer pieces are refused: twenty minutes are 400 MB of samples."""
MAX_TAIL_S = 3.0
"""How long the last notes may ring after the player has stopped."""

_PLAYER_GRACE_S = 4.0  # FluidSynth's player itself waits for the last voices
_BLOCK = 8192  # samples per call
_QUIET = 1e-4  # -80 dBFS
_FADE_S = 0.05
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
    many seconds to unpack. What was loaded stays in memory, where FluidSynth shares it.

    Args:
        soundfont: An .sf2 or .sf3 file, from `find_soundfont`.
        sample_rate: Samples per second of each side.

    Raises:
        AudioError: FluidSynth is missing, or the SoundFont cannot be read.
    """

    def __init__(self, soundfont: Path, sample_rate: int = 44_100) -> None:
        self._library = load_library()
        self.soundfont = soundfont
        self.sample_rate = sample_rate
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
        music = read_file(music) if isinstance(music, bytes) else music
        if isinstance(music, MidiFile):
            score, midi, duration_s = music.score, music.data, music.last_note_s
        else:
            score, midi, duration_s = music, write_midi(music), music.duration_s
        if duration_s > MAX_RENDER_S:
            raise AudioError(
                f"The piece lasts {duration_s / 60:.0f} minutes; "
                f"sound is made of up to {MAX_RENDER_S // 60}.",
                hint="Download the MIDI file and play it elsewhere, or upload a shorter piece.",
            )
        self._programs.load(score)
        samples = self._play(midi, duration_s)
        if samples is None:  # what FluidSynth cannot read of a file, such as SMPTE time
            samples = self._play(write_midi(score), duration_s)
        if samples is None:
            raise AudioError("FluidSynth could not play this music.")
        samples = _ring_out(samples, round(duration_s * self.sample_rate), self.sample_rate)
        samples *= np.float32(loudness_gain(Waveform(samples, self.sample_rate)))
        return Waveform(samples, self.sample_rate)

    def _play(self, midi: bytes, duration_s: float) -> NDArray[np.float32] | None:
        """Return everything the player gives, tail included; None if it cannot read the file."""
        library = self._library
        capacity = duration_s + _PLAYER_GRACE_S + MAX_TAIL_S
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
                if library.player_status(player) == PLAYING:
                    continue
                if block == 0 and duration_s * self.sample_rate > _BLOCK:
                    return None
                tail_blocks -= 1
                if tail_blocks < 0 or np.abs(now).max() < _QUIET:
                    return samples[: (block + 1) * _BLOCK]
        return samples


class _LoadedPrograms:
    """The programs of a SoundFont that were played: selected by an instrument that never plays."""

    def __init__(self, library: Library, soundfont: Path) -> None:
        self._library = library
        self._lock = Lock()
        self._loaded: set[tuple[int, int]] = set()
        """Banks and programs; each has a channel."""
        instrument = ExitStack()
        opened = _instrument(library, soundfont, channels=2 * _PROGRAMS)
        self._instrument, self._font = instrument.enter_context(opened)
        weakref.finalize(self, instrument.close)
        self._load(0, 0)  # both are what channels begin with
        self._load(_DRUM_BANK, 0)

    def load(self, score: Score) -> None:
        """Load what a score plays, unless it is loaded already."""
        with self._lock:
            for track in score.tracks:
                self._load(_DRUM_BANK if track.is_drum else 0, track.program)

    def _load(self, bank: int, program: int) -> None:
        if (bank, program) not in self._loaded:
            channel = len(self._loaded)
            self._library.select_program(self._instrument, channel, self._font, bank, program)
            self._loaded.add((bank, program))


@contextmanager
def _instrument(
    library: Library, soundfont: Path, sample_rate: int = 44_100, channels: int = 16
) -> Iterator[tuple[int, int]]:
    """Open a FluidSynth of its own; yield it and its number for the SoundFont."""
    settings = _handle(library.new_settings())
    try:
        library.set_number(settings, b"synth.sample-rate", float(sample_rate))
        library.set_int(settings, b"synth.midi-channels", channels)
        for name, number in _SETTINGS.items():
            library.set_int(settings, name, number)
        synth = _handle(library.new_synth(settings))
        try:
            font = library.load_soundfont(synth, fsencode(soundfont), 1)
            if font < 0:
                raise AudioError(
                    f"The SoundFont `{soundfont.name}` cannot be read.",
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
    fade = min(round(_FADE_S * sample_rate), end)
    samples[end - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)[:, None]
    return samples


def _handle(pointer: int | None) -> int:
    if not pointer:
        raise AudioError("FluidSynth could not be started.", hint="Is there memory left?")
    return pointer
