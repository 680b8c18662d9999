"""Runs: presses of Continue, whose bars are filed as they come."""

import time
from dataclasses import dataclass
from enum import StrEnum

from meloformer.app.library.bars import TakeHead, bar_to_json, bars_from_json
from meloformer.app.library.library import PieceLibrary
from meloformer.app.library.requests import request_from_json, request_to_json
from meloformer.engine.candidate import FinishedBar
from meloformer.engine.request import Request
from meloformer.errors import LibraryError


class RunOutcome(StrEnum):
    """What became of a run."""

    WRITING = "writing"
    FINISHED = "finished"
    STOPPED = "stopped"
    """By the musician."""
    FAILED = "failed"
    DIED = "not finished"
    """The app ended while it was writing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """The model that writes a run."""

    model: str
    """Its name."""
    model_hash: str


def begin_run(library: PieceLibrary, revision: int, request: Request, author: Author) -> int:
    """File that a run begins, and return its id."""
    with library.writing() as connection:
        cursor = connection.execute(
            "INSERT INTO run (revision, request, model, model_hash, state, created_s)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                *(revision, request_to_json(request), author.model, author.model_hash),
                *(RunOutcome.WRITING.value, time.time()),
            ),
        )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def add_bar(library: PieceLibrary, run: int, bar: FinishedBar) -> None:
    """File a finished bar of a run; its take is filed with its first bar.

    Nothing is filed of a run whose piece was removed meanwhile.
    """
    with library.writing() as connection:
        row = library.row(_LAST_NUMBER, run)
        if row is None:
            return
        number = row["number"] + 1 + bar.candidate  # whichever has its first bar first
        head = (run, bar.candidate, number, bar.so_far.seed, bar.num_bars)
        connection.execute(
            "INSERT OR IGNORE INTO take (run, candidate, number, seed, num_bars)"
            " VALUES (?, ?, ?, ?, ?)",
            head,
        )
        connection.execute(
            "INSERT OR REPLACE INTO bar (take, number, content)"
            " SELECT id, ?, ? FROM take WHERE run = ? AND candidate = ?",
            (bar.bar, bar_to_json(bar), run, bar.candidate),
        )


def end_run(library: PieceLibrary, run: int, outcome: RunOutcome) -> None:
    """File what became of a run; one that has written nothing is forgotten."""
    with library.writing() as connection:
        connection.execute("UPDATE run SET state = ? WHERE id = ?", (outcome.value, run))
        connection.execute(
            "DELETE FROM run WHERE id = ? AND NOT EXISTS"
            " (SELECT 1 FROM take WHERE take.run = run.id)",
            (run,),
        )


def mark_dead_runs(library: PieceLibrary) -> None:
    """Mark runs that were being written when the app ended, if no other app may be writing."""
    if not library.is_alone:
        return
    for row in library.rows("SELECT id FROM run WHERE state = ?", RunOutcome.WRITING.value):
        end_run(library, row["id"], RunOutcome.DIED)


def request_of(library: PieceLibrary, run: int) -> Request:
    """Return what a run was asked for.

    Raises:
        LibraryError: It is not there any more, or not understood.
    """
    row = library.row("SELECT request FROM run WHERE id = ?", run)
    if row is None:
        raise LibraryError("That version is not in your library any more.")
    return request_from_json(row["request"])


def author_of(library: PieceLibrary, run: int) -> Author:
    """Return the model that wrote a run.

    Raises:
        LibraryError: It is not there any more.
    """
    row = library.row("SELECT model, model_hash FROM run WHERE id = ?", run)
    if row is None:
        raise LibraryError("That version is not in your library any more.")
    return Author(model=row["model"], model_hash=row["model_hash"])


def take_ids(library: PieceLibrary, run: int) -> list[int]:
    """Return the ids of the takes of a run but for deleted ones, in their order."""
    return [row["id"] for row in library.rows(_SHOWN, run)]


def takes_of(library: PieceLibrary, run: int) -> list[list[FinishedBar]]:
    """Return the bars of each take that `take_ids` names; the takes are numbered anew from 0.

    Raises:
        LibraryError: One of them is damaged.
    """
    return [
        bars_from_json(
            TakeHead(index, take["seed"], take["num_bars"]),
            [row["content"] for row in library.rows(_BARS, take["id"])],
        )
        for index, take in enumerate(library.rows(_SHOWN, run))
    ]


_SHOWN = """
    SELECT id, seed, num_bars FROM take WHERE run = ? AND NOT is_deleted ORDER BY candidate
"""
_BARS = "SELECT content FROM bar WHERE take = ? ORDER BY number"
_LAST_NUMBER = """
    SELECT (SELECT COALESCE(MAX(take.number), 0) FROM take
        JOIN run other ON other.id = take.run JOIN revision sister ON sister.id = other.revision
        WHERE sister.piece = revision.piece AND other.id <> run.id) AS number
    FROM run JOIN revision ON revision.id = run.revision WHERE run.id = ?
"""
