"""The journal of a run: metrics.jsonl, state.json, and lines on a screen."""

import json
import logging
import math
import time
from dataclasses import dataclass
from typing import Any

from meloformer.files import force_to_disk, write_text
from meloformer.runs.config import TrainConfig
from meloformer.runs.folder import METRICS
from meloformer.runs.state import RunState, Status, write_state
from meloformer.training.tensorboard import EventFiles

_STATE_EVERY_S = 1.0
_MEASURED_STEPS = 3
"""After so many steps it is known how long one takes."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Progress:
    """The progress of a run."""

    step: int
    """How many are done."""
    tokens: int
    seconds: float
    """Training time over all sittings."""
    fraction: float
    """Share of the run, 0 to 1."""


class Journal:
    """The journal of a run, written by its first process; those of the others stay empty.

    Args:
        config: Of the run.
        start: Where the run begins or goes on. What is written of later steps, by a process that
            was killed before it could save them, is cut: they will be trained again.
        is_main: Whether this is the first process.
    """

    def __init__(self, config: TrainConfig, start: Progress, *, is_main: bool) -> None:
        self._config, self._start, self._is_main = config, start, is_main
        self._pace_from = start
        self._path = config.run / METRICS
        self._loss: float | None = None
        self._bits: float | None = None
        self._written = float("-inf")
        if is_main:
            self._drop_later_lines()
            self._events = EventFiles(config.run, start.step)

    def add(self, event: str, progress: Progress, **values: float) -> None:
        """Add a line to the metrics, and show it. Numbers that are not finite are left out."""
        if not self._is_main:
            return
        finite = {name: round(one, 8) for name, one in values.items() if math.isfinite(one)}
        if event == "step":
            finite["seconds_left"] = round(self.seconds_left(progress), 1)
        self._remember(finite)
        line = {"event": event, "step": progress.step, "seconds": round(progress.seconds, 1)}
        with self._path.open("a", encoding="utf-8") as metrics:
            metrics.write(json.dumps(line | {"tokens": progress.tokens} | finite) + "\n")
        self._events.add(event, progress.step, finite)
        _log.info("%s", self._log_line(event, progress, finite))

    def state(self, status: Status, progress: Progress) -> None:
        """Write the state of the run; RUNNING about once a second."""
        now = time.monotonic()
        if not self._is_main or (status == Status.RUNNING and now - self._written < _STATE_EVERY_S):
            return
        self._written = now
        is_over = status in (Status.FINISHED, Status.STOPPED)
        state = RunState(
            status=status,
            step=progress.step,
            steps=self._config.steps,
            fraction=round(min(progress.fraction, 1.0), 4),
            tokens=progress.tokens,
            seconds=round(progress.seconds, 1),
            seconds_left=None if is_over else round(self.seconds_left(progress), 1),
            seconds_per_step=self.seconds_per_step(progress),
            loss=self._loss,
            bits_per_note=self._bits,
        )
        write_state(self._config.run, state)

    def measure_pace_from(self, progress: Progress) -> None:
        """Forget how long the steps before took: the first one compiles and fills caches."""
        self._pace_from = progress

    def seconds_per_step(self, progress: Progress) -> float | None:
        """Return how long a step takes on this machine, by those since the last start.

        Returns:
            None until a few are done.
        """
        steps = progress.step - self._pace_from.step
        if steps < _MEASURED_STEPS:
            return None
        return round((progress.seconds - self._pace_from.seconds) / steps, 4)

    def seconds_left(self, progress: Progress) -> float:
        """Estimate the time of the rest at the pace since the last start; infinite at the start."""
        if not self._config.steps:
            return max(60 * self._config.minutes - progress.seconds, 0.0)
        # Of the first step alone, its own time is all that is known.
        since = self._pace_from if progress.step > self._pace_from.step else self._start
        done = progress.fraction - since.fraction
        elapsed = progress.seconds - since.seconds
        return max(1.0 - progress.fraction, 0.0) * elapsed / done if done > 0 else math.inf

    def force_to_disk(self) -> None:
        """Wait until the metrics would outlast a power cut, as the checkpoint after them does."""
        if self._is_main and self._path.exists():
            force_to_disk(self._path)

    def close(self) -> None:
        """Close the event files."""
        if self._is_main:
            self._events.close()

    def _drop_later_lines(self) -> None:
        text = (
            self._path.read_text(encoding="utf-8", errors="replace") if self._path.exists() else ""
        )
        kept = []
        for line in text.splitlines():
            values = _read(line)
            if values.get("step", math.inf) <= self._start.step:
                kept.append(line + "\n")
                self._remember(values)
        if (left := "".join(kept)) != text:
            write_text(self._path, left)

    def _remember(self, values: dict[str, Any]) -> None:
        self._loss = values.get("loss", self._loss)
        self._bits = values.get("bits_per_note", self._bits)

    def _log_line(self, event: str, progress: Progress, values: dict[str, float]) -> str:
        if event == "step":
            of = f" of {self._config.steps:,}" if self._config.steps else ""
            return (
                f"step {progress.step:,}{of}  loss {values.get('loss', math.nan):.3f}  "
                f"{values['tokens_per_s']:,.0f} tokens/s  {duration(values['seconds_left'])} left"
            )
        if event == "evaluation":
            return f"step {progress.step:,}  held-out {values['bits_per_note']:.3f} bits per note"
        if event == "start":
            stages = ", ".join(f"{name[:-2]} {one:.1f}" for name, one in values.items())
            return f"first step after {sum(values.values()):.1f} s: {stages}"
        return f"step {progress.step:,}  {event}"


def duration(seconds: float) -> str:
    """Put a time into words of two units: 45 s, 4 min 10 s, 3 h 20 min."""
    minutes, rest = divmod(round(seconds), 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _read(line: str) -> dict[str, Any]:
    """Read a line of the metrics; nothing if it was cut short when the process was killed."""
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}
