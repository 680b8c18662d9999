"""An earlier split of a corpus that has grown: what was held out stays held out."""

import csv
from pathlib import Path

from meloformer.errors import DataError

TRAIN, HELD_OUT = "train", "held_out"


def read_earlier(folder: Path) -> dict[str, str]:
    """Read on which side each file of an earlier corpus is.

    Args:
        folder: The output of `prepare`, with `files.tsv`.

    Returns:
        `train` or `held_out` by the sha256 of the file; refused files are not in it.

    Raises:
        DataError: It cannot be read, or its music was split by bars.
    """
    path = folder / "files.tsv"
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            sides = {row["sha256"]: row["side"] for row in csv.DictReader(lines, delimiter="\t")}
    except (OSError, UnicodeDecodeError, csv.Error, KeyError) as error:
        raise DataError(
            f"`{path}` cannot be read: {error}.", hint="Name a folder that `prepare` has written."
        ) from error
    sides = {sha256: side for sha256, side in sides.items() if side}
    if set(sides.values()) - {TRAIN, HELD_OUT}:
        raise DataError(
            f"The music in {folder} was split by its bars, and no file of it is held out whole.",
            hint="Prepare the whole corpus anew.",
        )
    return sides
