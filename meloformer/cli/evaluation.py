"""The verb of the command line that measures a model: `evaluate`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from meloformer.cli.models import guard_words
from meloformer.cli.output import progress_bar, progress_bars, show
from meloformer.errors import ConfigError
from meloformer.outputs import check_outputs

if TYPE_CHECKING:
    from meloformer.engine.continuation_study import ContinuationStudyConfig


def evaluate(
    shards: Annotated[Path, tyro.conf.Positional],
    /,
    model: Path | None = None,
    quick: bool = False,
    continuations: int = 0,
    seeds: int = 3,
    bars: int = 8,
    adventure: float = 0.5,
    draw: int = 0,
    copy_guard: bool = True,
    own_repetition: bool = True,
    page: Path | None = None,
    json_: Annotated[bool, tyro.conf.arg(name="json")] = False,
) -> None:
    """Measure bits per note on held-out music, beside a 3-gram and a 5-gram on the same tokens.

    With `--continuations`, compare what the model writes with what held-out songs go on with.

    Args:
        shards: A folder made by `prepare`.
        model: A checkpoint folder; by default the one that was shipped.
        quick: Read an eighth of the held-out music, always the same.
        continuations: How many held-out songs to continue after 8 bars; 0 measures bits per note.
        seeds: Continuations of each.
        bars: Bars of a continuation, 1 to 64.
        adventure: How adventurous continuations are, from 0 to 1.
        draw: Which songs to continue: 1, 2 and so on take others than 0 of as many continuations.
        copy_guard: Whether continuations are kept from copying training music, if the model has an
            index of it.
        own_repetition: Whether new bars repeat others as much as those before them do, as in the
            app.
        page: Receives the comparison as an HTML page with plots.
        json_: Print JSON.
    """
    from meloformer.engine.continuation_study import ContinuationStudyConfig
    from meloformer.evaluation.report import QUICK_SHARE, ReportConfig, measure
    from meloformer.registry import default_checkpoint

    checkpoint = model or default_checkpoint()
    if page is not None:
        check_outputs([page])
    if page is not None and not continuations:
        raise ConfigError(
            "A page is drawn of continuations, and none are asked for.",
            hint="Add --continuations 50, or leave --page out.",
        )
    if continuations and quick:
        raise ConfigError(
            "--quick reads less music to measure bits per note, and a study measures none.",
            hint="Fewer --continuations make it quick.",
        )
    if continuations:
        config = ContinuationStudyConfig(
            checkpoint=checkpoint,
            shards=shards,
            prompts=continuations,
            seeds=seeds,
            num_bars=bars,
            adventure=adventure,
            draw=draw,
            copy_guard=copy_guard,
            own_repetition=own_repetition,
        )
        _study(config, page, json_)
        return
    with progress_bars(" tokens") as on_progress:
        result = measure(
            ReportConfig(checkpoint=checkpoint, shards=shards, quick=quick), on_progress
        )
    ours = result.model
    low, high = ours.interval
    plain = ours.without_chords
    lines = [
        f"{ours.bits_per_note:.2f} bits per note ({low:.2f} to {high:.2f})",
        *(
            f"  {_less(result.improvement(length))} than a {length}-gram, "
            f"which needs {theirs.bits_per_note:.2f}"
            for length, theirs in result.ngrams.items()
        ),
        f"{plain.value:.2f} without chord tokens ({plain.low:.2f} to {plain.high:.2f})",
        *(
            f"  {name}: {ours.share[name]:.2f} a note ({low:.2f} to {high:.2f}), "
            f"{ours.bits_per_token[name]:.2f} a token"
            for name, (low, high) in ours.share_interval.items()
        ),
        *(f"  {name}: {bits:.2f} a note" for name, bits in ours.per_set.items()),
    ]
    if result.infill is not None:
        both, left = result.infill.both_sides.value, result.infill.left_alone.value
        lines.append(
            f"four bars given both sides {both:.2f}, given the left alone {left:.2f}: "
            f"{_less(-result.infill.change.value / 100)}"
        )
    if quick:
        lines.append(f"a sample: one window in {QUICK_SHARE}; without --quick all are read")
    show(result.to_json(), lines, json_)


def _less(share: float) -> str:
    return f"{abs(share):.0%} {'more' if share < 0 else 'less'}"


def _study(config: "ContinuationStudyConfig", page: Path | None, as_json: bool) -> None:
    from meloformer.checkpoint import has_known_runs
    from meloformer.engine.continuation_study import study_continuations
    from meloformer.evaluation.study.acceptance import acceptance
    from meloformer.evaluation.study.by_set import figures_by_set
    from meloformer.evaluation.study.page import write_page
    from meloformer.evaluation.study.results import without_nan

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
    lines += [f"  {name}: {one.copying}" for name, one in sets.items()]
    show(without_nan(data), lines, as_json)
