"""What the app counts, for Prometheus: runs, bars, mistakes, and how much it holds.

Nothing in it tells who has come or what they wrote.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator

import psutil
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from meloformer.app.library.runs import RunOutcome

RATE_S = 60.0
"""Over which bars a second are told."""
_MOST_BARS = 10_000
"""Of one minute."""


class Metrics:
    """Counts since the app was started."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.registry = CollectorRegistry()
        self._clock = clock
        self._written: deque[float] = deque(maxlen=_MOST_BARS)
        self._bars = Counter("meloformer_bars", "Bars that were written.", registry=self.registry)
        self._errors = Counter(
            "meloformer_errors", "Mistakes of ours, as the log has them.", registry=self.registry
        )
        self._going_on = Gauge(
            "meloformer_runs_going_on", "Runs that are begun.", registry=self.registry
        )
        self._runs = Counter(
            "meloformer_runs", "Runs that are over.", ["outcome"], registry=self.registry
        )
        # A rate needs the zero before the first.
        for outcome in (RunOutcome.FINISHED, RunOutcome.STOPPED, RunOutcome.FAILED):
            self._runs.labels(outcome.value)

    def add_bar(self) -> None:
        """Count a bar."""
        self._bars.inc()
        self._written.append(self._clock())

    def begin_run(self) -> None:
        """Count a run that begins."""
        self._going_on.inc()

    def end_run(self, outcome: RunOutcome) -> None:
        """Count a run that is over."""
        self._going_on.dec()
        self._runs.labels(outcome.value).inc()

    def count_errors(self) -> None:
        """Count what is logged as an error from now on."""
        logging.getLogger().addHandler(_Counted(self._errors))

    def watch(
        self,
        *,
        waiting: Callable[[], int],
        writing: Callable[[], int],
        sessions: Callable[[], int],
        kept_bytes: Callable[[], int],
    ) -> None:
        """Tell these, too, whenever somebody looks.

        Args:
            waiting: How many runs wait for the model.
            writing: How many are being written.
            sessions: How many sessions are in memory.
            kept_bytes: How much is kept only to be quick.
        """
        self.registry.register(
            _Gauges(waiting, writing, sessions, kept_bytes, self._bars_per_second)
        )

    def text(self) -> bytes:
        """Return everything in the text format of Prometheus."""
        return generate_latest(self.registry)

    def _bars_per_second(self) -> float:
        since = self._clock() - RATE_S
        return sum(one > since for one in self._written.copy()) / RATE_S


class _Counted(logging.Handler):
    """Counts errors instead of writing them."""

    def __init__(self, errors: Counter) -> None:
        super().__init__(logging.ERROR)
        self._errors = errors

    def emit(self, record: logging.LogRecord) -> None:
        self._errors.inc()


class _Gauges(Collector):
    """What is as it is at the moment."""

    def __init__(
        self,
        waiting: Callable[[], int],
        writing: Callable[[], int],
        sessions: Callable[[], int],
        kept_bytes: Callable[[], int],
        rate: Callable[[], float],
    ) -> None:
        self._waiting, self._writing = waiting, writing
        self._sessions, self._kept_bytes = sessions, kept_bytes
        self._rate = rate

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield what somebody who looks now sees."""
        values = (
            ("meloformer_waiting", "Runs that wait for the model.", self._waiting()),
            ("meloformer_writing", "Runs that are being written.", self._writing()),
            ("meloformer_kept_bytes", "Kept in memory to be quick.", self._kept_bytes()),
            ("meloformer_sessions", "Sessions in memory.", self._sessions()),
            ("meloformer_bars_per_second", "Of the last minute.", self._rate()),
            ("meloformer_memory_bytes", "Of the process.", psutil.Process().memory_info().rss),
        )
        for name, help_text, value in values:
            yield GaugeMetricFamily(name, help_text, value=value)
