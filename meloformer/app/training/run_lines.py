"""What the log of the app has of trainings, which may begin and end without it."""

import hashlib
import logging

from meloformer.runs.folder import Run
from meloformer.runs.launch import start

logger = logging.getLogger(__name__)


def start_logged(run: Run) -> None:
    """Begin a run, or go on with it, and log that and how it ends if the app is there then.

    It is known by a number that tells nothing of its name.

    Raises:
        RunError: It is running already, has finished, or cannot be started.
        ConfigError: Its settings are not understood.
    """
    number = hashlib.sha256(str(run.folder.resolve()).encode()).hexdigest()[:8]
    before = run.state()

    def tell_end() -> None:
        state = run.state()
        seconds, steps = state.seconds - before.seconds, state.step - before.step
        logger.info(
            "Training %s ended: %s, %d steps, %.1f s.",
            *(number, state.status.value, steps, seconds),
            extra={"run": number, "outcome": state.status.value, "seconds": round(seconds, 1)},
        )

    start(run, ended=tell_end)
    logger.info("Training %s began.", number, extra={"run": number})
