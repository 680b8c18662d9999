"""Runs a writer again and again, killed before each of its lines in turn, and looks what is left.

    python -m tests.killed_at_each_step file|folder|checkpoint FOLDER

Every line of `meloformer` and of the writer below counts as a step. SIGKILL ends a child process
there, in the middle of the write as well as between the two renames. Prints how many steps there
were.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from meloformer import files, folders

OLD, NEW = b"old" * 10_000, b"new" * 20_000


def write_file(place: Path, content: bytes) -> None:
    with files.replaced_stream(place / "file") as file:
        file.write(content[: len(content) // 2])
        file.flush()
        file.write(content[len(content) // 2 :])


def look_at_file(place: Path) -> bytes:
    return (place / "file").read_bytes()


def write_folder(place: Path, content: bytes) -> None:
    with folders.replaced_folder(place / "folder") as new:
        (new / "one").write_bytes(content)
        (new / "two").write_bytes(content)


def look_at_folder(place: Path) -> bytes:
    def both(folder: Path) -> bytes:
        one, two = ((folder / name).read_bytes() for name in ("one", "two"))
        assert one == two, "two versions at once"
        return one

    assert folders.folders_in(place) == [place / "folder"]
    return folders.read_folder(place / "folder", both)


def write_checkpoint(place: Path, content: bytes) -> None:
    from meloformer import checkpoint
    from tests.test_checkpoint import CARD, constant_model, named

    model = constant_model(float(content == NEW))
    checkpoint.save(place / "one", model, named(CARD, content[:3].decode()))


def look_at_checkpoint(place: Path) -> bytes:
    from meloformer import checkpoint, registry

    assert "one" in [entry.name for entry in registry.list_models(place)]
    model, card = checkpoint.load(place / "one")
    content = OLD if card.name == "old" else NEW
    assert (model.norm.weight == float(content == NEW)).all(), "card and weights of two versions"
    return content


KINDS: dict[str, tuple[Callable[[Path, bytes], None], Callable[[Path], bytes]]] = {
    "file": (write_file, look_at_file),
    "folder": (write_folder, look_at_folder),
    "checkpoint": (write_checkpoint, look_at_checkpoint),
}
STEPPED = (
    "meloformer.files",
    "meloformer.folders",
    "meloformer.lock",
    "__main__",
    "meloformer.checkpoint",
)


def killed_before_step(number: int, write: Callable[[], None]) -> bool:
    """Run `write` in a child that is killed before its step of this number.

    Returns:
        Whether it got that far.
    """
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL
            return True
        assert os.WEXITSTATUS(status) == 0, "the writer failed"
        return False
    left = number

    def trace(frame: FrameType, event: str, argument: object) -> object:
        nonlocal left
        if frame.f_globals.get("__name__") not in STEPPED or frame.f_code.co_name.startswith("<"):
            return None  # comprehensions do nothing to files
        if event == "line":
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    code = 1
    try:
        sys.settrace(trace)  # type: ignore[arg-type]
        write()
        sys.settrace(None)
        code = 0
    finally:
        os._exit(code)


def main() -> None:
    write, look = KINDS[sys.argv[1]]
    place = Path(sys.argv[2])
    write(place, OLD)
    step, found = 0, set()
    while killed_before_step(step, lambda: write(place, NEW)):
        left = look(place)
        found.add(left)
        if left == NEW:
            write(place, OLD)
        step += 1
    assert look(place) == NEW
    assert found == {OLD, NEW}, "the change is made at one of the steps, and not at the first"
    sys.stdout.write(f"{step}\n")


if __name__ == "__main__":
    main()
