"""The verb of the command line that measures a model: `evaluate`."""

from pathlib import Path
from typing import Annotated

import tyro

from meloformer.cli.output import progress_bars, show
from meloformer.cli.studies import study_of_continuations, study_of_passages
from meloformer.errors import ConfigError
from meloformer.outputs import check_outputs


def evaluate(
    shards: Annotated[Path, tyro.conf.Positional],
    /,
    model: Path | None = None,
    quick: bool = False,
    continuations: int = 0,
    added_parts: int = 0,
    seams: int = 0,
    drums: int = 0,
    seeds: int = 3,
    bars: int = 8,
    adventure: float = 0.5,
    draw: int = 0,
    sets: tuple[str, ...] = (),
    by_set: bool = False,
    copy_guard: bool = True,
    own_repetition: bool = True,
    page: Path | None = None,
    json_: Annotated[bool, tyro.conf.arg(name="json")] = False,
) -> None:
    """Measure bits per note on held-out music, beside a 3-gram and a 5-gram on the same tokens.

    With `--continuations`, compare what the model writes with what held-out songs go on with; with
    `--added-parts`, `--seams` or `--drums`, with the same bars of the songs.

    Args:
        shards: A folder made by `prepare`.
        model: A checkpoint folder; by default the one that was shipped.
        quick: Read an eighth of the held-out music, always the same.
        continuations: How many held-out songs to continue after 8 bars; 0 measures bits per note.
        added_parts: In how many held-out songs to write a part again for 8 bars, given the others.
        seams: In how many to write 4 bars again, given those on both sides, and to look at how the
            music goes across the two bar lines.
        drums: In how many to continue the drums alone for 8 bars after 16.
        seeds: Versions of each.
        bars: Bars of a continuation, 1 to 64.
        adventure: How adventurous new bars are, from 0 to 1.
        draw: Which songs: 1, 2 and so on take others than 0 of as many songs.
        sets: Only songs of these document sets, such as `groove mutopia`; of all if left out.
        by_set: Tell the figures of each document set.
        copy_guard: Whether new bars are kept from copying training music, if the model has an
            index of it.
        own_repetition: Whether continuations repeat other bars as much as those before them do, as
            in the app.
        page: Receives the comparison as an HTML page with plots.
        json_: Print JSON.
    """
    from meloformer.engine.continuation_study import ContinuationStudyConfig
    from meloformer.engine.passage_study import Passages, PassageStudyConfig
    from meloformer.evaluation.report import QUICK_SHARE, ReportConfig, measure
    from meloformer.registry import default_checkpoint

    checkpoint = model or default_checkpoint()
    passages = {"added-parts": added_parts, "seams": seams, "drums": drums}
    _check_asked(passages, continuations, page=page, quick=quick)
    if continuations:
        config = ContinuationStudyConfig(
            checkpoint=checkpoint,
            shards=shards,
            prompts=continuations,
            seeds=seeds,
            num_bars=bars,
            adventure=adventure,
            draw=draw,
            sets=sets,
            copy_guard=copy_guard,
            own_repetition=own_repetition,
        )
        study_of_continuations(config, page, by_set=by_set, as_json=json_)
        return
    for kind, prompts in passages.items():
        if prompts:
            study_of_passages(
                PassageStudyConfig(
                    checkpoint=checkpoint,
                    shards=shards,
                    passages=Passages(kind),
                    prompts=prompts,
                    seeds=seeds,
                    adventure=adventure,
                    draw=draw,
                    sets=sets,
                    copy_guard=copy_guard,
                ),
                by_set=by_set,
                as_json=json_,
            )
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


def _check_asked(
    passages: dict[str, int], continuations: int, *, page: Path | None, quick: bool
) -> None:
    if page is not None:
        check_outputs([page])
    asked = [name for name, prompts in passages.items() if prompts]
    asked += ["continuations"] if continuations else []
    if len(asked) > 1:
        raise ConfigError(
            f"One thing is studied at a time, and --{asked[0]} and --{asked[1]} are two.",
            hint="Run the command once for each.",
        )
    if page is not None and not continuations:
        raise ConfigError(
            "A page is drawn of continuations, and none are asked for.",
            hint="Add --continuations 50, or leave --page out.",
        )
    if asked and quick:
        raise ConfigError(
            "--quick reads less music to measure bits per note, and a study measures none.",
            hint=f"Fewer --{asked[0]} make it quick.",
        )
