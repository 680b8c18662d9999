"""What the log of the app has of trainings, which may begin and end without it."""

import hashlib
import logging

from meloformer.runs.folder import Run
from meloformer.runs.launch import start
from meloformer.runs.state import Status, read_state

logger = logging.getLogger(__name__)


def start_logged(run: Run) -> None:
    """Begin a run, or go on with it, and log that and how it ends if the app is there then.

    It is known by a number that tells nothing of its name.

    Raises:
        RunError: It is running already, has finished, or cannot be started.
        ConfigError: Its settings are not understood.
    """
    number = hashlib.sha256(str(run.folder.resolve()).encode()).hexdigest()[:8]
    before = read_state(run.folder)

    def tell_end() -> None:
        state = read_state(run.folder)
        outcome = (state.status if state.is_over else Status.INTERRUPTED).value
        seconds, steps = state.seconds - before.seconds, state.step - before.step
        logger.info(
            "Training %s ended: %s, %d steps, %.1f s.",
            *(number, outcome, steps, seconds),
            extra={"run": number, "outcome": outcome, "seconds": round(seconds, 1)},
        )

    start(run, ended=tell_end)
    logger.info("Training %s began.", number, extra={"run": number})
