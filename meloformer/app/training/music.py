"""A visitor's music, in words and figures: the files that can be used, and those left out."""

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from meloformer.app.paths import without_folders
from meloformer.app.training.datasets import Dataset, Datasets, DatasetStatus
from meloformer.app.training.words import counted, duration
from meloformer.corpus.config import FilterConfig
from meloformer.corpus.pieces import Reason
from meloformer.data.shards import open_shards
from meloformer.errors import DataError
from meloformer.phrases import phrase, plural

MAX_NAMED = 20
"""Files named for each reason."""
_LIMITS = FilterConfig()
WORDS = {
    Reason.UNREADABLE: phrase("not readable as MIDI"),
    Reason.FAILED: phrase("not judged, because reading failed"),
    Reason.TOO_SHORT: phrase("shorter than {beats} beats", beats=_LIMITS.min_beats),
    Reason.TOO_LONG: phrase("longer than {beats:,} beats", beats=_LIMITS.max_beats),
    Reason.FEW_NOTES: phrase("fewer than {notes} notes", notes=_LIMITS.min_notes),
    Reason.FEW_PITCHES: phrase(
        "fewer than {pitches} different pitches", pitches=_LIMITS.min_pitches
    ),
    Reason.FEW_DRUMS: phrase(
        "fewer than {drums} different drums, and nothing else", drums=_LIMITS.min_drums
    ),
    Reason.ONE_NOTE: phrase("mostly one repeated note"),
    Reason.NO_GRID: phrase("no bar lines could be found"),
    Reason.MANY_PARTS: phrase("more than {parts} parts", parts=_LIMITS.max_parts),
    Reason.OFF_GRID: phrase("off the beat most of the time"),
    Reason.CROSS_BAR: phrase("so many notes across bar lines that the bars must be elsewhere"),
    Reason.DUPLICATE: phrase("the same music as another file"),
    Reason.NEAR_DUPLICATE: phrase("nearly the same music as another file"),
    Reason.NEAR_HELD_OUT: phrase("the tune of a file that is held back to measure by"),
}
"""The words for each reason to leave a file out."""


@dataclass(frozen=True, slots=True)
class Amount:
    """The amount of music on one side of the split."""

    pieces: int = 0
    tokens: int = 0
    notes: int = 0
    bars: int = 0
    seconds: float = 0.0


@lru_cache(maxsize=64)
def amount_of(folder: Path, version: int) -> Amount:
    """Return the amount of music in a folder of shards; none if there are no shards, or empty ones.

    Args:
        folder: `train` or `held_out` of a data set.
        version: Changes with its content, so that a manifest is read once.
    """
    del version
    try:
        shards = open_shards(folder)
    except DataError:
        return Amount()
    return Amount(
        pieces=shards.num_documents,
        tokens=len(shards.ids),
        notes=sum(one.notes for one in shards.sets),
        bars=sum(one.bars for one in shards.sets),
        seconds=sum(one.seconds for one in shards.sets),
    )


def amounts(dataset: Dataset) -> tuple[Amount, Amount]:
    """Return the amounts of music to train on, and held back."""
    train, held_out = (dataset.shards / side for side in ("train", "held_out"))
    version = _version(dataset.shards)
    return amount_of(train, version), amount_of(held_out, version)


def held_out_pieces(shards: Path) -> int:
    """Return how many pieces are held back in a folder of shards, or parts of pieces."""
    return amount_of(shards / "held_out", _version(shards)).pieces


def trained_tokens(shards: Path) -> int:
    """Return how many tokens there are to train on in a folder of shards."""
    return amount_of(shards / "train", _version(shards)).tokens


def _version(shards: Path) -> int:
    """Return a number that changes when the music is prepared again."""
    try:
        return (shards / "manifest.json").stat().st_mtime_ns
    except OSError:
        return 0


def music_message(
    datasets: Datasets, dataset: Dataset | None, report: Path | None
) -> dict[str, Any]:
    """Return the message about a visitor's music.

    Args:
        datasets: All music that was brought.
        dataset: The chosen one.
        report: A copy of its report that the browser may fetch, if there is one.
    """
    message: dict[str, Any] = {
        "datasets": [{"name": one.name, "title": one.title} for one in datasets.all()],
        "chosen": dataset.name if dataset else "",
        "name": dataset.title if dataset else "",
        "status": "none",
        "title": "",
        "sentence": "",
        "figures": [],
        "refused": [],
        "report": report if report else None,
    }
    if dataset is None:
        return message
    status = datasets.status(dataset)
    message["status"] = status.value
    if status == DatasetStatus.READING:
        message["title"] = phrase("Reading {files}…", files=counted(dataset.files(), "file"))
        message["sentence"] = phrase("You may go on below meanwhile.")
    elif status == DatasetStatus.FAILED:
        problem, _, hint = without_folders(dataset.problem()).partition("\n\nhint: ")
        message["title"], message["sentence"] = problem, hint
    else:
        message.update(_accepted(dataset, dataset.title, _version(dataset.shards)))
    return message


@lru_cache(maxsize=64)
def _accepted(dataset: Dataset, title: str, version: int) -> dict[str, object]:
    del version
    train, held_out = amounts(dataset)
    files = _read_files(dataset.shards / "files.tsv")
    kept = sum(1 for row in files if not row.get("reason"))
    by_bars = any(row.get("side") == "both" for row in files)
    sides = (train, held_out)
    seconds = sum(side.seconds for side in sides)
    split = _held_back(held_out, by_bars=by_bars)
    lengths = [
        [phrase("Music"), duration(seconds)],
        [phrase("Bars"), f"{sum(side.bars for side in sides):,}"],
    ]
    notes = [phrase("Notes"), f"{sum(side.notes for side in sides):,}"]
    return {
        "title": phrase(
            "“{title}”: {kept:,} of {files} can be used",
            title=title,
            kept=kept,
            files=counted(len(files), "file"),
        ),
        "sentence": split if held_out.pieces else phrase("Nothing is held back to measure it by."),
        "figures": [*lengths, notes] if seconds else [notes],  # older data sets have no lengths
        "refused": _refused(files),
    }


def _held_back(held_out: Amount, *, by_bars: bool) -> str:
    """Return what is held back, and what for."""
    length = ""
    if held_out.seconds:
        length = phrase(", {time},", time=duration(held_out.seconds))
    if by_bars:
        return phrase(
            "The last bars of them{length} are held back: the model never learns them, and they "
            "show whether it learns the style or the notes.",
            length=length,
        )
    return plural(
        "{count:,} piece of them{length} is held back: the model never learns it, which shows "
        "whether it learns the style or the notes.",
        "{count:,} pieces of them{length} are held back: the model never learns them, which shows "
        "whether it learns the style or the notes.",
        held_out.pieces,
        length=length,
    )


def _read_files(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", errors="replace", newline="") as lines:
            return list(csv.DictReader(lines, delimiter="\t"))
    except (OSError, csv.Error):
        return []


def _refused(files: list[dict[str, str]]) -> list[dict[str, object]]:
    """Return the count, the words and the names for each reason, the most frequent first."""
    by_reason: dict[str, list[list[str]]] = {}
    for row in files:
        if reason := row.get("reason"):
            by_reason.setdefault(reason, []).append([row.get("file", ""), row.get("detail") or ""])
    return [
        {"count": len(named), "words": _words(reason), "files": named[:MAX_NAMED]}
        for reason, named in sorted(by_reason.items(), key=lambda item: -len(item[1]))
    ]


def _words(reason: str) -> str:
    return WORDS[Reason(reason)] if reason in list(Reason) else reason
