"""Models as files to carry to another machine: a ZIP of a checkpoint, its card, and whom it owes.

A ZIP holds `archive.json`, which has the name and a SHA-256 of each other member, and these:

    card.json               facts about the model
    model.safetensors       its weights
    copy_guard.safetensors  the index of its training music, if there is one
    ATTRIBUTION.md          whom the music was by, with the licences

What is brought may come from anybody: the ZIP's directory is looked at before anything is unpacked,
members are counted, named and measured, and a checkpoint is only put in its place after its weights
have been read. Nothing in it can run code.
"""

import hashlib
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from meloformer import checkpoint
from meloformer.checkpoint import CARD, KNOWN_RUNS, WEIGHTS, Card, read_card
from meloformer.errors import CheckpointError, RunError
from meloformer.files import replaced_file
from meloformer.folders import read_folder, replaced_folder
from meloformer.phrases import phrase
from meloformer.registry import IMPORTED_PREFIX, ModelEntry, imported_folder
from meloformer.resources import attribution
from meloformer.runs.workspace import validate_name
from meloformer.tokens.vocabulary import vocabulary

ATTRIBUTION = "ATTRIBUTION.md"
_CONTENTS = "archive.json"
_KIND = "MeloFormer model"
_MOST_BYTES = {
    _CONTENTS: 1 << 16,
    CARD: 1 << 20,
    WEIGHTS: 2 << 30,
    KNOWN_RUNS: 1 << 30,
    ATTRIBUTION: 4 << 20,
}
"""Of each member there may be."""
_MAX_DIRECTORY_BYTES = 1 << 14
"""Of the ZIP's list of its members; ours take five hundred."""
_END = struct.Struct("<4s4H2LH")
"""The last record of a ZIP: magic, disks, members here and in all, size and place of the list."""
_END_MAGIC, _END_64_MAGIC = b"PK\x05\x06", b"PK\x06\x07"
_END_64_BYTES = 20
_BLOCK = 1 << 20
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, struct.error)


def write_archive(folder: Path, name: str, path: Path) -> None:
    """Write a checkpoint into a ZIP, in the place of `path`.

    Args:
        folder: The checkpoint.
        name: By which the model is offered where it is brought to.
        path: Of the ZIP.

    Raises:
        CheckpointError: There is no such checkpoint.
        RunError: The name won't do.
        OSError: The ZIP cannot be written.
    """
    validate_name(name)
    card = read_card(folder)
    with replaced_file(path) as new:
        read_folder(folder, lambda found: _write(found, card, name, new))


def read_archive(path: Path, workspace: Path, name: str = "") -> ModelEntry:
    """Bring a model from a ZIP that `write_archive` has made, perhaps on another machine.

    Args:
        path: Of the ZIP. It is not trusted.
        workspace: The folder of the runs, which receives the model.
        name: By which it is offered; that in the ZIP by default. A number is added where it is
            taken.

    Raises:
        CheckpointError: It is no such ZIP, damaged, too large, or of another version of MeloFormer.
        RunError: The name won't do.
        OSError: The disk is full.
    """
    with _open(path) as archive:
        members = _members(archive)
        said, sums = _contents(archive, members)
        folder = imported_folder(workspace)
        folder.mkdir(parents=True, exist_ok=True)
        target = _free(folder, validate_name(name or said))
        with replaced_folder(target) as new:
            for member, info in members.items():
                if member != _CONTENTS:
                    _unpack(archive, info, new / member, sums[member])
            _check(new)
    return ModelEntry(f"{IMPORTED_PREFIX}{target.name}", target, read_card(target))


def attribution_of(card: Card) -> str:
    """Return whom a model owes: its card's sources, and the notices of the shipped one's music."""
    lines = [
        f"# Attribution of {card.name}",
        "",
        "The weights were trained on the music below. The shares are of the training tokens.",
        "",
        "| set | licence | source | share | made by a program |",
        "|---|---|---|---|---|",
        *(
            f"| {_cell(one.name)} | {_cell(one.licence)} | {_cell(one.source)} | {one.share:.1%} | "
            f"{_cell(one.synthetic)} |"
            for one in card.data
        ),
        "",
        "What follows is the attribution of the model that comes with MeloFormer, with the notices "
        "that its sources ask to be kept.",
        "",
    ]
    return "\n".join(lines) + attribution()


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "/").split())


def _write(found: Path, card: Card, name: str, path: Path) -> None:
    files = [found / one for one in (CARD, WEIGHTS, KNOWN_RUNS) if (found / one).is_file()]
    notices = found / ATTRIBUTION  # of a model that was brought itself
    text = notices.read_bytes() if notices.is_file() else attribution_of(card).encode()
    sums = {one.name: _sum_of(one) for one in files}
    sums[ATTRIBUTION] = hashlib.sha256(text).hexdigest()
    contents = {"kind": _KIND, "name": name, "vocabulary": card.vocabulary, "sha256": sums}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:  # weights do not get smaller
        archive.writestr(_CONTENTS, json.dumps(contents, indent=2, ensure_ascii=False) + "\n")
        archive.writestr(ATTRIBUTION, text, zipfile.ZIP_DEFLATED)
        for one in files:
            archive.write(one, one.name)


def _sum_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _open(path: Path) -> zipfile.ZipFile:
    """Open a ZIP whose list of members is short; `zipfile` would read one of any length."""
    try:
        with path.open("rb") as file:
            _check_directory(file)
        return zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise _refusal("it cannot be read as a ZIP") from error


def _check_directory(file: BinaryIO) -> None:
    """Refuse a ZIP unless its last bytes name a short list of few members.

    Raises:
        CheckpointError: They do not.
    """
    size = file.seek(0, 2)
    if size < _END.size:
        raise _refusal("it is no ZIP")
    file.seek(-min(size, _END.size + _END_64_BYTES), 2)
    tail = file.read()
    magic, _, _, _, count, directory_bytes, _, comment = _END.unpack(tail[-_END.size :])
    if magic != _END_MAGIC or comment:
        raise _refusal("it is no ZIP that MeloFormer has written")
    if tail[: -_END.size].startswith(_END_64_MAGIC):
        raise _refusal("it is larger than any model that can be brought")
    if count > len(_MOST_BYTES) or directory_bytes > _MAX_DIRECTORY_BYTES:
        raise _refusal("it has more members than a model has")


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the members by name, after each has been looked at."""
    infos = archive.infolist()
    members = {info.filename: info for info in infos}
    if len(members) < len(infos) or not members.keys() <= _MOST_BYTES.keys():
        raise _refusal("it holds what is not part of a model")
    if missing := {_CONTENTS, CARD, WEIGHTS} - members.keys():
        raise _refusal(f"it lacks {', '.join(sorted(missing))}")
    for name, info in members.items():
        if info.file_size > _MOST_BYTES[name] or info.compress_size > _MOST_BYTES[name]:
            raise _refusal(f"its {name} is larger than any model's")
        if info.flag_bits & 1 or info.compress_type not in (
            zipfile.ZIP_STORED,
            zipfile.ZIP_DEFLATED,
        ):
            raise _refusal(f"its {name} is packed in a way that is not read here")
    return members


def _contents(
    archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]
) -> tuple[str, dict[str, str]]:
    """Return the name in the ZIP, and the SHA-256 of each member."""
    read: list[bytes] = []
    _copy(archive, members[_CONTENTS], read.append)
    try:
        content = json.loads(b"".join(read))
    except (ValueError, RecursionError) as error:
        raise _refusal("its list of contents is damaged") from error
    if not isinstance(content, dict) or content.get("kind") != _KIND:
        raise _refusal("it holds no model of MeloFormer")
    if content.get("vocabulary") != vocabulary().fingerprint:
        raise _refusal("its model was made by another version of MeloFormer")
    name, sums = content.get("name"), content.get("sha256")
    if not isinstance(name, str) or not isinstance(sums, dict):
        raise _refusal("its list of contents is damaged")
    if sums.keys() != members.keys() - {_CONTENTS}:
        raise _refusal("its list of contents names other files than it holds")
    return name, {str(member): str(value) for member, value in sums.items()}


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path, wanted: str) -> None:
    """Write a member to a file, and check its fingerprint."""
    digest = hashlib.sha256()
    with path.open("xb") as file:

        def keep(block: bytes) -> None:
            digest.update(block)
            file.write(block)

        _copy(archive, info, keep)
    if digest.hexdigest() != wanted:
        raise _refusal(f"its {info.filename} was changed on the way")


def _copy(archive: zipfile.ZipFile, info: zipfile.ZipInfo, take: Callable[[bytes], object]) -> None:
    """Unpack a member block by block, and no more of it than the ZIP's list says."""
    left = info.file_size
    try:
        with archive.open(info) as member:
            while block := member.read(_BLOCK):
                left -= len(block)
                if left < 0:
                    raise _refusal(f"its {info.filename} is longer than it says")
                take(block)
    except _DAMAGE as error:
        raise _refusal(f"its {info.filename} is damaged") from error


def _check(folder: Path) -> None:
    """Read all of a checkpoint, as who composes with it will."""
    checkpoint.load(folder)
    checkpoint.load_known_runs(folder)


def _free(folder: Path, name: str) -> Path:
    """Return a folder of this name, or of this name and a number."""
    for number in range(1, 1000):
        target = folder / (name if number == 1 else f"{name} {number}")
        if not target.exists():
            validate_name(target.name)
            return target
    raise RunError(
        phrase(
            "there are a thousand models named {name}",
            name=name,
        ),
        hint="delete some of them",
    )


def _refusal(why: str) -> CheckpointError:
    return CheckpointError(
        f"This file is not brought, for {why}.",
        hint="Bring a ZIP that was exported from MeloFormer.",
    )
