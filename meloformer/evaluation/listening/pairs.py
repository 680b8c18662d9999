"""Pairs of sounds, each of the same bars with their true and with a written continuation.

A folder holds the sounds, under names that do not say which is which, and `pairs.json`, which does.
"""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from meloformer.errors import DataError
from meloformer.files import write_json

PAIRS = "pairs.json"
"""The file of a test."""
MAX_PAIRS = 1_000
MAX_BYTES = 1 << 20
"""Of `pairs.json`."""

_NAME = re.compile(r"[0-9a-f]{8,64}")


class Origin(StrEnum):
    """Where a continuation is from."""

    TRUE = "true"
    WRITTEN = "written"


@dataclass(frozen=True, slots=True)
class Pair:
    """One prompt and its two continuations."""

    name: str
    """Hexadecimal digits."""
    document_set: str
    seam_s: float
    """Seconds from the beginning to where the continuations begin."""
    true: str
    """File of the prompt with what the song goes on with."""
    written: str
    """File of the prompt with what the model wrote."""

    def file(self, origin: Origin) -> str:
        """Return the name of the file of one of both."""
        return self.true if origin is Origin.TRUE else self.written


@dataclass(frozen=True, slots=True)
class ListeningTest:
    """The pairs of a folder."""

    model: str
    """What the model is called."""
    secret: str
    """Hexadecimal digits that orders are drawn with, so that nobody can work them out."""
    pairs: tuple[Pair, ...]

    def in_order(self, listener: str) -> tuple[Pair, ...]:
        """Return the pairs in the order in which a listener hears them."""
        return tuple(sorted(self.pairs, key=lambda pair: self._draw(listener, pair.name, "order")))

    def is_true_first(self, listener: str, pair: str) -> bool:
        """Return whether A is the true continuation for a listener, and B the written one."""
        return self._draw(listener, pair, "sides")[0] < 128

    def _draw(self, listener: str, pair: str, what: str) -> bytes:
        words = f"{self.secret} {listener} {pair} {what}"
        return hashlib.sha256(words.encode()).digest()


def write_test(folder: Path, test: ListeningTest) -> None:
    """Write `pairs.json`."""
    write_json(folder / PAIRS, asdict(test))


def read_test(folder: Path) -> ListeningTest:
    """Read `pairs.json`.

    Raises:
        DataError: There is none, or it is not what `write_test` writes.
    """
    path = folder / PAIRS
    hint = "`meloformer listen make` makes one."
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DataError(f"`{path}` is too large to be a listening test.", hint=hint)
        content = json.loads(path.read_text(encoding="utf-8"))
        pairs = tuple(Pair(**one) for one in content["pairs"][:MAX_PAIRS])
        test = ListeningTest(str(content["model"]), str(content["secret"]), pairs)
        is_sound = all(_is_sound(folder, pair) for pair in pairs) and len(pairs) > 0
    except FileNotFoundError as error:
        raise DataError(f"There is no listening test in `{folder}`.", hint=hint) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"`{path}` is damaged.", hint=hint) from error
    if not is_sound:
        raise DataError(f"A sound of the listening test in `{folder}` is missing.", hint=hint)
    return test


def _is_sound(folder: Path, pair: Pair) -> bool:
    """Return whether a pair names sounds of the folder and no other file."""
    files = (pair.true, pair.written)
    stems = (pair.name, *(file.removesuffix(".mp3") for file in files))
    return (
        all(_NAME.fullmatch(stem) for stem in stems)
        and all((folder / file).is_file() for file in files)
        and pair.seam_s >= 0
    )
