"""Audio of the samples of runs, made when a visitor asks for it."""

import hashlib
import secrets
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from meloformer.audio import COMPRESSED_SUFFIX, Synth, write_compressed
from meloformer.errors import AudioError
from meloformer.runs.samples import Sample


@dataclass(frozen=True, slots=True)
class RenderedSample:
    """The files of a sample that has been played once, for the browser."""

    sound: Path
    midi: Path


@dataclass(slots=True)
class Sounds:
    """Audio of samples in the folder of the visitors' files, under names that cannot be guessed."""

    synth: Synth | None
    problem: str
    """Why there is no synthesizer, if there is none."""
    folder: Path
    _secret: str = field(default_factory=secrets.token_hex)
    _lock: Lock = field(default_factory=Lock)

    def known(self, sample: Sample) -> RenderedSample | None:
        """Return the audio of a sample, if it has been made."""
        rendered = self._paths(sample)
        return rendered if rendered.sound.is_file() and rendered.midi.is_file() else None

    def play(self, sample: Sample) -> RenderedSample:
        """Return the audio of a sample, made now if it has not been yet.

        Raises:
            AudioError: There is no synthesizer, or the sample cannot be played.
        """
        if self.synth is None:
            said, _, hint = self.problem.partition("\n\nhint: ")
            raise AudioError(said, hint=hint)
        with self._lock:  # two clicks make it once
            known = self.known(sample)
            if known is not None:
                return known
            rendered = self._paths(sample)
            rendered.sound.parent.mkdir(parents=True, exist_ok=True)
            waveform = self.synth.render(sample.path.read_bytes())
            shutil.copyfile(sample.path, rendered.midi)
            write_compressed(rendered.sound, waveform)
        return rendered

    def _paths(self, sample: Sample) -> RenderedSample:
        stat = sample.path.stat()
        what = f"{self._secret} {sample.path} {stat.st_mtime_ns} {stat.st_size}"
        folder = self.folder / hashlib.sha256(what.encode()).hexdigest()[:32]
        midi = folder / sample.path.name
        return RenderedSample(midi.with_suffix(COMPRESSED_SUFFIX), midi)
