"""Music that a visitor brings to train on: `<workspace>/.datasets/<name>/`.

    title.txt     what it is called, if that is not the name of the folder: runs remember the folder
    upload/       the files as they came, archives unopened
    shards/       what `meloformer prepare` makes of them, with report.html and files.tsv
    visitor.txt   who brought them, where that is counted
    report.json   what it printed, when it has ended well; report.json.part while it works
    log.txt       what it said
    prepare.json  its process, and when that was started

`prepare` is a process of its own, so that it goes on when the page is closed or the app ends. All
that is known of it is read from these files.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from threading import Lock

from meloformer.app.holdings import Holdings, bytes_below
from meloformer.app.training.uploads import UploadedFile, check_upload, name_for, new_folder, place
from meloformer.corpus.archives import is_archive
from meloformer.errors import DataError, MeloFormerError
from meloformer.files import move_file, read_json, write_json, write_text
from meloformer.phrases import phrase
from meloformer.resources import IMPORT_ROOT
from meloformer.runs.processes import identity_of, read_pid_file
from meloformer.runs.workspace import validate_name

DATASETS = ".datasets"
_SPARE_BYTES = 200_000_000
"""What must be free on the disk beside the files and what is made of them."""
_ARCHIVES = "archives"
_LOOSE = "single files"
_MAX_REPORT_BYTES = 64 << 20
_REPORT = "report.json"
_UNFINISHED = "report.json.part"
_LOG = "log.txt"
_PROCESS = "prepare.json"
_TITLE = "title.txt"
_VISITOR = "visitor.txt"


class DatasetStatus(StrEnum):
    """The progress of a visitor's files."""

    READING = "reading"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Dataset:
    """Music to train on."""

    folder: Path

    @property
    def name(self) -> str:
        """The name of the folder, which stays."""
        return self.folder.name

    @property
    def title(self) -> str:
        """The name on the page."""
        try:
            return validate_name((self.folder / _TITLE).read_text(encoding="utf-8"))
        except (OSError, ValueError, MeloFormerError):
            return self.name

    def rename(self, title: str) -> None:
        """Call it otherwise on the page.

        Raises:
            RunError: The name won't do.
        """
        write_text(self.folder / _TITLE, validate_name(title.strip()))

    @property
    def visitor(self) -> str:
        """The visitor who has brought it; empty where that was not counted."""
        try:
            return (self.folder / _VISITOR).read_text(encoding="utf-8")
        except (OSError, ValueError):
            return ""

    @property
    def shards(self) -> Path:
        """The folder that the trainer reads, when it is ready."""
        return self.folder / "shards"

    def files(self) -> int:
        """Return the number of files that were brought."""
        return sum(1 for path in (self.folder / "upload").rglob("*") if path.is_file())

    def problem(self) -> str:
        """Return the reason why it could not be prepared, as problem and hint."""
        try:
            said = (self.folder / _LOG).read_text(encoding="utf-8", errors="replace")
        except OSError:
            said = ""
        said, mark, hint = said[-4000:].strip().rpartition("\n\nhint: ")
        lines = [line for line in (said if mark else hint).splitlines() if "%|" not in line]
        if not lines:
            return "The files were not read to the end.\n\nhint: Bring them again."
        return f"{lines[-1]}{mark}{hint if mark else ''}"


@dataclass(slots=True)
class Datasets:
    """All music in a workspace."""

    workspace: Path
    uploads: Path
    """The only folder that uploads are taken from."""
    holdings: Holdings = field(default_factory=Holdings)
    """What visitors hold of the disk; music is of whoever has brought it."""
    _working: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        """Count the music that is there."""
        self.holdings.watch(self.held)

    def held(self, visitor: str) -> int:
        """Return the bytes of all music that a visitor has brought, and of what was made of it."""
        return sum(bytes_below(one.folder) for one in self.all() if one.visitor == visitor)

    def names(self) -> list[str]:
        """Return the names of all music, the newest first."""
        folder = self.workspace / DATASETS
        found = [one for one in folder.glob("*/upload") if not one.parent.name.startswith(".")]
        found.sort(key=lambda path: path.stat().st_mtime, reverse=True)
        return [path.parent.name for path in found]

    def find(self, name: str) -> Dataset | None:
        """Return the music of this name, if it is there."""
        try:
            folder = self.workspace / DATASETS / validate_name(name)
        except MeloFormerError:
            return None
        return Dataset(folder) if (folder / "upload").is_dir() else None

    def all(self) -> list[Dataset]:
        """Return all music, the newest first."""
        return [Dataset(self.workspace / DATASETS / name) for name in self.names()]

    def status(self, dataset: Dataset) -> DatasetStatus:
        """Return the progress of a visitor's files."""
        if (dataset.folder / _REPORT).is_file():
            return DatasetStatus.READY
        if self._is_working(dataset):
            return DatasetStatus.READING
        unfinished = dataset.folder / _UNFINISHED
        if _is_report(unfinished) and (dataset.shards / "manifest.json").is_file():
            with suppress(FileNotFoundError):  # another page has seen it at the same moment
                move_file(unfinished, dataset.folder / _REPORT)
        is_ready = (dataset.folder / _REPORT).is_file()
        return DatasetStatus.READY if is_ready else DatasetStatus.FAILED

    def bring(self, files: Sequence[UploadedFile], visitor: str = "") -> Dataset:
        """Copy uploaded files into the workspace and begin to prepare them.

        Args:
            files: What the page says has arrived.
            visitor: Who brings them.

        Raises:
            DataError: They are too many, too large, or did not arrive.
            OutputError: The visitor holds too much already.
        """
        size = check_upload(files, self.uploads)
        self.holdings.require_room(visitor, size)
        files = sorted(files, key=lambda file: file.name)  # they arrive in any order
        folder = self.workspace / DATASETS
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
        if free < 3 * size + _SPARE_BYTES:
            raise DataError(
                phrase(
                    "The disk has only {free:,.0f} MB left.",
                    free=free / 1e6,
                ),
                hint="Make room, and drop again.",
            )
        with self._lock:
            dataset = Dataset(new_folder(folder, name_for(files)))
            try:
                write_text(dataset.folder / _VISITOR, visitor)
                for file in files:
                    target = _target(dataset, file)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(file.path, target)
                self.holdings.look_again(visitor)
                self.prepare(dataset)
            except OSError as error:
                shutil.rmtree(dataset.folder, ignore_errors=True)
                raise DataError(
                    phrase(
                        "The files could not be kept: {strerror}.",
                        strerror=error.strerror,
                    )
                ) from error
        return dataset

    def prepare(self, dataset: Dataset) -> None:
        """Start `meloformer prepare` on what was brought."""
        command = [
            *(sys.executable, "-m", "meloformer", "prepare", *_inputs(dataset)),
            *("--out", str(dataset.shards), "--json"),
        ]
        unfinished = dataset.folder / _UNFINISHED
        with unfinished.open("wb") as said, (dataset.folder / _LOG).open("wb") as log:
            self._working[dataset.name] = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=log,
                cwd=IMPORT_ROOT,
                env={**os.environ, "OMP_NUM_THREADS": "1"},
                start_new_session=True,
            )
        known = identity_of(self._working[dataset.name].pid)
        write_json(dataset.folder / _PROCESS, asdict(known))

    def _is_working(self, dataset: Dataset) -> bool:
        process = self._working.get(dataset.name)
        if process is not None:
            return process.poll() is None
        known = read_pid_file(dataset.folder, _PROCESS)  # started by an app that is gone
        return known is not None and known.is_alive()


def _target(dataset: Dataset, file: UploadedFile) -> Path:
    """Return the path that a file is copied to; its folder there names the document set."""
    if is_archive(file.path):
        return place(dataset.folder / "upload" / _ARCHIVES, Path(file.name).name)
    loose = dataset.folder / "upload" / _LOOSE
    return place(loose if "/" in file.name else loose / dataset.name, file.name)


def _inputs(dataset: Dataset) -> list[str]:
    """Return the archives one by one, and the folder of everything else if there is one."""
    upload = dataset.folder / "upload"
    loose = [upload / _LOOSE] if (upload / _LOOSE).is_dir() else []
    return [str(path) for path in (*sorted((upload / _ARCHIVES).glob("*")), *loose)]


def _is_report(path: Path) -> bool:
    try:
        return isinstance(read_json(path, _MAX_REPORT_BYTES), dict)
    except (OSError, ValueError):
        return False
