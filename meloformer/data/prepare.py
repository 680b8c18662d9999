"""From a folder of MIDI files to shards: read, encode, split, and count what was refused."""

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from meloformer.data.config import PrepareConfig
from meloformer.data.corpus import SourceFile, find_files, held_out_groups, read_sources
from meloformer.data.shards import DocumentSet, ShardWriter
from meloformer.errors import DataError, MidiError
from meloformer.score.midi import read_midi
from meloformer.tokens import encode
from meloformer.tokens.vocabulary import Kind, vocabulary

_CHUNK_FILES = 16


@dataclass(frozen=True, slots=True)
class PrepareReport:
    """What became of a corpus."""

    files: int
    train: tuple[DocumentSet, ...]
    held_out: tuple[DocumentSet, ...]
    refusals: dict[str, int]
    """Number of files refused for each reason."""


@dataclass(frozen=True, slots=True, eq=False)
class _Document:
    ids: NDArray[np.uint16]
    notes: int


def prepare(config: PrepareConfig) -> PrepareReport:
    """Write `train/`, `held_out/` and `manifest.json` below `config.out`.

    Raises:
        DataError: There is nothing to read, or nothing that was accepted.
    """
    files = find_files(config.folder, config.groups)
    held_out = held_out_groups(files, config.held_out)
    refusals: Counter[str] = Counter()
    refused: list[tuple[str, str]] = []
    with ShardWriter(config.out / "train") as train, ShardWriter(config.out / "held_out") as other:
        for file, result in zip(files, _documents(files, config), strict=True):
            if isinstance(result, str):
                refusals[result] += 1
                refused.append((file.name, result))
                continue
            writer = other if file.group in held_out else train
            writer.add(file.document_set, result.ids, result.notes)
        sources = read_sources(config.sources)
        licences = {name: (one.licence, one.source) for name, one in sources.items()}
        report = PrepareReport(
            len(files), train.finish(licences), other.finish(licences), dict(refusals)
        )
    if not report.train:
        raise DataError(f"all {len(files)} files of {config.folder} were refused: {refusals}")
    _write_manifest(config.out / "manifest.json", report, refused)
    return report


def _documents(files: tuple[SourceFile, ...], config: PrepareConfig) -> Iterator["_Document | str"]:
    """What becomes of each file, in order: a document, or the reason for its refusal."""
    read = partial(_read_document, min_bars=config.min_bars, max_tokens=config.max_tokens)
    paths = [file.path for file in files]
    pool = ProcessPoolExecutor(config.workers) if config.workers > 1 else None
    with pool or nullcontext():
        if pool is None:
            yield from map(read, paths)
        else:
            yield from pool.map(read, paths, chunksize=_CHUNK_FILES)


def _read_document(path: Path, *, min_bars: int, max_tokens: int) -> "_Document | str":
    try:
        encoding = encode(read_midi(path.read_bytes()))
    except (MidiError, OSError):
        return "unreadable"
    except Exception as error:  # noqa: BLE001 - one bad file never stops a corpus
        return f"failed: {type(error).__name__}"
    if encoding.num_bars < min_bars:
        return "too short"
    if len(encoding.ids) > max_tokens:
        return "too long"
    notes = int(np.count_nonzero(vocabulary().kind[encoding.ids] == Kind.VELOCITY))
    return _Document(encoding.ids, notes) if notes else "no notes"


def _write_manifest(path: Path, report: PrepareReport, refused: list[tuple[str, str]]) -> None:
    content = {
        "vocabulary": vocabulary().fingerprint,
        "files": report.files,
        "train": [asdict(one) for one in report.train],
        "held_out": [asdict(one) for one in report.held_out],
        "refusals": report.refusals,
        "refused": [{"file": name, "reason": reason} for name, reason in refused],
    }
    text = json.dumps(content, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
