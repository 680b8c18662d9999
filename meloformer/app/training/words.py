"""Words about a training: durations, sizes, and a sentence for every state."""

from dataclasses import dataclass

from meloformer.runs.state import RunState, Status


@dataclass(frozen=True, slots=True)
class Saying:
    """A run's state in words."""

    title: str
    sentence: str
    short: str
    """For the list."""


def duration(seconds: float) -> str:
    """Return a time such as "45 s", "26 min", "2 h 10 min" or "3 days"."""
    if seconds < 119.5:
        return f"{max(round(seconds), 0)} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{round(hours / 24)} days"


def size(number_of_bytes: float) -> str:
    """Return a size such as "310 MB" or "2.4 GB"."""
    if number_of_bytes >= 1e9:
        return f"{number_of_bytes / 1e9:.1f} GB"
    return f"{max(round(number_of_bytes / 1e6), 1):,} MB"


def large(number: float) -> str:
    """Return a number such as "940", "12,300" or "3.4 million"."""
    return f"{number / 1e6:.1f} million" if number >= 1e6 else f"{number:,.0f}"


def counted(count: int, noun: str) -> str:
    """Return a count such as "1 piece" or "1,200 pieces"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def rounded(number: float) -> int:
    """Round to two digits, where no more are known."""
    digits = max(len(str(int(number))) - 2, 0)
    return int(round(number, -digits))


def saying(state: RunState, saved_step: int | None) -> Saying:
    """Return the state of a run in words.

    Args:
        state: As `Run.state` gives it.
        saved_step: The step of its newest checkpoint, if there is one.
    """
    percent = f"{round(100 * state.fraction)} %"
    again = (
        "Nothing had been saved yet, so it would begin again."
        if saved_step is None
        else f"It can be resumed from step {saved_step:,}."
    )
    left = "" if state.seconds_left is None else f"{duration(state.seconds_left)} left"
    trained = f"Trained for {duration(state.seconds)}"
    sayings = {
        Status.QUEUED: Saying(
            "Waiting for its turn",
            "Another training is using this machine. This one starts by itself when that is over.",
            "waiting for its turn",
        ),
        Status.STARTING: Saying(
            "Starting",
            "Music and model are loaded, and the model is measured as it was before training.",
            "starting",
        ),
        Status.RUNNING: Saying(
            "Training",
            f"{f'About {left}. ' if left else ''}You can close this page: the training goes on.",
            f"{percent}, {left}" if left else percent,
        ),
        Status.STOPPING: Saying(
            "Stopping", "The step in hand is finished first; that takes a moment.", "stopping"
        ),
        Status.STOPPED: Saying("Stopped", f"{trained}. {again}", f"stopped at {percent}"),
        Status.FINISHED: Saying(
            "Finished", f"{trained}. Listen to it below, or compose with it.", "finished"
        ),
        Status.FAILED: Saying("Failed", f"{trained}. {again}", f"failed at {percent}"),
        Status.INTERRUPTED: Saying(
            "Interrupted",
            f"The machine was switched off, or the training was ended from outside. {again}",
            f"interrupted at {percent}",
        ),
    }
    return sayings[state.status]
