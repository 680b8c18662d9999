"""Studies of what a model writes, as the verb `evaluate` runs and tells them."""

from pathlib import Path
from typing import TYPE_CHECKING

from meloformer.cli.models import guard_words
from meloformer.cli.output import progress_bar, show

if TYPE_CHECKING:
    from meloformer.engine.continuation_study import ContinuationStudyConfig
    from meloformer.engine.passage_study import PassageStudyConfig


def study_of_continuations(
    config: "ContinuationStudyConfig", page: Path | None, *, by_set: bool, as_json: bool
) -> None:
    """Continue held-out songs, and tell which goals are reached.

    Args:
        config: What is studied.
        page: Receives the study as an HTML page, if given.
        by_set: Whether lines tell all goals of each document set.
        as_json: Print JSON.
    """
    from meloformer.checkpoint import has_known_runs
    from meloformer.engine.continuation_study import study_continuations
    from meloformer.evaluation.study.acceptance import acceptance
    from meloformer.evaluation.study.by_set import figures_by_set
    from meloformer.evaluation.study.comparison import without_nan
    from meloformer.evaluation.study.page import write_page

    is_guarded = config.copy_guard and has_known_runs(config.checkpoint)
    with progress_bar(" prompts") as on_progress:
        on_progress(0, config.prompts)
        study = study_continuations(config, on_progress)
    if page is not None:
        write_page(page, study, config.checkpoint.name, guarded=is_guarded)
    goals, sets = acceptance(study), figures_by_set(study)
    data = study.to_json() | {
        "copy_guard": is_guarded,
        "acceptance": [goal.to_json() for goal in goals],
        "per_set": {name: one.to_json() for name, one in sets.items()},
    }
    lines = [f"{config.checkpoint.name}, {guard_words(is_guarded)}", *map(str, goals)]
    for name, one in sets.items():
        lines += one.lines(name) if by_set else [f"  {name}: {one.copying}"]
    show(without_nan(data), lines, as_json)


def study_of_passages(config: "PassageStudyConfig", *, by_set: bool, as_json: bool) -> None:
    """Write passages of held-out songs again, and tell how they compare with the songs' own.

    Args:
        config: What is studied.
        by_set: Whether lines tell the measures of each document set.
        as_json: Print JSON.
    """
    from meloformer.checkpoint import has_known_runs
    from meloformer.engine.passage_study import study_passages

    is_guarded = config.copy_guard and has_known_runs(config.checkpoint)
    with progress_bar(" prompts") as on_progress:
        on_progress(0, config.prompts)
        study = study_passages(config, on_progress)
    data = {"passages": config.passages.value, "seeds": config.seeds, "copy_guard": is_guarded}
    heading = f"{config.checkpoint.name}, {config.passages.value}, {guard_words(is_guarded)}"
    show(data | study.to_json(), [heading, *study.lines(by_set=by_set)], as_json)
