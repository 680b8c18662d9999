"""Which checkpoints there are, and which one is used when nobody chooses."""

from dataclasses import dataclass
from pathlib import Path

from meloformer.checkpoint import CARD, Card, read_card
from meloformer.errors import CheckpointError

ASSETS = Path(__file__).resolve().parent.parent / "assets"
DEFAULT = "meloformer-tiny"


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A checkpoint that can be loaded."""

    name: str
    path: Path
    card: Card


def default_checkpoint() -> Path:
    """The folder of the shipped checkpoint.

    Raises:
        CheckpointError: It is not where it was shipped.
    """
    path = ASSETS / DEFAULT
    if not (path / CARD).is_file():
        raise CheckpointError(
            f"the shipped checkpoint is missing from {path}",
            hint="fetch the repository again, or give a checkpoint of your own",
        )
    return path


def list_models(*folders: Path) -> tuple[ModelEntry, ...]:
    """The checkpoints in `assets/` and in `folders`, by name; unreadable ones are left out."""
    entries = []
    for folder in (ASSETS, *folders):
        for card_path in sorted(folder.glob(f"*/{CARD}")):
            try:
                card = read_card(card_path.parent)
            except CheckpointError:
                continue
            entries.append(ModelEntry(card_path.parent.name, card_path.parent, card))
    return tuple(entries)
