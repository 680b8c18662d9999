"""Messages for the list of runs and the chosen one (`ui/static/training/runs`)."""

from collections.abc import Sequence
from typing import Any

from meloformer.app.paths import without_folders
from meloformer.app.training.command import shell_lines
from meloformer.app.training.compare import Comparisons
from meloformer.app.training.curves import curves_message
from meloformer.app.training.datasets import DATASETS, Dataset
from meloformer.app.training.music import held_out_pieces, trained_tokens
from meloformer.app.training.promise import expected_steps, pace_words
from meloformer.app.training.samples import samples_message
from meloformer.app.training.sounds import Sounds
from meloformer.app.training.verdict import Mood, Verdict, verdict_on
from meloformer.app.training.words import counted, duration, rounded, saying
from meloformer.errors import MeloFormerError
from meloformer.phrases import joined, phrase
from meloformer.runs.config import TrainConfig
from meloformer.runs.state import RunState, Status
from meloformer.runs.workspace import Run, RunRequest, step_of

Message = dict[str, Any]
"""JSON for the component, but for paths: a `Path` is a file that the browser may fetch."""

MAX_LISTED = 100
_LOG_LINES = 60
_LOG_LINE = 400


def page_message(
    runs: Sequence[Run], chosen: str, sounds: Sounds, comparisons: Comparisons, *, turn: str = ""
) -> Message:
    """Return the list of runs, and all about the chosen one.

    Args:
        runs: Newest first.
        chosen: Name of the run to show; the newest if there is none of that name.
        sounds: The audio of samples.
        comparisons: The samples of bases that are being made.
        turn: `to` if the page shall turn to `chosen`, `new` if that has just been started; else
            the page shows what it wants.
    """
    states = [(run, run.state()) for run in runs[:MAX_LISTED]]
    shown = next((pair for pair in states if pair[0].name == chosen), None) or _first(states)
    return {
        "chosen": shown[0].name if shown else "",
        "turn": turn,
        "runs": [_row(run, state) for run, state in states],
        "run": _detail(*shown, sounds, comparisons) if shown else None,
    }


def _first(states: Sequence[tuple[Run, RunState]]) -> tuple[Run, RunState] | None:
    """Return the run to show when none is chosen: one that goes on, or the newest."""
    running = (pair for pair in states if pair[1].status == Status.RUNNING)
    busy = (pair for pair in states if not pair[1].is_over)
    return next(running, None) or next(busy, None) or next(iter(states), None)


def _row(run: Run, state: RunState) -> Message:
    return {
        "name": run.name,
        "status": state.status.value,
        "words": saying(state, None).short,
        "fraction": _fraction(state),
    }


def _detail(run: Run, state: RunState, sounds: Sounds, comparisons: Comparisons) -> Message:
    last = run.last()
    said = saying(state, step_of(last) if last else None)
    try:
        config = run.config()
    except MeloFormerError as error:
        return _damaged(run, state, error)
    curves = _curves(run, state, config)
    verdict = _verdict(run, state, config)
    return {
        "name": run.name,
        "status": state.status.value,
        "title": said.title,
        "sentence": joined(" ", filter(None, (said.sentence, _best(run, state)))),
        "pace": pace_words(run, state, config, trained_tokens(config.shards)),
        "verdict": {"words": verdict.words, "mood": verdict.mood.value},
        "reason": without_folders(state.reason) if state.is_over else "",
        "fraction": _fraction(state),
        "about": about(config),
        "figures": _figures(state, config, curves["speed"]),
        "actions": actions(state, run.pending(), has_saved=last is not None),
        "curves": curves,
        "samples": samples_message(run, config, sounds, comparisons),
        "log": _log(run),
        "command": shell_lines(config),
    }


def _best(run: Run, state: RunState) -> str:
    """Return a sentence on the checkpoint that Compose takes, where that is not the last."""
    best = run.best()
    if not state.is_over or best is None or best == run.last():
        return ""
    return phrase(
        "It knew the music held back best at step {step:,}, which is what Compose takes.",
        step=step_of(best),
    )


def _damaged(run: Run, state: RunState, error: MeloFormerError) -> Message:
    """Return the message of a run whose settings cannot be read."""
    return {
        "name": run.name,
        "status": Status.FAILED.value,
        "title": phrase("Damaged"),
        "sentence": error.problem,
        "pace": "",
        "verdict": {"words": "", "mood": Mood.PLAIN.value},
        "reason": error.hint,
        "fraction": _fraction(state),
        "about": [],
        "figures": [],
        "actions": [],
        "log": _log(run),
        "command": "",
        "curves": curves_message([], [], 0.0, {}),
        "samples": {"prompts": [], "rows": [], "note": "", "compare": None},
    }


def about(config: TrainConfig) -> list[str]:
    """Return the facts of a run, in a few words each."""
    if config.base is None:
        kind = phrase("from scratch, {size}", size=config.size)
    else:
        kind = phrase("{model} fine-tuned", model=config.base.name)
        if config.lora_rank:
            kind = phrase("{model} fine-tuned, light (LoRA)", model=config.base.name)
    length = counted(config.steps, "step") if config.steps else duration(60 * config.minutes)
    folder = config.shards.parent
    music = Dataset(folder).title if folder.parent.name == DATASETS else ""
    return [part for part in (music and f"“{music}”", kind, length) if part]


def actions(
    state: RunState, pending: frozenset[RunRequest], *, has_saved: bool
) -> list[dict[str, object]]:
    """Return the buttons that make sense now, in order."""
    use = _action("use", phrase("Use this model in Compose"), first=state.is_over)
    if state.is_over:
        word = phrase("Resume") if has_saved else phrase("Start again")
        resume = [] if state.status == Status.FINISHED else [_action("resume", word)]
        return [*([use] if has_saved else []), *resume]
    is_ending = bool(pending & {RunRequest.STOP, RunRequest.ABANDON})
    if is_ending or state.status == Status.STOPPING:
        force = _action(
            "end", phrase("End it now"), confirm=phrase("Really? What is not saved is lost")
        )
        return [_action("stop", phrase("Stopping…"), enabled=False), force]
    stops = [
        _action(
            "stop", phrase("Stop and save") if state.status == Status.RUNNING else phrase("Stop")
        )
    ]
    if state.status != Status.RUNNING:
        return stops
    stops.append(
        _action(
            "abandon",
            phrase("Stop without saving"),
            confirm=phrase("Really? What is not saved is lost"),
        )
    )
    return [
        _asked(pending, RunRequest.LISTEN, phrase("Listen now"), phrase("It will be heard below…")),
        _asked(pending, RunRequest.SAVE, phrase("Save now"), phrase("Saving…")),
        *stops,
        *([use] if has_saved else []),
    ]


def _asked(pending: frozenset[RunRequest], what: RunRequest, label: str, waiting: str) -> Message:
    return _action(what, waiting if what in pending else label, enabled=what not in pending)


def _action(
    what: str, label: str, *, enabled: bool = True, first: bool = False, confirm: str = ""
) -> Message:
    return {
        "what": str(what),
        "label": label,
        "enabled": enabled,
        "first": first,
        "confirm": confirm,
    }


def _figures(state: RunState, config: TrainConfig, speeds: Sequence[float]) -> list[list[str]]:
    """Return label, value and unit of each figure, with a dash for a value not known yet."""
    left = None if state.is_over else state.seconds_left
    bits = state.bits_per_note
    steps = expected_steps(state, config)
    of = phrase("of {steps:,}", steps=config.steps)
    if not config.steps:
        of = phrase("of about {steps:,}", steps=rounded(steps or 0))
    return [
        [phrase("Time left"), "–" if left is None else duration(left), ""],
        [phrase("Trained for"), duration(state.seconds), ""],
        [phrase("Step"), f"{state.step:,}", of if steps else ""],
        [
            phrase("Loss"),
            *(("–", "") if state.loss is None else (f"{state.loss:.2f}", phrase("nats a token"))),
        ],
        [
            phrase("Held back"),
            *(("–", "") if bits is None else (f"{bits:.2f}", phrase("bits a note"))),
        ],
        [phrase("Speed"), *((f"{speeds[-1]:,.0f}", phrase("tokens/s")) if speeds else ("–", ""))],
    ]


def _curves(run: Run, state: RunState, config: TrainConfig) -> Message:
    end_s = state.seconds
    if not state.is_over:
        end_s = 60 * config.minutes
        if config.steps:
            end_s = state.seconds + (state.seconds_left or 0.0)
    soon = phrase("the first point comes after {steps}", steps=counted(config.log_steps, "step"))
    first = duration(60 * config.evaluate_minutes)
    if config.evaluate_steps:
        first = counted(config.evaluate_steps, "step")
    held = phrase("first measured after {time}", time=first)
    waiting = dict.fromkeys(("loss", "rate", "speed"), soon)
    waiting["held"] = held if config.evaluate_tokens else phrase("not measured")
    return curves_message(run.metrics("step"), run.metrics("evaluation"), end_s, waiting)


def _verdict(run: Run, state: RunState, config: TrainConfig) -> Verdict:
    evaluations = run.metrics("evaluation")
    has_held_out = held_out_pieces(config.shards) > 0 or not config.shards.is_dir()
    return verdict_on(
        evaluations,
        is_fine_tuned=config.base is not None,
        is_measured=bool(evaluations) or has_held_out,
        is_over=state.is_over,
    )


def _fraction(state: RunState) -> float:
    return min(max(state.fraction, 0.0), 1.0)


def _log(run: Run) -> str:
    return "\n".join(line[:_LOG_LINE] for line in run.log_tail(_LOG_LINES).splitlines())
