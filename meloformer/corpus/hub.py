"""Shards as a folder of the Hugging Face library `datasets`, and back.

A row is a document: its `ids`, its `document_set`, and the set's `licence`, `source` and what of it
is `synthetic`. The splits are `train` and, where something is held out, `held_out`; their
description names the vocabulary.
Neither direction holds more than some hundred documents in memory.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from meloformer.corpus.hub_folder import IDS, NAMES, SYNTHETIC, describe, documents, split_names
from meloformer.data.shards import DocumentSet, Shards, ShardWriter, Source, open_shards
from meloformer.errors import ConfigError, DataError
from meloformer.files import write_json
from meloformer.folders import replaced_folder
from meloformer.tokens.vocabulary import vocabulary

if TYPE_CHECKING:
    import pyarrow as pa
    from datasets import Dataset

_TRAIN, _HELD_OUT = "train", "held_out"
_ROWS = 256
"""Documents in a record batch."""


def to_datasets(prepared: Path, out: Path) -> None:
    """Write what `prepare` made as a folder for `datasets.load_from_disk`.

    Args:
        prepared: Has `train/` and `held_out/`.
        out: A new or an empty folder.

    Raises:
        ConfigError: `out` is in use, or the library is not installed.
        DataError: The shards cannot be read, or `out` cannot be written.
    """
    _require("datasets")
    from datasets import DatasetDict

    splits = {_TRAIN: _as_dataset(open_shards(prepared / _TRAIN), _TRAIN)}
    if not _has_no_documents(prepared / _HELD_OUT):
        splits[_HELD_OUT] = _as_dataset(open_shards(prepared / _HELD_OUT), _HELD_OUT)
    with _new_folder(out) as folder:
        DatasetDict(splits).save_to_disk(str(folder))


def from_datasets(folder: Path, out: Path) -> None:
    """Write a folder of `datasets` as shards: what `to_datasets` was given, byte for byte.

    Args:
        folder: As `DatasetDict.save_to_disk` leaves it.
        out: A new or an empty folder; receives `train/`, `held_out/` and `manifest.json`.

    Raises:
        ConfigError: `out` is in use, or the library is not installed.
        DataError: The folder is damaged, is of another vocabulary, or has documents that cannot
            be music; or `out` cannot be written.
    """
    _require("pyarrow")
    splits = split_names(folder)
    if _TRAIN not in splits:
        raise DataError(f"{folder} has no split `{_TRAIN}`")
    if unknown := [name for name in splits if name not in (_TRAIN, _HELD_OUT)]:
        raise DataError(
            f"{folder} has a split `{unknown[0]}`, which shards do not have",
            hint=f"leave it out, or name it `{_TRAIN}` or `{_HELD_OUT}`",
        )
    with _new_folder(out) as new:
        train = _write_shards(folder / _TRAIN, new / _TRAIN)
        if not train:
            raise DataError(f"the split `{_TRAIN}` of {folder} is empty")
        other = _write_shards(folder / _HELD_OUT if _HELD_OUT in splits else None, new / _HELD_OUT)
        content = {
            "vocabulary": vocabulary().fingerprint,
            _TRAIN: [asdict(one) for one in train],
            _HELD_OUT: [asdict(one) for one in other],
        }
        write_json(new / "manifest.json", content)


def _require(library: str) -> None:
    try:
        import_module(library)
    except ImportError as error:
        raise ConfigError(
            f"the library `{library}` is not installed", hint="pip install 'meloformer[datasets]'"
        ) from error


@contextmanager
def _new_folder(out: Path) -> Iterator[Path]:
    """Make a folder that becomes `out` when all has gone well, and is gone otherwise."""
    out = out.resolve()
    try:
        if out.exists() and any(out.iterdir()):
            raise ConfigError(f"{out} is in use", hint="give a new or an empty folder")
        out.parent.mkdir(parents=True, exist_ok=True)
        with replaced_folder(out) as new:
            yield new
    except OSError as error:
        raise DataError(f"{out} cannot be written: {error.strerror or error}") from error


def _has_no_documents(folder: Path) -> bool:
    """Return whether shards were written without a document, as where nothing is held out."""
    try:
        return bool(json.loads((folder / "manifest.json").read_bytes())["sets"] == [])
    except (OSError, ValueError, KeyError, TypeError):
        return False  # `open_shards` says what is wrong


def _as_dataset(shards: Shards, split: str) -> "Dataset":
    """Wrap shards as a dataset. Its ids are those of the mapped file, not copied."""
    import pyarrow as pa
    from datasets import Dataset, DatasetInfo, NamedSplit

    fingerprint = vocabulary().fingerprint
    return Dataset(
        pa.Table.from_batches(_record_batches(shards)),
        info=DatasetInfo(description=describe(fingerprint)),
        split=NamedSplit(split),
        fingerprint=fingerprint,  # otherwise made from all tokens, in memory
    )


def _record_batches(shards: Shards) -> Iterator["pa.RecordBatch"]:
    import pyarrow as pa

    values = pa.Array.from_buffers(pa.uint16(), len(shards.ids), [None, pa.py_buffer(shards.ids)])
    first_document = shards.first_document.tolist()
    for one, first, end in zip(shards.sets, first_document[:-1], first_document[1:], strict=True):
        for start in range(first, end, _ROWS):
            offsets = shards.offsets[start : min(start + _ROWS, end) + 1]
            tokens = values.slice(int(offsets[0]), int(offsets[-1] - offsets[0]))
            ids = pa.ListArray.from_arrays(pa.array(offsets - offsets[0], pa.int32()), tokens)
            of_set = (one.name, one.licence, one.source, one.synthetic)
            texts = [pa.repeat(text, len(ids)) for text in of_set]
            yield pa.record_batch([ids, *texts], names=[IDS, *NAMES, SYNTHETIC])


def _write_shards(split: Path | None, out: Path) -> tuple[DocumentSet, ...]:
    """Write the documents of a split; without one, shards without a document."""
    sources: dict[str, Source] = {}
    with ShardWriter(out) as writer:
        for one in documents(split) if split else ():
            source = Source(one.licence, one.source, one.synthetic)
            if sources.setdefault(one.document_set, source) != source:
                raise DataError(f"the set {one.document_set} in {split} has several licences")
            writer.add(one.document_set, one.ids, one.num_notes)
        return writer.finish(sources)
