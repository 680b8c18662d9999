"""Pieces: the newest weights of a training as small files, from which it can go on.

A lent machine gives back a few files of some megabytes each, whatever happens to it. So weights go
into float16 and are cut; `state.json`, which comes last, names the pieces that belong together and
has the card. Two names take turns: what is whole is not touched while the next is written.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save

from meloformer.checkpoint import CARD, WEIGHTS
from meloformer.errors import DataError
from meloformer.files import write_json, write_text
from meloformer.folders import replaced_folder

MAX_BYTES = 15_000_000
STATE = "state.json"
_NAMES = ("weights-a", "weights-b")


@dataclass(frozen=True, slots=True)
class Begun:
    """A training that was begun."""

    plan: str
    """Name of its plan."""
    done: float
    """Share of its time that is over, 0 to 1."""


def write_pieces(checkpoint: Path, out: Path, begun: Begun) -> None:
    """Write the weights of a checkpoint in pieces, and remove those before.

    Raises:
        OSError: They cannot be written.
    """
    weights = {name: value.half() for name, value in load_file(checkpoint / WEIGHTS).items()}
    data = save({name: value.contiguous() for name, value in weights.items()})
    whole = str(_state(out)["pieces"]) if (out / STATE).exists() else ""
    name, other = _NAMES[::-1] if _NAMES[0] in whole else _NAMES
    pieces = [data[start : start + MAX_BYTES] for start in range(0, len(data), MAX_BYTES)]
    for index, piece in enumerate(pieces):
        (out / f"{name}.{index}").write_bytes(piece)
    content = {
        "plan": begun.plan,
        "done": round(begun.done, 4),
        "pieces": [f"{name}.{index}" for index in range(len(pieces))],
        "sha256": hashlib.sha256(data).hexdigest(),
        "card": json.loads((checkpoint / CARD).read_text(encoding="utf-8")),
    }
    write_json(out / STATE, content)
    for old in out.glob(f"{other}.*"):
        old.unlink()


def read_begun(folder: Path) -> Begun | None:
    """Read how far a training had come; None if the folder has no weights of one."""
    if not (folder / STATE).exists():
        return None
    content = _state(folder)
    return Begun(str(content["plan"]), float(str(content["done"])))


def join_pieces(folder: Path, checkpoint: Path) -> None:
    """Put the pieces in a folder together: a checkpoint, its weights in float16.

    Raises:
        DataError: Pieces are missing, or do not belong together.
    """
    content = _state(folder)
    names = content["pieces"]
    try:
        data = b"".join((folder / Path(str(name)).name).read_bytes() for name in names)  # type: ignore[attr-defined]  # a list
    except OSError as error:
        raise DataError(f"A piece of the weights in {folder} is missing: {error}.") from error
    if hashlib.sha256(data).hexdigest() != content["sha256"]:
        raise DataError(f"The pieces of the weights in {folder} do not belong together.")
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    with replaced_folder(checkpoint) as new:
        _write(new, data, content["card"])


def in_float16(checkpoint: Path, out: Path) -> None:
    """Copy a checkpoint, its weights in float16."""
    with replaced_folder(out) as new:
        weights = load_file(checkpoint / WEIGHTS)
        halved = {name: value.to(torch.float16) for name, value in weights.items()}
        _write(new, save(halved), json.loads((checkpoint / CARD).read_text(encoding="utf-8")))


def _write(folder: Path, weights: bytes, card: Any) -> None:
    """Write weights that have become others, and their card with the checksum of these."""
    (folder / WEIGHTS).write_bytes(weights)
    card = card | {"weights_sha256": hashlib.sha256(weights).hexdigest()}
    write_text(folder / CARD, json.dumps(card, indent=2, ensure_ascii=False) + "\n")


def _state(folder: Path) -> dict[str, object]:
    try:
        content: dict[str, object] = json.loads((folder / STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"There are no weights of a training in {folder}: {error}.") from error
    if missing := {"plan", "done", "pieces", "sha256", "card"} - content.keys():
        raise DataError(f"{folder / STATE} lacks {', '.join(sorted(missing))}.")
    return content
