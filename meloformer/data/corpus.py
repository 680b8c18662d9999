"""Which files a corpus has, which document set and group each belongs to, and the split."""

import csv
import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

from meloformer.errors import DataError

_SUFFIXES = (".mid", ".midi")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of a corpus."""

    path: Path
    name: str
    """Path below the corpus folder, with slashes."""
    document_set: str
    group: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where a document set comes from."""

    licence: str
    source: str


def find_files(folder: Path, groups: Path | None = None) -> tuple[SourceFile, ...]:
    """List the MIDI files below `folder`, by document set, then by name.

    Raises:
        DataError: The folder has no MIDI file.
    """
    group_of = _read_groups(groups) if groups else {}
    files = []
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in _SUFFIXES and path.is_file():
            name = path.relative_to(folder).as_posix()
            group = group_of.get(name) or group_of.get(f"{folder.name}/{name}") or name
            files.append(SourceFile(path, name, _document_set(name, folder), group))
    if not files:
        raise DataError(f"no MIDI file below {folder}", hint="give a folder with .mid files")
    return tuple(sorted(files, key=lambda file: (file.document_set, file.name)))


def held_out_groups(files: tuple[SourceFile, ...], share: float) -> frozenset[str]:
    """The groups to hold out: of every document set, those whose names hash lowest.

    Every set of at least two groups gives at least one, so that each style is measured.
    """
    if share <= 0:
        return frozenset()
    groups_of_set: dict[str, set[str]] = {}
    for file in files:
        groups_of_set.setdefault(file.document_set, set()).add(file.group)
    held: set[str] = set()
    for groups in groups_of_set.values():
        if len(groups) > 1:
            count = math.ceil(share * len(groups))
            held.update(sorted(groups, key=_hash)[:count])
    return frozenset(held)


def read_sources(path: Path | None = None) -> dict[str, Source]:
    """Licence and source of each document set, from a TSV with columns set, licence, source."""
    path = path or Path(__file__).with_name("sources.tsv")
    rows = _read_table(path, ("set", "licence", "source"))
    return {row["set"]: Source(row["licence"], row["source"]) for row in rows}


def _hash(group: str) -> str:
    return hashlib.sha256(group.encode()).hexdigest()


def _document_set(name: str, folder: Path) -> str:
    first, _, rest = name.partition("/")
    return first if rest else folder.name


def _read_groups(path: Path) -> dict[str, str]:
    return {row["file"]: row["group"] for row in _read_table(path, ("file", "group"))}


def _read_table(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines, delimiter="\t"))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read the table {path}: {error}") from error
    if rows and not set(columns) <= set(rows[0]):
        raise DataError(f"{path} needs the columns {', '.join(columns)}")
    return rows
