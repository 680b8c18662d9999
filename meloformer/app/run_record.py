"""What the log and the metrics have of a run: when it began and ended, and never what it was of."""

import logging
import time
from secrets import token_hex

from meloformer.app.library.runs import RunOutcome
from meloformer.app.metrics import Metrics
from meloformer.engine.request import Request

logger = logging.getLogger(__name__)


class RunRecord:
    """A run that begins now.

    Args:
        request: What is asked for.
        metrics: Count it, too.
    """

    def __init__(self, request: Request, metrics: Metrics) -> None:
        self.id = token_hex(4)
        self._metrics = metrics
        self._began = time.monotonic()
        self._bars = 0
        metrics.begin_run()
        logger.info(
            "Run %s began: %d bars, %d versions.",
            *(self.id, request.num_bars, request.num_candidates),
            extra={"run": self.id},
        )

    def add_bar(self) -> None:
        """Count a finished bar."""
        self._bars += 1
        self._metrics.add_bar()

    def end(self, outcome: RunOutcome) -> None:
        """Tell what became of it."""
        seconds = round(time.monotonic() - self._began, 2)
        self._metrics.end_run(outcome)
        logger.info(
            "Run %s ended: %s, %d bars, %.2f s.",
            *(self.id, outcome.value, self._bars, seconds),
            extra={
                "run": self.id,
                "outcome": outcome.value,
                "bars": self._bars,
                "seconds": seconds,
            },
        )
