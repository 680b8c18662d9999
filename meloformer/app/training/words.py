"""Words about a training: durations, sizes, and a sentence for every state."""

from dataclasses import dataclass

from meloformer.phrases import joined, phrase, plural
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
        return phrase("{seconds} s", seconds=max(round(seconds), 0))
    minutes = round(seconds / 60)
    if minutes < 60:
        return phrase("{minutes} min", minutes=minutes)
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        if minutes:
            return phrase("{hours} h {minutes} min", hours=hours, minutes=minutes)
        return phrase("{hours} h", hours=hours)
    return phrase("{days} days", days=round(hours / 24))


def size(number_of_bytes: float) -> str:
    """Return a size such as "310 MB" or "2.4 GB"."""
    if number_of_bytes >= 1e9:
        return f"{number_of_bytes / 1e9:.1f} GB"
    return f"{max(round(number_of_bytes / 1e6), 1):,} MB"


def large(number: float) -> str:
    """Return a number such as "940", "12,300" or "3.4 million"."""
    if number >= 1e6:
        return phrase("{millions:.1f} million", millions=number / 1e6)
    return f"{number:,.0f}"


def counted(count: int, noun: str) -> str:
    """Return a count such as "1 piece" or "1,200 pieces"."""
    return {
        "file": plural("{count:,} file", "{count:,} files", count),
        "piece": plural("{count:,} piece", "{count:,} pieces", count),
        "step": plural("{count:,} step", "{count:,} steps", count),
        "time": plural("{count:,} time", "{count:,} times", count),
    }[noun]


def rounded(number: float) -> int:
    """Round to two digits, where no more are known."""
    digits = max(len(str(int(number))) - 2, 0)
    return int(round(number, -digits))


def _trained(time: str, again: str) -> str:
    return phrase("Trained for {time}. {again}", time=time, again=again)


def saying(state: RunState, saved_step: int | None) -> Saying:
    """Return the state of a run in words.

    Args:
        state: As `Run.state` gives it.
        saved_step: The step of its newest checkpoint, if there is one.
    """
    percent = f"{round(100 * state.fraction)} %"
    again = (
        phrase("Nothing had been saved yet, so it would begin again.")
        if saved_step is None
        else phrase("It can be resumed from step {step:,}.", step=saved_step)
    )
    left = ""
    if state.seconds_left is not None:
        left = phrase("{time} left", time=duration(state.seconds_left))
    trained = duration(state.seconds)
    sayings = {
        Status.QUEUED: Saying(
            phrase("Waiting for its turn"),
            phrase(
                "Another training is using this machine. "
                "This one starts by itself when that is over."
            ),
            phrase("waiting for its turn"),
        ),
        Status.STARTING: Saying(
            phrase("Starting"),
            phrase(
                "Music and model are loaded, and the model is measured as it was before training."
            ),
            phrase("starting"),
        ),
        Status.RUNNING: Saying(
            phrase("Training"),
            phrase("About {time}. You can close this page: the training goes on.", time=left)
            if left
            else phrase("You can close this page: the training goes on."),
            joined(", ", [percent, left]) if left else percent,
        ),
        Status.STOPPING: Saying(
            phrase("Stopping"),
            phrase("The step in hand is finished first; that takes a moment."),
            phrase("stopping"),
        ),
        Status.STOPPED: Saying(
            phrase("Stopped"),
            _trained(trained, again),
            phrase("stopped at {percent}", percent=percent),
        ),
        Status.FINISHED: Saying(
            phrase("Finished"),
            phrase("Trained for {time}. Listen to it below, or compose with it.", time=trained),
            phrase("finished"),
        ),
        Status.FAILED: Saying(
            phrase("Failed"),
            _trained(trained, again),
            phrase("failed at {percent}", percent=percent),
        ),
        Status.INTERRUPTED: Saying(
            phrase("Interrupted"),
            phrase(
                "The machine was switched off, or the training was ended from outside. {again}",
                again=again,
            ),
            phrase("interrupted at {percent}", percent=percent),
        ),
    }
    return sayings[state.status]
