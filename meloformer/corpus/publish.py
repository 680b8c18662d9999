"""The result of `prepare`: shards, the list of files, the manifest, the report.

Axes: F files, D pieces.
"""

import csv
import hashlib
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from meloformer.corpus.chunks import read_chunk_ids
from meloformer.corpus.config import PrepareConfig
from meloformer.corpus.files import SourceFile, read_sources
from meloformer.corpus.index import CorpusIndex
from meloformer.corpus.report import CorpusSummary, write_report
from meloformer.corpus.selection import Selection, select
from meloformer.corpus.split import cut_for_held_out
from meloformer.data.shards import DocumentSet, ShardWriter
from meloformer.errors import DataError
from meloformer.files import move_file, write_json
from meloformer.folders import replace_folder
from meloformer.tokens.vocabulary import Kind, vocabulary

_EXAMPLES = 3
"""Files named for each reason in the report."""
_COLUMNS = ("file", "sha256", "set", "group", "side", "tokens", "notes", "reason", "detail")


@dataclass(frozen=True, slots=True)
class PrepareReport:
    """Counts of a prepared corpus."""

    files: int
    train: tuple[DocumentSet, ...]
    held_out: tuple[DocumentSet, ...]
    refusals: dict[str, int]
    """Number of files refused for each reason, the most frequent first."""


def publish(
    corpus: CorpusIndex, files: tuple[SourceFile, ...], config: PrepareConfig, result: Path
) -> PrepareReport:
    """Leave duplicates out, split, and write everything below `config.out`.

    Args:
        corpus: What the chunks say.
        files: In canonical order.
        config: What was asked for.
        result: A folder for what is not yet complete, on the same disk as `config.out`.

    Raises:
        DataError: Nothing was accepted.
    """
    selection = select(corpus, files, config)
    counts = Counter(str(refusal.reason) for refusal in selection.refusals.values())
    refusals = dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    if not selection.piece:
        reasons = ", ".join(f"{reason} ({count:,})" for reason, count in refusals.items())
        raise DataError(
            f"None of the {len(files):,} files can be used: {reasons}.",
            hint="The guide on data names the limits, and how to change them.",
        )
    shutil.rmtree(result, ignore_errors=True)
    train, other = _write_shards(corpus, files, selection, config, result)
    report = PrepareReport(len(files), train, other, refusals)
    _write_files(result / "files.tsv", corpus, files, selection)
    write_report(result / "report.html", _summary(corpus, files, selection, report, config))
    _write_manifest(result, report, selection, config)
    _move(result, config.out)
    return report


def _write_shards(
    corpus: CorpusIndex,
    files: tuple[SourceFile, ...],
    selection: Selection,
    config: PrepareConfig,
    result: Path,
) -> tuple[tuple[DocumentSet, ...], tuple[DocumentSet, ...]]:
    sources = read_sources(config.sources)
    with ShardWriter(result / "train") as train, ShardWriter(result / "held_out") as other:
        for index, ids in enumerate(_pieces(corpus.chunks)):
            file = int(corpus.piece_file[index])
            if file not in selection.piece:
                continue
            document_set = files[file].document_set
            if selection.split_by == "bars":
                first, last = cut_for_held_out(ids, config.held_out)
                train.add(document_set, first, _num_notes(first))
                if len(last):
                    other.add(document_set, last, _num_notes(last))
            else:
                writer = other if selection.is_held_out[index] else train
                writer.add(document_set, ids, int(corpus.counts["notes"][index]))
        return train.finish(sources), other.finish(sources)


def _pieces(chunks: Sequence[Path]) -> Iterator[NDArray[np.uint16]]:
    for path in chunks:
        yield from read_chunk_ids(path)


def _num_notes(ids: NDArray[np.uint16]) -> int:
    return int(np.count_nonzero(vocabulary().kind[ids] == Kind.ONSET))


def _write_files(
    path: Path, corpus: CorpusIndex, files: tuple[SourceFile, ...], selection: Selection
) -> None:
    """Write a line for every file: what it is, where it went or why not."""
    with path.open("w", encoding="utf-8", newline="") as lines:
        table = csv.writer(lines, delimiter="\t", lineterminator="\n")
        table.writerow(_COLUMNS)
        for index, file in enumerate(files):
            start = (file.name, corpus.sha256[index], file.document_set, file.group)
            refusal = selection.refusals.get(index)
            if refusal is not None:
                table.writerow((*start, "", "", "", refusal.reason, refusal.detail))
                continue
            piece = selection.piece[index]
            counts = corpus.counts[piece]
            table.writerow(
                (*start, _side(selection, piece), counts["tokens"], counts["notes"], "", "")
            )


def _side(selection: Selection, piece: int) -> str:
    if selection.split_by == "bars":
        return "both"
    return "held_out" if selection.is_held_out[piece] else "train"


def _summary(
    corpus: CorpusIndex,
    files: tuple[SourceFile, ...],
    selection: Selection,
    report: PrepareReport,
    config: PrepareConfig,
) -> CorpusSummary:
    examples: dict[str, list[str]] = {reason: [] for reason in report.refusals}
    for file in sorted(selection.refusals):
        names = examples[selection.refusals[file].reason]
        if len(names) < _EXAMPLES:
            names.append(files[file].name)
    kept = sorted(selection.piece.values())
    return CorpusSummary(
        inputs=tuple(path.name for path in config.inputs),
        files=report.files,
        train=report.train,
        held_out=report.held_out,
        refusals=report.refusals,
        examples={reason: tuple(names) for reason, names in examples.items()},
        pieces=corpus.counts[kept],
        programs=corpus.programs[kept].sum(axis=0),
        split_by=selection.split_by,
    )


def _write_manifest(
    result: Path, report: PrepareReport, selection: Selection, config: PrepareConfig
) -> None:
    content = {
        "vocabulary": vocabulary().fingerprint,
        "inputs": [path.name for path in config.inputs],
        "files": report.files,
        "files_sha256": hashlib.sha256((result / "files.tsv").read_bytes()).hexdigest(),
        "filter": asdict(config.filter),
        "near": config.near,
        "tune": config.tune,
        "split": {"by": selection.split_by, "held_out": config.held_out},
        "train": [asdict(one) for one in report.train],
        "held_out": [asdict(one) for one in report.held_out],
        "refusals": report.refusals,
    }
    write_json(result / "manifest.json", content)


def _move(result: Path, out: Path) -> None:
    """Move the complete result into its place; the manifest, which says so, comes last."""
    (out / "manifest.json").unlink(missing_ok=True)
    for name in ("train", "held_out"):
        replace_folder(result / name, out / name)
    for name in ("files.tsv", "report.html", "manifest.json"):
        move_file(result / name, out / name)
