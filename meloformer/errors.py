"""The one exception tree. Every message is a sentence that can be shown as it is.

MeloFormerError            what the user can act on
├─ MidiError               the upload cannot be read, is empty, is too long
├─ TokenError              ids that no score can have (a bug or a foreign checkpoint)
├─ ConfigError             a setting is unknown, of the wrong type, out of range
├─ DataError               corpus or shards: missing, of another vocabulary, damaged
├─ CheckpointError         missing, damaged, or made for another vocabulary
├─ OutputError             a file that was asked for cannot be written
├─ AudioError              FluidSynth or SoundFont missing, rendering failed
├─ LibraryError            the library cannot be opened or written, or has not what is asked for
├─ BusyError               there is as much to do as there may be at one time
└─ RunError                a training run cannot start, or stopped by itself
"""


class MeloFormerError(Exception):
    """A failure the user can act on. `str(error)` is shown as it is.

    Args:
        problem: What went wrong, with the value that caused it.
        hint: What to do about it; shown on a line of its own.
    """

    def __init__(self, problem: str, *, hint: str = "") -> None:
        super().__init__(f"{problem}\n\nhint: {hint}" if hint else problem)
        self.problem = problem
        self.hint = hint


class MidiError(MeloFormerError):
    """The upload cannot be read as music, is empty, or is too long."""


class TokenError(MeloFormerError):
    """Ids that no score can have."""


class ConfigError(MeloFormerError):
    """A setting is unknown, of the wrong type, or out of range."""


class DataError(MeloFormerError):
    """A corpus or its shards are missing, damaged, or of another vocabulary."""


class CheckpointError(MeloFormerError):
    """A checkpoint is missing, damaged, or made for another vocabulary."""


class OutputError(MeloFormerError):
    """A file that was asked for cannot be written: no such folder, a full disk."""


class AudioError(MeloFormerError):
    """FluidSynth or a SoundFont is missing, or rendering failed."""


class LibraryError(MeloFormerError):
    """The library cannot be opened or written, or has not what is asked for."""


class BusyError(MeloFormerError):
    """There is as much to do as there may be at one time; later there is not."""


class RunError(MeloFormerError):
    """A training run cannot start, or stopped by itself."""
