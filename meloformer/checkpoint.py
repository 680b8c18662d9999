"""Checkpoints: folders of `model.safetensors` and `card.json`. Nothing in them can run code.

Some have `copy_guard.safetensors` too, an index of their training music.

torch is imported where weights are read or written, so that listing cards stays quick.
"""

import json
import shutil
import stat
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from meloformer.data.agreement import check_agreement
from meloformer.data.known_runs import RUN_NOTES, KnownRuns
from meloformer.errors import CheckpointError, DataError, MeloFormerError
from meloformer.files import file_sha256, replaced_file, write_text
from meloformer.folders import read_folder, replaced_folder
from meloformer.model.config import ModelConfig
from meloformer.phrases import phrase
from meloformer.tokens.vocabulary import vocabulary

if TYPE_CHECKING:
    import torch

    from meloformer.model.transformer import MeloFormer

check_agreement()

T = TypeVar("T")

WEIGHTS = "model.safetensors"
CARD = "card.json"
KNOWN_RUNS = "copy_guard.safetensors"
GUARDED = "Its copy guard "
"""How the sentence on a card begins that tells of the index of training music."""
UNGUARDED = "The copy guard does not know the music that it was trained on after that."
"""On the card of what was trained on, until its music is indexed too."""
MAX_WEIGHT = 1e4
"""In size, of any single weight: a thousand times what training leaves."""
CHANGED = phrase("they are not what was written")
_MAX_CARD_BYTES = 1 << 20
_MAX_WEIGHT_BYTES = 4 << 30
_MAX_LAYERS = 256
_MAX_WIDTH = 1 << 16
_MAX_CONTEXT_TOKENS = 1 << 20


@dataclass(frozen=True, kw_only=True)
class DataSource:
    """One document set a model was trained on."""

    name: str
    licence: str
    source: str
    share: float
    """Share of the training tokens."""
    synthetic: str = ""
    """What in its music a program made; empty if people did."""


@dataclass(frozen=True, kw_only=True)
class Card:
    """Facts about a checkpoint."""

    name: str
    model: ModelConfig
    vocabulary: str
    """Fingerprint of the vocabulary the weights speak."""
    context_tokens: int
    """Length of the rows it was trained on."""
    steps: int
    """Of training, those of what it was trained on from included."""
    tokens_seen: int
    """That were predicted in these steps."""
    infill: bool = False
    """Whether it has learned to write bars between others."""
    data: tuple[DataSource, ...] = ()
    metrics: dict[str, object] = field(default_factory=dict)
    """What was measured; bits per note of held-out music under `bits_per_note`."""
    created: str = ""
    """Date and time in UTC, ISO 8601."""
    limits: tuple[str, ...] = ()
    """What it can't do, in sentences, as far as its training tells."""
    weights_sha256: str = field(default="", compare=False)
    """Of the file of weights, in hexadecimal digits; empty if it was written without."""


def save(folder: Path, model: "MeloFormer", card: Card) -> None:
    """Write a checkpoint in the place of `folder`; a reader sees the old one or the new one."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with replaced_folder(folder) as new:
        write_files(new, model, card)


def write_files(folder: Path, model: "MeloFormer", card: Card) -> None:
    """Write weights and card into a folder that is to become a checkpoint.

    Raises:
        CheckpointError: The weights are not numbers.
    """
    from safetensors.torch import save_file

    weights = {name: value.detach().contiguous() for name, value in model.state_dict().items()}
    if not _are_numbers(weights.values()):
        raise CheckpointError("weights that are not numbers are not saved")
    save_file(weights, folder / WEIGHTS)
    card = replace(card, weights_sha256=file_sha256(folder / WEIGHTS))
    (folder / CARD).write_text(_card_text(card), encoding="utf-8")


def add_known_runs(folder: Path, known_runs: KnownRuns) -> None:
    """Put an index of training music beside the weights of a checkpoint, and a word on its card.

    Raises:
        CheckpointError: There is no checkpoint, or it cannot be written to.
    """
    card = read_card(folder)
    sentence = (
        f"{GUARDED}keeps it from sharing more than {RUN_NOTES} notes in a row with any one of "
        f"{known_runs.num_pieces:,} pieces ({known_runs.num_notes:,} notes), but for what the "
        "piece it is given shares with them."
    )
    others = (one for one in card.limits if not one.startswith(GUARDED) and one != UNGUARDED)
    try:
        with replaced_file(folder / KNOWN_RUNS) as new:
            known_runs.write(new)
        write_text(folder / CARD, _card_text(replace(card, limits=(*others, sentence))))
    except OSError as error:
        raise CheckpointError(
            phrase(
                "the checkpoint {folder} cannot be written to: {error}",
                folder=folder,
                error=error,
            )
        ) from error


def has_known_runs(folder: Path) -> bool:
    """Check if a checkpoint has an index of its training music, unread."""
    return (folder / KNOWN_RUNS).is_file()


def copy_known_runs(source: Path, folder: Path) -> None:
    """Copy the index of training music of a checkpoint to a folder, if there is one."""
    if has_known_runs(source):
        shutil.copyfile(source / KNOWN_RUNS, folder / KNOWN_RUNS)


def copy(source: Path, folder: Path) -> None:
    """Copy a checkpoint in the place of `folder`, as `save` writes one.

    Raises:
        CheckpointError: The source cannot be read, or is damaged.
    """

    def copy_files(found: Path, new: Path) -> None:
        _check_weights(found / WEIGHTS, _read_card(found))
        for name in (CARD, WEIGHTS):
            shutil.copyfile(found / name, new / name)
        copy_known_runs(found, new)

    with replaced_folder(folder) as new:
        read_folder(source, lambda found: copy_files(found, new))


def load(path: Path) -> tuple["MeloFormer", Card]:
    """Read a checkpoint: the model in evaluation mode, float32, on the CPU, and its card.

    Raises:
        CheckpointError: Missing, damaged, or made for another vocabulary.
    """
    return _read_whole(path, _load)


def load_known_runs(path: Path) -> KnownRuns | None:
    """Read the index of the music that a checkpoint was trained on; None if it has none.

    Raises:
        CheckpointError: It is damaged, or made by another version.
    """

    def read(found: Path) -> KnownRuns | None:
        return KnownRuns.read(found / KNOWN_RUNS) if has_known_runs(found) else None

    try:
        return _read_whole(path, read)
    except DataError as error:
        raise CheckpointError(error.problem, hint=error.hint) from error


def read_card(path: Path) -> Card:
    """Read the card of a checkpoint without its weights.

    Raises:
        CheckpointError: The card is missing, damaged, or has unknown keys.
    """
    return _read_whole(path, _read_card)


def _read_whole(path: Path, read: Callable[[Path], T]) -> T:
    """Return what `read` makes of a checkpoint that another process may be replacing."""
    try:
        return read_folder(path, read)
    except OSError as error:
        raise CheckpointError(
            phrase(
                "the checkpoint {path} cannot be read: {error}",
                path=path,
                error=error,
            )
        ) from error


def _load(path: Path) -> tuple["MeloFormer", Card]:
    from safetensors.torch import load_file

    from meloformer.model.transformer import MeloFormer

    card = _read_card(path)
    if card.vocabulary != vocabulary().fingerprint:
        raise CheckpointError(
            phrase(
                "the checkpoint {path} speaks another vocabulary ({vocabulary})",
                path=path,
                vocabulary=card.vocabulary,
            ),
            hint="it was made by another version of MeloFormer",
        )
    weights_path = path / WEIGHTS
    _check_weights(weights_path, card)
    try:
        weights = load_file(weights_path)
    except Exception as error:  # safetensors raises its own type on damage
        raise CheckpointError(
            phrase(
                "the weights in {path} are damaged: {error}",
                path=path,
                error=error,
            )
        ) from error
    # Counted first: a wrong card must not claim more memory than its weights take.
    count = sum(value.numel() for value in weights.values())
    model = MeloFormer(card.model) if count == card.model.num_parameters else None
    if model is None or _shapes(weights) != _shapes(model.state_dict()):
        raise CheckpointError(
            phrase(
                "the weights in {path} do not fit the model its card describes",
                path=path,
            )
        )
    if not _are_numbers(weights.values()):
        raise CheckpointError(
            phrase(
                "the weights in {path} hold values that are not numbers",
                path=path,
            )
        )
    model.load_state_dict({name: value.float() for name, value in weights.items()})
    return model.eval(), card


def _are_numbers(weights: "Iterable[torch.Tensor]") -> bool:
    """Return whether all weights are finite, and no larger than what a model can compute with."""
    return all(float(value.abs().max()) <= MAX_WEIGHT for value in weights if value.numel())


def _check_weights(path: Path, card: Card) -> None:
    """Refuse weights that are too large a file, or not those that the card was written for."""
    _check_size(path, _MAX_WEIGHT_BYTES)
    if card.weights_sha256 and file_sha256(path) != card.weights_sha256:
        raise CheckpointError(
            phrase("the weights in {path} are damaged: {error}", path=path.parent, error=CHANGED)
        )


def _shapes(weights: "dict[str, torch.Tensor]") -> "dict[str, torch.Size]":
    return {name: value.shape for name, value in weights.items()}


def _read_card(path: Path) -> Card:
    card_path = path / CARD
    _check_size(card_path, _MAX_CARD_BYTES)
    try:
        content = json.loads(card_path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(
            phrase(
                "the card {card_path} is damaged: {error}",
                card_path=card_path,
                error=error,
            )
        ) from error
    try:
        return _card_from_json(content)
    except (TypeError, ValueError, KeyError, MeloFormerError) as error:
        raise CheckpointError(
            phrase(
                "the card {card_path} is not understood: {error}",
                card_path=card_path,
                error=error,
            )
        ) from error


def _check_size(path: Path, limit: int) -> None:
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # such as a pipe, which nothing may ever come out of
            raise FileNotFoundError(path)
    except OSError as error:
        raise CheckpointError(
            phrase(
                "there is no checkpoint in {parent}: {path_name} is missing",
                parent=path.parent,
                path_name=path.name,
            )
        ) from error
    if (size := found.st_size) > limit:
        raise CheckpointError(
            phrase(
                "{path} is {size:,} bytes, more than the {limit:,} allowed",
                path=path,
                size=size,
                limit=limit,
            )
        )


def _card_text(card: Card) -> str:
    content = {one.name: getattr(card, one.name) for one in fields(card)}
    content["model"] = card.model.to_json()
    content["data"] = [asdict(source) for source in card.data]
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


_CARD_TYPES = {
    "name": str,
    "model": dict,
    "vocabulary": str,
    "context_tokens": int,
    "steps": int,
    "tokens_seen": int,
    "infill": bool,
    "data": list,
    "metrics": dict,
    "created": str,
    "limits": list,
    "weights_sha256": str,
}
_NEW: dict[str, object] = {"infill": False, "limits": [], "weights_sha256": ""}
"""What cards of older versions lack."""


def _card_from_json(content: object) -> Card:
    if not isinstance(content, dict):
        raise ValueError("it is not an object")
    values = _NEW | cast("dict[str, object]", content)
    if values.keys() != _CARD_TYPES.keys():
        odd = sorted(values.keys() ^ _CARD_TYPES.keys())
        raise ValueError(f"unknown or missing keys: {', '.join(odd)}")
    for key, kind in _CARD_TYPES.items():
        if type(values[key]) is not kind:
            raise ValueError(f"{key} is not of type {kind.__name__}")
    if not 0 <= cast("int", values["context_tokens"]) <= _MAX_CONTEXT_TOKENS:
        raise ValueError("context_tokens is out of range")
    data = cast("list[dict[str, object]]", values["data"])
    model = _model_from_json(cast("dict[str, object]", values["model"]))
    sources = tuple(_source_from_json(one) for one in data)
    limits = tuple(cast("list[str]", values["limits"]))
    if not all(isinstance(one, str) for one in limits):
        raise ValueError("limits are sentences")
    read = {"model": model, "data": sources, "limits": limits}
    return Card(**(values | read))  # type: ignore[arg-type]


def _model_from_json(content: dict[str, object]) -> ModelConfig:
    for key, value in content.items():
        limit = _MAX_LAYERS if key == "num_layers" else _MAX_WIDTH
        if type(value) is int and not 1 <= value <= limit:
            raise ValueError(f"{key} is out of range: {value}")
    return ModelConfig.from_json(content)


def _source_from_json(content: dict[str, object]) -> DataSource:
    kinds = {"name": str, "licence": str, "source": str, "share": float, "synthetic": str}
    if not isinstance(content, dict) or content.keys() | {"synthetic"} != kinds.keys():
        raise ValueError("a data source has name, licence, source, share and synthetic")
    if not all(isinstance(value, kinds[key]) for key, value in content.items()):
        raise ValueError("a data source has a value of the wrong type")
    return DataSource(**content)  # type: ignore[arg-type]
