"""What was deleted from a workspace: kept for a week, so that it can be brought back.

    .trash/<when>-<kind>/<name>/   `when` in nanoseconds since 1970

Deleting is one rename, and so is bringing back.
"""

import shutil
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from meloformer.app.training.datasets import DATASETS
from meloformer.errors import RunError
from meloformer.folders import folders_in
from meloformer.phrases import phrase
from meloformer.registry import IMPORTED

_TRASH = ".trash"
_KEPT_S = 7 * 24 * 3600
_MOST_LISTED = 20


class BelongingKind(StrEnum):
    """What can be deleted."""

    RUN = "run"
    MUSIC = "music"
    MODEL = "model"


_HOMES = {BelongingKind.RUN: ".", BelongingKind.MUSIC: DATASETS, BelongingKind.MODEL: IMPORTED}
"""Where each lives, below the workspace."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """Something that was deleted."""

    key: str
    """By which the page asks for it."""
    kind: BelongingKind
    folder: Path
    """Where it is kept."""

    @property
    def name(self) -> str:
        """The name that its folder had."""
        return self.folder.name


@dataclass(frozen=True, slots=True)
class Trash:
    """What was deleted from one workspace."""

    workspace: Path

    def put(self, kind: BelongingKind, folder: Path) -> Deleted:
        """Delete a folder, for now.

        Raises:
            RunError: It cannot be moved.
        """
        self.forget_old()
        now = max((time.time_ns(), *(when + 1 for when, _ in self._places())))
        key = f"{now}-{kind}"
        target = self.workspace / _TRASH / key / folder.name
        try:
            target.parent.mkdir(parents=True)
            folder.rename(target)
        except OSError as error:
            raise RunError(
                phrase(
                    "“{folder_name}” cannot be deleted: {strerror}.",
                    folder_name=folder.name,
                    strerror=error.strerror,
                )
            ) from error
        return Deleted(key, kind, target)

    def items(self) -> list[Deleted]:
        """List what can be brought back, the last that was deleted first."""
        found = []
        for place in sorted((self.workspace / _TRASH).glob("*-*"), reverse=True):
            kind = place.name.partition("-")[2]
            folder = next(iter(folders_in(place)), None)
            if kind in list(BelongingKind) and folder is not None:
                found.append(Deleted(place.name, BelongingKind(kind), folder))
        return found[:_MOST_LISTED]

    def bring_back(self, key: object) -> Deleted:
        """Put something back where it was, with a number if its name is taken by now.

        Returns:
            It, in its old place.

        Raises:
            RunError: It is gone, or cannot be moved.
        """
        item = next((one for one in self.items() if one.key == key), None)
        if item is None:
            raise RunError("This is gone for good.", hint="It was kept for a week.")
        home = self.workspace / _HOMES[item.kind]
        target, number = home / item.name, 1
        while target.exists():
            number += 1
            target = home / f"{item.name} {number}"
        try:
            home.mkdir(parents=True, exist_ok=True)
            item.folder.rename(target)
            item.folder.parent.rmdir()
        except OSError as error:
            raise RunError(
                phrase(
                    "“{item_name}” cannot be brought back: {strerror}.",
                    item_name=item.name,
                    strerror=error.strerror,
                )
            ) from error
        return Deleted(item.key, item.kind, target)

    def forget_old(self) -> None:
        """Remove for good what has been here for a week."""
        oldest = time.time_ns() - _KEPT_S * 1_000_000_000
        for when, place in self._places():
            if when < oldest:
                shutil.rmtree(place, ignore_errors=True)

    def _places(self) -> list[tuple[int, Path]]:
        """Return when each was deleted, in nanoseconds since 1970, and where it is."""
        found = []
        for place in (self.workspace / _TRASH).glob("*-*"):
            when = place.name.partition("-")[0]
            if when.isdecimal():
                found.append((int(when), place))
        return found
