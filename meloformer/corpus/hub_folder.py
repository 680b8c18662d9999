"""A folder of the Hugging Face library `datasets`, read with distrust.

It may come from anywhere. So nothing that it says about itself is interpreted: the Arrow files are
read as they are, memory-mapped and batch by batch, and every document is checked.

Axes: T tokens of a document.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from meloformer.errors import DataError
from meloformer.tokens.vocabulary import Kind, vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

IDS = "ids"
NAMES = ("document_set", "licence", "source")
"""Columns of text."""
SYNTHETIC = "synthetic"
"""Another, which folders of older versions lack."""

_FINGERPRINT = re.compile(r"\bvocabulary ([0-9a-f]{16})\b")
_HINT = "only folders that MeloFormer wrote, or rows of them, can be read"


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """One row of a folder of `datasets`."""

    ids: NDArray[np.uint16]
    """From BOS to EOS. (T,), uint16, memory-mapped."""
    document_set: str
    licence: str
    source: str
    synthetic: str

    @property
    def num_notes(self) -> int:
        """Number of its notes."""
        return int(np.count_nonzero(self.ids >= vocabulary().id(Kind.VELOCITY)))


def describe(fingerprint: str) -> str:
    """Return the description of a split, which `documents` looks for."""
    return f"Pieces of music as tokens, a piece a row, of MeloFormer's vocabulary {fingerprint}."


def split_names(folder: Path) -> list[str]:
    """List the splits of the folder.

    Raises:
        DataError: It is not such a folder.
    """
    splits = _read_json(folder / "dataset_dict.json").get("splits")
    if not isinstance(splits, list):
        raise DataError(f"{folder / 'dataset_dict.json'} names no splits", hint=_HINT)
    return [str(name) for name in splits]


def documents(folder: Path) -> Iterator[Document]:
    """Yield the documents of one split, in order.

    Raises:
        DataError: The split is damaged, of another vocabulary, lacks a column, or has a document
            that cannot be music.
    """
    _check_vocabulary(folder)
    number = 0
    for batch in _batches(folder):
        ids = batch.column(IDS)
        values, ends = ids.values.to_numpy(), ids.offsets.to_numpy()
        texts = [batch.column(name).to_pylist() for name in NAMES]
        has_synthetic = SYNTHETIC in batch.schema.names
        texts.append(batch.column(SYNTHETIC).to_pylist() if has_synthetic else [""] * len(ids))
        for row, names in enumerate(zip(*texts, strict=True)):
            of_row = values[ends[row] : ends[row + 1]]
            number += 1
            if problem := _problem(of_row):
                raise DataError(f"document {number:,} of {folder} {problem}", hint=_HINT)
            yield Document(of_row, *names)


def _problem(ids: NDArray[np.uint16]) -> str:
    """Return what is wrong with a document, in outline; empty if nothing is."""
    vocab = vocabulary()
    if len(ids) < 3 or ids[0] != vocab.id(Kind.BOS) or ids[-1] != vocab.id(Kind.EOS):
        return "does not run from BOS to EOS"
    if ids.max() >= vocab.size:
        return f"has the id {ids.max()}; the vocabulary ends at {vocab.size - 1}"
    if ids[1:-1].min() < vocab.id(Kind.SUM):
        return "has PAD, BOS or EOS inside"
    return ""


def _check_vocabulary(folder: Path) -> None:
    description = _read_json(folder / "dataset_info.json").get("description")
    found = set(_FINGERPRINT.findall(description)) if isinstance(description, str) else set()
    if not found:
        raise DataError(f"{folder} does not say of which vocabulary its ids are", hint=_HINT)
    if others := found - {vocabulary().fingerprint}:
        raise DataError(
            f"the ids in {folder} are of another vocabulary ({min(others)})",
            hint="run `meloformer prepare` on the MIDI files",
        )


def _batches(folder: Path) -> Iterator["pa.RecordBatch"]:
    """Yield record batches of the right columns that hold what they declare."""
    import pyarrow as pa

    for path in _data_files(folder):
        try:
            with pa.memory_map(str(path)) as file, pa.ipc.open_stream(file) as batches:
                _check_columns(batches.schema, path)
                for batch in batches:
                    batch.validate(full=True)
                    _check_no_cell_is_empty(batch, path)
                    yield batch
        except (OSError, pa.ArrowException) as error:
            raise DataError(f"{path} cannot be read: {error}") from error


def _data_files(folder: Path) -> list[Path]:
    state: Any = _read_json(folder / "state.json")
    try:
        names = [str(one["filename"]) for one in state["_data_files"]]
    except (KeyError, TypeError) as error:
        raise DataError(f"{folder / 'state.json'} names no data files", hint=_HINT) from error
    for name in names:
        if Path(name).name != name or not (folder / name).is_file():
            raise DataError(f"{folder} has no data file {name!r}")
    return [folder / name for name in names]


def _check_columns(schema: "pa.Schema", path: Path) -> None:
    import pyarrow as pa

    allowed = {IDS: (pa.list_(pa.uint16()), pa.large_list(pa.uint16()))}
    allowed |= dict.fromkeys((*NAMES, SYNTHETIC), (pa.string(), pa.large_string()))
    for name, types in allowed.items():
        at = schema.get_field_index(name)
        if at < 0 and name == SYNTHETIC:
            continue
        if at < 0:
            raise DataError(f"{path} has no column `{name}`", hint=_HINT)
        if schema.field(at).type not in types:
            kind = schema.field(at).type
            raise DataError(f"the column `{name}` of {path} is {kind}, not {types[0]}", hint=_HINT)


def _check_no_cell_is_empty(batch: "pa.RecordBatch", path: Path) -> None:
    names = (IDS, *NAMES, SYNTHETIC)
    columns = [batch.column(name) for name in names if name in batch.schema.names]
    if any(column.null_count for column in (*columns, columns[0].values)):
        raise DataError(f"{path} has empty cells", hint=_HINT)


def _read_json(path: Path) -> dict[str, object]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{path} cannot be read: {error}", hint=_HINT) from error
    if not isinstance(content, dict):
        raise DataError(f"{path} is not a JSON object", hint=_HINT)
    return content
