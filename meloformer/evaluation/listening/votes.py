"""Votes of those who listen, in one file that is always whole."""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from meloformer.errors import DataError
from meloformer.files import write_text
from meloformer.lock import locked

MAX_VOTES = 100_000
MAX_BYTES = 32 << 20
"""Of the file."""
LISTENER = re.compile(r"[0-9a-f]{32}")
"""What a browser calls whoever listens."""

_WAIT_S = 10.0


class Answer(StrEnum):
    """One continuation of both, or neither."""

    TRUE = "true"
    WRITTEN = "written"
    NEITHER = "neither"
    """Both are liked as well, or it can't be told."""


@dataclass(frozen=True, slots=True)
class Vote:
    """What one listener said of one pair."""

    listener: str
    pair: str
    liked: Answer
    """The one that is liked better."""
    real: Answer
    """The one that is held to be the song's own."""
    at: str = ""
    """When, in UTC."""


class VoteFile:
    """The votes of a listening test.

    A vote rewrites the file as a whole: a reader, and a power cut, find all votes before it or all
    with it. The last vote of a listener on a pair counts.

    Args:
        folder: Of the test; the file is `votes.jsonl` in it.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "votes.jsonl"

    def read(self) -> tuple[Vote, ...]:
        """Return the votes that count, in the order they came.

        Raises:
            DataError: The file is damaged.
        """
        found: dict[tuple[str, str], Vote] = {}
        for vote in self._all():
            found.pop((vote.listener, vote.pair), None)
            found[vote.listener, vote.pair] = vote
        return tuple(found.values())

    def add(self, vote: Vote) -> None:
        """Keep a vote.

        Raises:
            DataError: The file is damaged or full, or another process keeps it locked.
        """
        lock = self.path.with_name(".votes.lock")
        with locked(lock, self._refusal, timeout_s=_WAIT_S):
            votes = self._all()
            if len(votes) >= MAX_VOTES:
                raise DataError(f"`{self.path}` has {MAX_VOTES:,} votes and takes no more.")
            now = datetime.now(UTC).isoformat(timespec="seconds")
            self._write([*votes, Vote(vote.listener, vote.pair, vote.liked, vote.real, now)])

    def _write(self, votes: Iterable[Vote]) -> None:
        write_text(self.path, "".join(json.dumps(asdict(vote)) + "\n" for vote in votes))

    def _all(self) -> list[Vote]:
        try:
            if self.path.stat().st_size > MAX_BYTES:
                raise DataError(f"`{self.path}` is too large to be a file of votes.")
            lines = self.path.read_text(encoding="utf-8").splitlines()
            return [_read(line) for line in lines]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"`{self.path}` is damaged.", hint="Each line is a vote; take out the broken one."
            ) from error

    def _refusal(self) -> DataError:
        return DataError(f"`{self.path}` is being written by another program.")


def _read(line: str) -> Vote:
    content = json.loads(line)
    return Vote(
        str(content["listener"]),
        str(content["pair"]),
        Answer(content["liked"]),
        Answer(content["real"]),
        str(content.get("at", "")),
    )
