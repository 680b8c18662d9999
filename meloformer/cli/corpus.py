"""The verbs of the command line that concern music to train on: `prepare` and `convert`."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import tyro

import meloformer as mf
from meloformer.cli.output import progress_bar, show
from meloformer.corpus.config import FilterConfig

_FILTER = FilterConfig()


def prepare(
    inputs: Annotated[tuple[Path, ...], tyro.conf.Positional],
    /,
    out: Path,
    groups: Path | None = None,
    sources: Path | None = None,
    held_out: float = 0.04,
    near: float = 0.9,
    tune: float = 0.5,
    earlier: Path | None = None,
    workers: int = 0,
    cluster: str = "",
    filter_: Annotated[FilterConfig, tyro.conf.arg(name="")] = _FILTER,
    json_: Annotated[bool, tyro.conf.arg(name="json")] = False,
) -> None:
    """Turn folders and archives of MIDI files into shards that train at once.

    A run that was stopped goes on where it was when the same command is given again.

    Args:
        inputs: Folders, ZIPs, tars or MIDI files; the first folder below names the document set.
        out: Receives the shards, files.tsv, manifest.json and report.html.
        groups: TSV of file and group; a group is never split between training and held out.
        sources: TSV of set, licence and source, for the manifest.
        held_out: Share of the groups that is never trained on.
        near: Share of the bars two pieces have in common to count as one.
        tune: Share of the bars of the shorter that keeps two pieces on one side of the split.
        earlier: Output of an earlier `prepare`: what it held out is held out again.
        workers: Processes; 0 is one for each core.
        cluster: Address of a Ray cluster that does the work instead, or "local".
        filter_: Which pieces are worth training on.
        json_: Print what was made as JSON.
    """
    with progress_bar(" files") as on_progress:
        report = mf.prepare(
            inputs,
            out,
            groups=groups,
            sources=sources,
            held_out=held_out,
            near=near,
            tune=tune,
            earlier=earlier,
            filter=filter_,
            workers=workers,
            cluster=cluster,
            on_progress=on_progress,
        )
    lines = [f"refused {count:,}: {reason}" for reason, count in report.refusals.items()]
    for name, sets in (("train", report.train), ("held out", report.held_out)):
        documents, notes = sum(s.documents for s in sets), sum(s.notes for s in sets)
        lines.append(f"{name}: {documents:,} pieces, {notes:,} notes")
    lines.append(f"{out / 'report.html'} shows them")
    show(asdict(report), lines, json_)


def convert(source: Annotated[Path, tyro.conf.Positional], /, out: Path) -> None:
    """Turn prepared shards into a folder of the Hugging Face library datasets, or back.

    Args:
        source: What `prepare` wrote, or a folder with dataset_dict.json.
        out: A new folder.
    """
    from meloformer.corpus.hub import from_datasets, to_datasets

    is_datasets = (source / "dataset_dict.json").exists()
    (from_datasets if is_datasets else to_datasets)(source, out)
