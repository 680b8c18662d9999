"""The verb of the command line for listening tests: `listen`."""

from pathlib import Path
from typing import Annotated, Literal

import tyro

from meloformer.cli.output import progress_bar, show
from meloformer.errors import ConfigError


def listen(
    action: Annotated[Literal["make", "open", "count"], tyro.conf.Positional],
    folder: Annotated[Path, tyro.conf.Positional],
    /,
    shards: Path | None = None,
    model: Path | None = None,
    pairs: int = 12,
    bars: int = 8,
    adventure: float = 0.5,
    draw: int = 0,
    sets: tuple[str, ...] = (),
    port: int = 7861,
    json_: Annotated[bool, tyro.conf.arg(name="json")] = False,
) -> None:
    """Let people compare continuations with the true ones, by ear and without names.

    Args:
        action: Make the sounds of a test, open its page in a browser on this machine and keep the
            votes, or count them.
        folder: Of the test.
        shards: A folder made by `prepare`, to make a test of its held-out songs.
        model: The checkpoint that writes; by default the one that was shipped.
        pairs: How many songs are continued, each once.
        bars: Bars of a continuation, after 4 of the song.
        adventure: How adventurous continuations are, from 0 to 1.
        draw: Which songs: 1, 2 and so on take others than 0 of as many pairs.
        sets: Only songs of these document sets; of all if left out.
        port: Of the page; 0 takes a free one.
        json_: Print the count as JSON.
    """
    if action == "open":
        from ui.listening.serve import serve_listening

        serve_listening(folder, port)
        return
    if action == "count":
        _count(folder, as_json=json_)
        return
    from meloformer.engine.listening import ListeningConfig, make_listening_test
    from meloformer.outputs import check_output_folder
    from meloformer.registry import default_checkpoint
    from meloformer.resources import soundfont_folder

    if shards is None:
        raise ConfigError(
            "A listening test is made of held-out songs.",
            hint="Add --shards with a folder made by `meloformer prepare`.",
        )
    check_output_folder(folder, inputs=[shards])
    config = ListeningConfig(
        checkpoint=model or default_checkpoint(),
        shards=shards,
        soundfonts=soundfont_folder(),
        pairs=pairs,
        num_bars=bars,
        adventure=adventure,
        draw=draw,
        sets=sets,
    )
    with progress_bar(" pairs") as on_progress:
        on_progress(0, pairs)
        test = make_listening_test(config, folder, on_progress)
    print(f"{folder} has {len(test.pairs)} pairs; `meloformer listen open {folder}` plays them")


def _count(folder: Path, *, as_json: bool) -> None:
    from meloformer.evaluation.listening.count import count_votes
    from meloformer.evaluation.listening.pairs import read_test
    from meloformer.evaluation.listening.votes import VoteFile
    from meloformer.evaluation.study.comparison import without_nan

    found = count_votes(read_test(folder), VoteFile(folder).read())
    lines = [f"{found.model}: {found.total}"]
    lines += [f"  {name}: {shares}" for name, shares in found.per_set.items()]
    show(without_nan(found.to_json()), lines, as_json)
