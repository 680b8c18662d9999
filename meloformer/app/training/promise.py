"""What was guessed of a run before its start, corrected by what the machine takes in fact."""

from dataclasses import replace

from meloformer.app.training.words import counted, duration, rounded
from meloformer.errors import MeloFormerError
from meloformer.phrases import filled, joined, phrase
from meloformer.runs.config import TrainConfig
from meloformer.runs.estimate import estimate_resources
from meloformer.runs.state import RunState, Status
from meloformer.runs.workspace import Run

_AS_GUESSED = 0.15
"""Share by which a guess may be wrong and still be called right."""


def expected_steps(state: RunState, config: TrainConfig) -> int | None:
    """Return how many steps a run will have made when it ends; None until that is known."""
    if config.steps:
        return config.steps
    if state.is_over or not state.seconds_per_step or state.seconds_left is None:
        return None
    return state.step + round(state.seconds_left / state.seconds_per_step)


def pace_words(run: Run, state: RunState, config: TrainConfig, music_tokens: int) -> str:
    """Return what the machine was measured to take, and what had been guessed.

    Args:
        run: A run.
        state: Its state.
        config: Its settings.
        music_tokens: Tokens of the music that it trains on; 0 if that is not known.

    Returns:
        Sentences; empty unless the run goes on.
    """
    if state.status != Status.RUNNING:
        return ""
    steps = expected_steps(state, config)
    if not state.seconds_per_step or steps is None:
        return phrase(
            "This machine is being measured for a few steps; until then the time is a guess."
        )
    words = [phrase("Measured here: {time} a step", time=_seconds(state.seconds_per_step))]
    if not config.steps:
        words.append(phrase("about {steps} in all", steps=counted(rounded(steps), "step")))
    if music_tokens and state.step:
        times = steps * state.tokens / state.step / music_tokens
        often = counted(max(rounded(times), 1), "time")
        words.append(phrase("your music about {times} over", times=often))
    said, guess = joined(", ", words), _guess(run, state, config, steps)
    return joined(". ", [said, guess]) if guess else filled("{said}.", said=said)


def _guess(run: Run, state: RunState, config: TrainConfig, steps: int) -> str:
    """Return a sentence on what had been guessed; empty where nothing was, as on a GPU."""
    base = run.folder / "base"
    if config.base is not None and base.is_dir():  # the one it was made from may be gone
        config = replace(config, base=base)
    try:
        guessed = estimate_resources(config).seconds_per_step
    except MeloFormerError:
        return ""
    if not guessed or not state.seconds_per_step:
        return ""
    if abs(state.seconds_per_step / guessed - 1) <= _AS_GUESSED:
        return phrase("The guess before the start was right.")
    if config.steps:
        time = duration(config.steps * guessed)
        return phrase("The guess before the start was {time} in all.", time=time)
    before = counted(max(rounded(60 * config.minutes / guessed), 1), "step")
    return phrase("The guess before the start was {steps}.", steps=before)


def _seconds(seconds: float) -> str:
    digits = 0 if seconds >= 10 else 1 if seconds >= 1 else 2
    return phrase("{seconds} s", seconds=f"{seconds:.{digits}f}")
