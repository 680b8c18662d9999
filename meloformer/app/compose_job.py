"""A run in a thread of its own, which goes on whether or not a page looks at it."""

import logging
import time
from collections.abc import Iterator
from contextvars import copy_context
from threading import Condition, Thread

from meloformer.app.places import Place
from meloformer.engine.candidate import FinishedBar
from meloformer.engine.request import Request
from meloformer.errors import MeloFormerError

logger = logging.getLogger(__name__)


class ComposeJob:
    """A run being written, and the bars it has finished so far.

    Args:
        request: What is asked for.
        bars: Writes it. It keeps what it has finished, however it ends.
        place: Held while it writes, so that not too many runs are written at once.
    """

    def __init__(
        self,
        request: Request,
        bars: Iterator[FinishedBar],
        place: Place,
    ) -> None:
        self.request = request
        self._bars = bars
        self.place = place
        self._finished: list[FinishedBar] = []
        self._error: Exception | None = None
        self._is_over = False
        self._changed = Condition()
        self._thread = Thread(  # whose log lines belong to the request that has begun it
            target=copy_context().run, args=(self._write,), name="compose", daemon=True
        )

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    @property
    def is_over(self) -> bool:
        """Whether nothing will be written any more."""
        return self._is_over

    @property
    def num_finished(self) -> int:
        """Bars that are finished, those of all candidates together."""
        return len(self._finished)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until it is over, and return whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: self._is_over, timeout_s)

    def wait_for_bar(self, timeout_s: float) -> bool:
        """Wait until there is a bar to show, or no more to come, and return whether it is so."""
        with self._changed:
            return self._changed.wait_for(lambda: self._is_over or bool(self._finished), timeout_s)

    def follow(self, *, pause_s: float = 0.0) -> Iterator[list[FinishedBar]]:
        """Wait for bars until the run is over.

        Args:
            pause_s: Bars that come faster than this come together.

        Yields:
            Bars that were not yielded before, from the first on; at least one.

        Raises:
            Exception: What ended the run.
        """
        known = 0
        while True:
            with self._changed:
                while not self._is_over and len(self._finished) <= known:
                    self._changed.wait()
                bars = self._finished[known:]
            if not bars:
                break
            known += len(bars)
            yield bars
            if not self._is_over:
                time.sleep(pause_s)
        if self._error is not None:
            raise self._error

    def _write(self) -> None:
        try:
            with self.place:
                for bar in self._bars:
                    with self._changed:
                        self._finished.append(bar)
                        self._changed.notify_all()
                    self.place.count_bar()
        except MeloFormerError as error:  # told to whoever follows, as all that ends a run
            self._error = error
        except Exception as error:
            logger.exception("A run was ended by a mistake of ours.")
            self._error = error
        finally:
            with self._changed:
                self._is_over = True
                self._changed.notify_all()
