"""Music to train on: folders and archives of MIDI files become shards."""

from collections.abc import Callable, Sequence
from os import PathLike
from pathlib import Path

from meloformer.corpus.config import FilterConfig, PrepareConfig
from meloformer.corpus.prepare import prepare as prepare_shards
from meloformer.corpus.publish import PrepareReport


def prepare(
    inputs: str | PathLike[str] | Sequence[str | PathLike[str]],
    out: str | PathLike[str],
    *,
    groups: str | PathLike[str] | None = None,
    sources: str | PathLike[str] | None = None,
    held_out: float = 0.04,
    near: float = 0.9,
    tune: float = 0.5,
    earlier: str | PathLike[str] | None = None,
    filter: FilterConfig | None = None,
    workers: int = 0,
    cluster: str = "",
    on_progress: Callable[[int, int], None] | None = None,
) -> PrepareReport:
    """Turn MIDI files into shards that `fine_tune` and `train` read.

    A preparation that was stopped goes on where it was when the same is asked again. Processes are
    started for it, so a script (not a notebook) must keep it below `if __name__ == "__main__"`.

    Args:
        inputs: Folders, ZIPs, tars or MIDI files; the first folder below names the document set.
        out: Folder that receives the shards, and report.html, which shows them.
        groups: TSV of file and group; a group is never split between training and held out.
        sources: TSV of set, licence and source, for the manifest.
        held_out: Share of the groups that is never trained on.
        near: Share of the bars that two pieces have in common to count as one.
        tune: Share of the bars of the shorter that two pieces have in common to stay on one side.
        earlier: Output of an earlier preparation of a part of this music: what it held out is held
            out again.
        filter: Which pieces are worth training on.
        workers: Processes; 0 is one for each core.
        cluster: Address of a Ray cluster that does the work instead, or "local".
        on_progress: Told how many files are done, and how many there are.

    Raises:
        DataError: There is nothing to read, nothing was accepted, or the disk is full.
        ConfigError: A setting is out of range.
    """
    several = [inputs] if isinstance(inputs, str | PathLike) else inputs
    config = PrepareConfig(
        inputs=tuple(map(Path, several)),
        out=Path(out),
        groups=None if groups is None else Path(groups),
        sources=None if sources is None else Path(sources),
        held_out=held_out,
        near=near,
        tune=tune,
        earlier=None if earlier is None else Path(earlier),
        filter=filter or FilterConfig(),
        workers=workers,
        cluster=cluster,
    )
    return prepare_shards(config, on_progress)
