"""What is measured: rows of a table, each with a name, in order of worth."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

Values = Mapping[str, float | str]


@dataclass(frozen=True)
class Setting:
    """What all rows are measured with."""

    shards: Path
    """Folder made by `prepare`."""
    out: Path
    """Folder of the results, and of what rows need on the disk."""
    device: str
    """`cuda`; `cpu` only shows that everything runs."""
    repeats: int
    """Of a measurement."""


@dataclass(frozen=True)
class Row:
    """One measurement: its name, with the group before the last slash, and how it is made."""

    name: str
    measure: Callable[[Setting], Values]

    @property
    def group(self) -> str:
        """The table it belongs to."""
        return self.name.rpartition("/")[0]
