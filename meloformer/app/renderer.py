"""The room in which sound is made: a few renders at a time, whoever asks, each only once."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore, Lock
from weakref import WeakKeyDictionary

import numpy as np

from meloformer.app.take import Sound
from meloformer.audio import COMPRESSED_SUFFIX, Synth, Waveform, write_compressed, write_wav
from meloformer.audio.files import read_wav
from meloformer.audio.loudness import limit_peaks, loudness_gain
from meloformer.audio.mix import render_mix
from meloformer.audio.mixer import Mixer
from meloformer.audio.partial_render import render_difference
from meloformer.audio.stems import render_stems
from meloformer.audio.stretch_file import write_with_stretch
from meloformer.errors import AudioError
from meloformer.midi.file import MidiFile
from meloformer.score.part import Part

MAX_AT_ONCE = 2
"""Each holds the samples of what it renders: 100 MB of five minutes."""
UNUSED_S = 300.0
"""How long instruments stay in memory that nobody hears; to load them again takes a second."""


class Renderer:
    """Makes sound into files; threads may ask at once.

    Args:
        synth: What plays; `None` where there is nothing to play with.
        problem: Why there is none, as a sentence with a hint.
    """

    def __init__(self, synth: Synth | None, problem: str = "") -> None:
        self._synth = synth
        self._problem = problem
        self._room = BoundedSemaphore(MAX_AT_ONCE)
        self._turns: WeakKeyDictionary[MidiFile, Lock] = WeakKeyDictionary()
        self._lock = Lock()

    @contextmanager
    def turn(self, file: MidiFile) -> Iterator[None]:
        """Wait until nobody else renders this file."""
        with self._lock:
            turn = self._turns.setdefault(file, Lock())
        with turn:
            yield

    def whole(self, file: MidiFile, path: Path, gain: float | None = None) -> Sound:
        """Render a file from beginning to end into a WAV file.

        Args:
            file: What is played.
            path: Where to.
            gain: How far it is turned up; by default to the usual loudness.

        Raises:
            AudioError: There is nothing to play it with, it is too long, or the disk is full.
        """
        with self._room:
            sound = self.require_synth().play(file)
            gain = loudness_gain(sound) if gain is None else gain
            loud = limit_peaks(Waveform(sound.samples * np.float32(gain), sound.sample_rate))
            write_wav(path, loud)
        return Sound(path, loud.duration_s, gain)

    def version(self, file: MidiFile, piece: MidiFile, base: Sound, path: Path) -> Sound:
        """Render a version of a piece into a WAV file: what is new, the rest from the piece's.

        Args:
            file: The version.
            piece: What it is a version of.
            base: The sound of the piece.
            path: Where to.

        Raises:
            AudioError: As `whole`.
        """
        if not base.wav.is_file():
            return self.whole(file, path, base.gain)
        with self._room:
            length = round(base.duration_s * self.require_synth().sample_rate)
            stretch = render_difference(self.require_synth(), piece, file, length)
            if stretch is None:
                return base
            return Sound(path, write_with_stretch(path, base.wav, stretch, base.gain), base.gain)

    def mix(self, file: MidiFile, mixer: Mixer, base: Sound, path: Path) -> None:
        """Render a file as a mixer says, into WAV or MP3 by the path's ending.

        Args:
            file: What is played.
            mixer: How loud its parts are.
            base: The sound of the whole, whose gain it keeps.
            path: Where to.

        Raises:
            AudioError: As `whole`.
        """
        with self._room:
            waveform = render_mix(self.require_synth(), file, mixer, base.gain)
            write = write_compressed if path.suffix == COMPRESSED_SUFFIX else write_wav
            write(path, waveform)

    def stems(
        self, file: MidiFile, base: Sound, num_samples: int
    ) -> Iterator[tuple[Part, Waveform]]:
        """Render the parts of a file alone, one after the other.

        Args:
            file: What is played.
            base: The sound of the whole, whose gain they keep.
            num_samples: Of the whole.

        Raises:
            AudioError: As `whole`.
        """
        with self._room:
            yield from render_stems(self.require_synth(), file, base.gain, num_samples)

    def compress(self, sound: Sound, path: Path) -> None:
        """Write the MP3 of a sound.

        Raises:
            AudioError: The sound is gone, or the disk is full.
        """
        with self._room:
            write_compressed(path, read_wav(sound.wav))

    def tidy(self) -> None:
        """Let go of instruments that nobody has heard for `UNUSED_S`."""
        if self._synth is not None:
            self._synth.unload(UNUSED_S)

    def require_synth(self) -> Synth:
        """Return what plays.

        Raises:
            AudioError: There is nothing.
        """
        if self._synth is None:
            said, _, hint = self._problem.partition("\n\nhint: ")
            raise AudioError(said or "There is nothing to play the notes with.", hint=hint)
        return self._synth
