"""The verb of the command line that keeps a model from copying: `copy-guard`."""

from pathlib import Path
from typing import Annotated

import tyro

from meloformer.cli.output import progress_bar, show
from meloformer.errors import ConfigError
from meloformer.outputs import check_outputs


def copy_guard(
    shards: Annotated[Path, tyro.conf.Positional],
    /,
    model: Path,
    add: bool = False,
    json_: Annotated[bool, tyro.conf.arg(name="json")] = False,
) -> None:
    """Index the music a model was trained on, so that it does not copy more than 16 notes of it.

    The index, at most 8 MB, is put beside the weights, and a sentence of it on their card.

    Args:
        shards: A folder made by `prepare`; what it holds out is not indexed.
        model: Its checkpoint folder.
        add: Add the music to the index that is there, if the model learned from both.
        json_: Print what was indexed as JSON.
    """
    from meloformer.checkpoint import KNOWN_RUNS, add_known_runs, load_known_runs, read_card
    from meloformer.data.known_runs import RUN_NOTES, KnownRuns
    from meloformer.data.shards import open_shards

    read_card(model)  # what is no checkpoint, or can't be written to, is said before the work
    check_outputs([model / KNOWN_RUNS])
    there = load_known_runs(model) if add else None
    if add and there is None:
        raise ConfigError(
            f"the checkpoint {model} has no index to add music to", hint="leave out --add"
        )
    index = there.and_of_shards if there else KnownRuns.of_shards
    with progress_bar(" pieces") as on_progress:
        known = index(open_shards(shards / "train"), on_progress)
    add_known_runs(model, known)
    facts = {
        "pieces": known.num_pieces,
        "notes": known.num_notes,
        "runs": known.num_runs,
        "bytes": len(known.filter.bits),
        "false_positive_rate": known.filter.false_positive_rate,
    }
    lines = [
        f"{known.num_pieces:,} pieces, {known.num_notes:,} notes of pitched parts",
        f"{known.num_runs:,} runs of {RUN_NOTES} notes in {facts['bytes']:,} bytes; of other runs "
        f"{known.filter.false_positive_rate:.2%} count as known",
    ]
    show(facts, lines, json_)
