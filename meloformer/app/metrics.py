"""What the app counts, for Prometheus: runs, bars, mistakes, and how much it holds.

Nothing in it tells who has come or what they wrote.
"""

from collections.abc import Callable, Iterator

import psutil
from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from meloformer.app.library.runs import RunOutcome


class Metrics:
    """Counts since the app was started."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.bars = Counter("meloformer_bars", "Bars that were written.", registry=self.registry)
        self._runs = Counter(
            "meloformer_runs", "Runs that are over.", ["outcome"], registry=self.registry
        )
        # A rate needs the zero before the first.
        for outcome in (RunOutcome.FINISHED, RunOutcome.STOPPED, RunOutcome.FAILED):
            self._runs.labels(outcome.value)

    def end_run(self, outcome: RunOutcome) -> None:
        """Count a run that is over."""
        self._runs.labels(outcome.value).inc()

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
        self.registry.register(_Gauges(waiting, writing, sessions, kept_bytes))

    def text(self) -> bytes:
        """Return everything in the text format of Prometheus."""
        return generate_latest(self.registry)


class _Gauges(Collector):
    """What is as it is at the moment."""

    def __init__(
        self,
        waiting: Callable[[], int],
        writing: Callable[[], int],
        sessions: Callable[[], int],
        kept_bytes: Callable[[], int],
    ) -> None:
        self._waiting, self._writing = waiting, writing
        self._sessions, self._kept_bytes = sessions, kept_bytes

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield what somebody who looks now sees."""
        values = (
            ("meloformer_waiting", "Runs that wait for the model.", self._waiting()),
            ("meloformer_writing", "Runs that are being written.", self._writing()),
            ("meloformer_kept_bytes", "Kept in memory to be quick.", self._kept_bytes()),
            ("meloformer_sessions", "Sessions in memory.", self._sessions()),
            ("meloformer_memory_bytes", "Of the process.", psutil.Process().memory_info().rss),
        )
        for name, help_text, value in values:
            yield GaugeMetricFamily(name, help_text, value=value)
