"""What must travel to a lent machine, in one folder: shards, and weights to start from."""

import shutil
import subprocess
import tarfile
from pathlib import Path

from experiments.gpu_train.pieces import STATE, in_float16, read_begun
from experiments.gpu_train.plan import Plan
from meloformer import checkpoint
from meloformer.data.shards import Shards, open_shards
from meloformer.errors import ConfigError, DataError
from meloformer.files import write_text

ROOT = Path(__file__).resolve().parents[2]
SHARDS, INIT, BEGUN, COMMIT = "shards.tar.xz", "init", "begun", "commit.txt"
MAX_BYTES = 60_000_000
"""Of what travels, the code too."""
_SIDES = ("train", "held_out")


def pack(
    plan: Plan, shards: Path, out: Path, *, init: Path | None = None, begun: Path | None = None
) -> int:
    """Pack what a plan needs; shards that are packed already are not packed again.

    Args:
        plan: Whose name of a checkpoint to go on from must be that of `init`.
        shards: Folder made by `prepare`.
        out: Receives it.
        init: Checkpoint that a plan goes on from.
        begun: What an interrupted training of the plan has left.

    Returns:
        How many bytes travel, with the code.

    Raises:
        ConfigError: A checkpoint is missing or another one.
        DataError: It is too much, or cannot be read.
    """
    out.mkdir(parents=True, exist_ok=True)
    _check_shares(plan, open_shards(shards / "train"))
    _pack_shards(shards, out / SHARDS)
    for name in (INIT, BEGUN):
        shutil.rmtree(out / name, ignore_errors=True)
    if plan.init:
        if init is None or checkpoint.read_card(init).name != plan.init:
            raise ConfigError(f"the plan {plan.name} goes on from the checkpoint {plan.init}")
        in_float16(init, out / INIT)
    if begun is not None:
        found = read_begun(begun)
        if found is None or found.plan != plan.name:
            raise ConfigError(f"{begun} has no weights of the plan {plan.name}")
        (out / BEGUN).mkdir()
        for path in (begun / STATE, *begun.glob("weights-*")):
            shutil.copyfile(path, out / BEGUN / path.name)
    write_text(out / COMMIT, _git("describe", "--always", "--dirty=+", "--exclude=*"))
    total = sum(path.stat().st_size for path in out.rglob("*") if path.is_file()) + code_bytes()
    if total > MAX_BYTES:
        raise DataError(
            f"{total / 1e6:.1f} MB are too much to travel: at most {MAX_BYTES / 1e6:.0f} MB.",
            hint="Take fewer document sets, or pack without what was begun.",
        )
    return total


def code_bytes() -> int:
    """Return the bytes of all files of the working tree that git does not ignore."""
    names = _git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    paths = [ROOT / name for name in names if name]
    return sum(path.stat().st_size for path in paths if path.is_file())


def _check_shares(plan: Plan, train: Shards) -> None:
    """Refuse shares of sets that are not there: they would be lost without a word."""
    if odd := sorted(plan.shares.keys() - {one.name for one in train.sets}):
        raise ConfigError(f"the shards have no set {', '.join(odd)}")


def _pack_shards(shards: Path, out: Path) -> None:
    files = [
        shards / side / name
        for side in _SIDES
        for name in ("manifest.json", "offsets.npy", "tokens.bin")
    ]
    newest = max(path.stat().st_mtime for path in files)
    if out.exists() and out.stat().st_mtime >= newest:
        return
    new = out.with_name(f".{out.name}")
    with tarfile.open(new, "w:xz", preset=6) as archive:
        for path in files:
            archive.add(path, f"{path.parent.name}/{path.name}")
    new.replace(out)


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()
