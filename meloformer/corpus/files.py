"""The files of a corpus, and the document set and group of each."""

import csv
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Literal

from meloformer.corpus.archives import is_archive, is_midi_name, printable, unpack
from meloformer.data.shards import Source
from meloformer.errors import DataError


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of a corpus."""

    path: Path
    name: str
    """Path below the input, with slashes; of several inputs, each begins with the input's name.
    What cannot be printed, such as bytes that are not UTF-8, is written as a code."""
    document_set: str
    group: str


def find_files(
    inputs: Sequence[Path], staging: Path, groups: Path | None = None
) -> tuple[SourceFile, ...]:
    """List the MIDI files of some inputs, by document set, then by name.

    The document set is the first folder that tells files apart. Folders above it, which hold all
    files of an input, say nothing: `songs.zip` with `songs/band/a.mid` and `songs/tune/b.mid` has
    the sets `band` and `tune`. A file in the last such folder belongs to the set of that name, or,
    where there is none, to the set of the input's name: for a single file, that of its folder.

    Args:
        inputs: Folders, archives and MIDI files.
        staging: Where archives are unpacked, each into a folder of its name.
        groups: TSV of file and group, the file as its path below the input, or with the input's
            name before it. A file that it does not name is a group of its own.

    Raises:
        DataError: An input is missing, is nothing of the above, has no MIDI file, is an archive
            that is not to be unpacked, or has the name of another; or the table is wrong.
        OSError: An archive could not be written to the disk.
    """
    group_of = _read_groups(groups) if groups else {}
    opened = [_open(path) for path in inputs]
    _check_names(opened)
    files: list[SourceFile] = []
    num_named = 0
    for one in opened:
        prefix = f"{one.name}/" if len(opened) > 1 else ""
        found = list(_files_of(one, staging))
        sets = _document_sets([below for below, _ in found], one.name)
        for (below, path), document_set in zip(found, sets, strict=True):
            name = printable(prefix + below)
            group = group_of.get(printable(below)) or group_of.get(printable(f"{one.name}/{below}"))
            files.append(SourceFile(path, name, document_set, group or name))
            num_named += group is not None
    if group_of and not num_named:
        raise DataError(
            f"`{groups}` names none of the {len(files):,} files, the first of which is "
            f"`{files[0].name}`.",
            hint="Its column `file` has paths below the folder that is prepared.",
        )
    return tuple(sorted(files, key=lambda file: (file.document_set, file.name)))


def read_sources(path: Path | None = None) -> dict[str, Source]:
    """Read the source of each document set.

    Args:
        path: TSV with columns set, licence and source, and, if something is, synthetic; by default
            the table beside this module.
    """
    path = path or Path(__file__).with_name("sources.tsv")
    rows = _read_table(path, ("set", "licence", "source"), optional=("synthetic",))
    return {name: Source(*texts) for name, *texts in rows}


@dataclass(frozen=True, slots=True)
class _Input:
    path: Path
    kind: Literal["folder", "archive", "file"]
    name: str


def _open(path: Path) -> _Input:
    if path.is_dir():
        return _Input(path, "folder", _folder_name(path))
    if not path.exists():
        raise DataError(f"There is no file or folder `{path}`.", hint="Check how it is spelt.")
    if is_archive(path):
        name = path.stem[:-4] if path.stem.lower().endswith(".tar") else path.stem
        return _Input(path, "archive", name)
    if path.is_file() and is_midi_name(path.name):
        return _Input(path, "file", _folder_name(path.parent))
    raise DataError(
        f"`{path}` is neither a folder, a ZIP, a tar nor a MIDI file.",
        hint="Unpack other archives, and give the folder. A damaged one is to be fetched again.",
    )


def _folder_name(path: Path) -> str:
    return path.name if path.name.strip(".") else path.resolve().name


def _check_names(inputs: Sequence[_Input]) -> None:
    """Refuse inputs whose files, or folders on a disk that ignores case, would have one name."""
    keys = [one.name.casefold() for one in inputs]
    whole = Counter(key for one, key in zip(inputs, keys, strict=True) if one.kind != "file")
    single = Counter((one.name, one.path.name) for one in inputs if one.kind == "file")
    for one, key in zip(inputs, keys, strict=True):
        others = whole[key] + single[one.name, one.path.name] - 1
        if others > 0:
            raise DataError(
                f"`{one.path}` and another input are both called `{printable(one.name)}`.",
                hint="Rename one of them, or give the folder that holds both.",
            )


def _files_of(one: _Input, staging: Path) -> list[tuple[str, Path]]:
    """List the MIDI files of an input: path below it, with slashes, and path."""
    if one.kind == "file":
        return [(one.path.name, one.path)]
    root = one.path
    if one.kind == "archive":
        root = staging / one.name
        unpack(one.path, root)
    try:
        files = list(_walk(root, left_out=staging.resolve()))
    except OSError as error:
        raise DataError(
            f"`{error.filename}` cannot be read: {error.strerror}.",
            hint="Make it readable, or move it away.",
        ) from error
    if not files:
        raise DataError(
            f"There is no MIDI file in `{one.path}`.",
            hint="Their names end in .mid, .midi, .kar or .rmi.",
        )
    return files


def _walk(root: Path, left_out: Path) -> Iterator[tuple[str, Path]]:
    """Yield the MIDI files below a folder. Links to folders are not followed, so it has an end."""
    folders = [""]
    while folders:
        folder = folders.pop()
        with os.scandir(root / folder) as entries:
            for entry in entries:
                below = folder + entry.name
                if entry.is_dir(follow_symlinks=False):
                    # An output folder inside an input holds what other inputs were unpacked to.
                    if Path(entry.path).resolve() != left_out:
                        folders.append(f"{below}/")
                elif is_midi_name(below) and entry.is_file():
                    yield below, Path(entry.path)


def _document_sets(names: Sequence[str], home: str) -> Iterator[str]:
    """Yield the document set of each file of an input, by its path below it."""
    folders = [name.split("/")[:-1] for name in names]
    ends = zip(min(folders), max(folders), strict=False)  # what these share, all share
    num_shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], ends))
    for own in folders:
        yield sys.intern(printable([home, *own][min(num_shared + 1, len(own))]))


def _read_groups(path: Path) -> dict[str, str]:
    group_of: dict[str, str] = {}
    for file, group in _read_table(path, ("file", "group")):
        if group_of.setdefault(file, group) != group:
            raise DataError(
                f"`{path}` puts the file `{printable(file)}` into two groups.",
                hint="Leave one of the two lines out.",
            )
    return group_of


def _read_table(
    path: Path, columns: tuple[str, ...], optional: tuple[str, ...] = ()
) -> Iterator[tuple[str, ...]]:
    """Yield the cells of some columns, row by row; empty ones where an optional one is missing."""
    hint = "Save the table as text with tabs between the columns, in UTF-8."
    try:
        # The mark that some programs begin UTF-8 with is no part of the first column's name.
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.reader(lines, delimiter="\t", strict=True)
            header = next(rows, [])
            if not set(columns) <= set(header):
                raise DataError(f"`{path}` needs the columns {', '.join(columns)}.", hint=hint)
            given = [column for column in optional if column in header]
            places = [header.index(column) for column in (*columns, *given)]
            missing = ("",) * (len(optional) - len(given))
            for row in filter(None, rows):
                if len(row) != len(header):
                    raise DataError(
                        f"Line {rows.line_num} of `{path}` has {len(row)} columns, "
                        f"the first line has {len(header)}.",
                        hint=hint,
                    )
                yield (*(row[place] for place in places), *missing)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"`{path}` cannot be read: {error}.", hint=hint) from error
