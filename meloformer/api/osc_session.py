"""What a program can ask for over OSC: a song, settings, and one run at a time."""

from collections.abc import Callable
from threading import Event, Thread
from typing import Any, Final

import meloformer as mf
from meloformer.api.compose import OnBar
from meloformer.api.osc_folder import OscFolder
from meloformer.api.osc_wire import OscValue
from meloformer.api.watching import unused_path
from meloformer.engine.candidate import FinishedBar
from meloformer.errors import ConfigError

Tell = Callable[..., None]
"""Answers whoever has asked: `tell("bar", 1, 2, 8, "Am")`."""
TellError = Callable[[Exception], None]
SETTINGS: Final[dict[str, type[OscValue]]] = {
    "parts": str,
    "chords": str,
    "scale": str,
    "keep": str,
    "lock": str,
    "versions": int,
    "seed": int,
    "adventure": float,
}
"""What `set` takes, and of what kind."""
_ONLY_REWRITTEN = ("keep", "lock")
_KEYWORDS = {"versions": "candidates"}


class _CancelledError(Exception):
    """The run that is going on is not wanted any more."""


class OscSession:
    """The song that was opened, how it is to go on, and the run that writes it.

    Args:
        folder: Where the files are.
        model: What writes.
    """

    def __init__(self, folder: OscFolder, model: mf.Model | None) -> None:
        self._folder, self._model = folder, model
        self._song: mf.Song | None = None
        self._path = folder.path
        self._settings: dict[str, OscValue] = {}
        self._run: Thread | None = None
        self._goes_on = False
        self._num_bars = 0
        self._cancelled = Event()

    def open(self, tell: Tell, values: tuple[OscValue, ...]) -> None:
        """Open a MIDI file: `open PATH`."""
        self._require_rest()
        self._path = self._folder.find(_text(values, 0))
        self._song = mf.open(self._path)
        tell("opened", str(self._path), self._song.num_bars, float(self._song.tempo))

    def set(self, tell: Tell, values: tuple[OscValue, ...]) -> None:
        """Set how the next runs go: `set NAME VALUE`; texts may come word by word."""
        name = _text(values, 0)
        kind = SETTINGS.get(name)
        if kind is None:
            raise ConfigError("There is no such setting.", hint=f"One of {', '.join(SETTINGS)}.")
        if kind is str:
            value: OscValue = " ".join(str(one) for one in values[1:])
        elif kind is int:
            value = _whole(values, 1)
        else:
            value = _number(values, 1)
        self._settings[name] = value
        tell("set", name, value)

    def reset(self, tell: Tell, values: tuple[OscValue, ...]) -> None:
        """Set everything as it was at first."""
        self._settings.clear()
        tell("reset")

    def continue_(self, tell: Tell, tell_error: TellError, values: tuple[OscValue, ...]) -> None:
        """Continue the song: `continue BARS`."""
        song, bars = self._require_song(), _whole(values, 0) if values else 8
        words = self._words(leave_out=_ONLY_REWRITTEN)

        def write(on_bar: OnBar) -> list[mf.Take]:
            return mf.continue_(song, bars, model=self._model, on_bar=on_bar, **words)

        self._begin(tell, tell_error, "continued", write)

    def rewrite(self, tell: Tell, tell_error: TellError, values: tuple[OscValue, ...]) -> None:
        """Write bars of the song again: `rewrite "9-12"`, or `rewrite 9 12`."""
        song = self._require_song()
        bars = "-".join(str(one) for one in values[:2])
        words = self._words()

        def write(on_bar: OnBar) -> list[mf.Take]:
            return mf.rewrite(song, bars, model=self._model, on_bar=on_bar, **words)

        self._begin(tell, tell_error, "rewritten", write)

    def status(self, tell: Tell, values: tuple[OscValue, ...]) -> None:
        """Tell whether a run goes on, and how many bars of it are written."""
        tell("status", "writing" if self._is_writing() else "resting", self._num_bars)

    def cancel(self, tell: Tell, values: tuple[OscValue, ...]) -> None:
        """End the run after the bar that is being written; nothing of it is kept."""
        self._cancelled.set()
        tell("cancelling" if self._is_writing() else "resting")

    def close(self) -> None:
        """Cancel what goes on, and wait for it."""
        self._cancelled.set()
        if self._run is not None:
            self._run.join()

    def _begin(
        self,
        tell: Tell,
        tell_error: TellError,
        suffix: str,
        write: Callable[[OnBar], list[mf.Take]],
    ) -> None:
        self._require_rest()
        self._cancelled.clear()
        self._num_bars = 0
        path = self._path

        def on_bar(bar: FinishedBar) -> None:
            self._num_bars += 1
            tell("bar", bar.candidate + 1, bar.bar, bar.num_bars, bar.chord)
            if self._cancelled.is_set():
                raise _CancelledError

        def run() -> None:
            outcome = "failed"
            try:
                for number, take in enumerate(write(on_bar), start=1):
                    tell("written", number, str(take.save(unused_path(path, suffix))))
                outcome = "finished"
            except _CancelledError:
                outcome = "cancelled"
            except Exception as error:  # noqa: BLE001  # told, and logged if it is ours
                tell_error(error)
            self._goes_on = False  # whoever hears of the end may begin another at once
            tell("done", outcome)

        self._run, self._goes_on = Thread(target=run, name="osc run", daemon=True), True
        tell("begun")
        self._run.start()

    def _words(self, leave_out: tuple[str, ...] = ()) -> dict[str, Any]:
        return {
            _KEYWORDS.get(name, name): value
            for name, value in self._settings.items()
            if name not in leave_out
        }

    def _require_song(self) -> mf.Song:
        if self._song is None:
            raise ConfigError("There is no music to continue yet.", hint="Open a file first.")
        return self._song

    def _is_writing(self) -> bool:
        return self._goes_on

    def _require_rest(self) -> None:
        if self._is_writing():
            raise ConfigError("Bars are being written.", hint="Wait for them, or cancel them.")


def _text(values: tuple[OscValue, ...], place: int) -> str:
    if len(values) <= place or not isinstance(values[place], str):
        raise ConfigError("A text is missing.")
    return str(values[place])


def _number(values: tuple[OscValue, ...], place: int) -> float:
    if len(values) <= place or isinstance(values[place], str):
        raise ConfigError("A number is missing.")
    return float(values[place])


def _whole(values: tuple[OscValue, ...], place: int) -> int:
    number = _number(values, place)
    if not number.is_integer():  # patches send whole numbers as floats, too
        raise ConfigError("A whole number is needed.")
    return int(number)
