"""The checkpoints of a run: whole or not there at all, whatever ends the process that writes them.

A checkpoint is written under a hidden name, forced to the disk and renamed; what has its proper
name is complete. Beside the card and the averaged weights lies all that going on needs.
"""

import logging
import shutil
from pathlib import Path
from typing import Any

import torch

from meloformer import checkpoint
from meloformer.checkpoint import Card
from meloformer.errors import RunError
from meloformer.files import file_sha256, write_json
from meloformer.folders import (
    folders_in,
    remove_folder,
    replace_folder,
    replaced_folder,
)
from meloformer.model.transformer import MeloFormer
from meloformer.runs.folder import step_of
from meloformer.runs.state import read_object

STATE = "training_state.pt"
STATE_SUM = "training_state.sha256"
_log = logging.getLogger(__name__)


class Checkpoints:
    """The folder `checkpoints/` of a run, for the one process that writes it.

    Args:
        run: The run folder.
        keep: How many of the latest stay, beside the best.
        base: The checkpoint that the run began with; what it has of an index of training music is
            saved with each.
    """

    def __init__(self, run: Path, keep: int, base: Path | None = None) -> None:
        self.folder = run / "checkpoints"
        self._keep = keep
        self._base = base

    def path(self, step: int) -> Path:
        """Return the folder of the checkpoint of a step."""
        return self.folder / f"step-{step:06d}"

    def newest_state(self) -> dict[str, Any] | None:
        """Load the training state of the newest checkpoint that can be read; None without any.

        Damaged ones are put aside and logged, and what a killed process has left is removed.

        Raises:
            RunError: There are some, and all are damaged: a run does not silently begin again.
        """
        steps = self._steps()
        for left in self.folder.glob(".*"):
            shutil.rmtree(left, ignore_errors=True)
        for folder in reversed(steps):
            try:
                return self.state(step_of(folder))
            except Exception as error:  # noqa: BLE001  # damage can look like anything
                _log.warning("checkpoint %s is damaged and left out: %s", folder.name, error)
                replace_folder(folder, folder.with_name(f"damaged-{folder.name}"))
        if steps or any(folders_in(self.folder)):
            raise RunError(
                "all checkpoints of this run are damaged",
                hint=f"they were put aside in {self.folder}; begin a new run",
            )
        return None

    def state(self, step: int) -> dict[str, Any]:
        """Load the training state of a step, on the CPU.

        Raises:
            RunError: It is not what was written, of another step, or holds what is no number.
        """
        path = self.path(step) / STATE
        sum_path = path.with_name(STATE_SUM)  # older versions wrote none
        if sum_path.exists() and sum_path.read_text(encoding="utf-8") != file_sha256(path):
            raise RunError(f"{path} is not what was written")
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        if state["step"] != step:
            raise RunError(f"{path} is of step {state['step']}")
        if not _is_finite(state):
            raise RunError(f"{path} holds values that are not numbers")
        return state

    def save(
        self,
        model: MeloFormer,
        card: Card,
        state: dict[str, Any],
        bits_per_note: float | None,
    ) -> Path:
        """Add a checkpoint, name it the last, and remove those that need not be kept.

        If that fails, for want of space or rights, all is as it was before.

        Args:
            model: Whole and plain: what people will compose with.
            card: Of it.
            state: What going on needs, the step among it.
            bits_per_note: On held-out music, if it was measured: the lowest names the best.
        """
        final = self.path(state["step"])
        self.folder.mkdir(parents=True, exist_ok=True)
        with replaced_folder(final) as new:
            checkpoint.write_files(new, model, card)
            if self._base is not None:
                checkpoint.copy_known_runs(self._base, new)
            with (new / STATE).open("wb") as file:
                torch.save(state, file)
            (new / STATE_SUM).write_text(file_sha256(new / STATE), encoding="utf-8")
        self._write_pointers(final, bits_per_note)
        self._prune()
        return final

    def best_bits_per_note(self) -> float:
        """Return the bits per note of the best checkpoint; infinite without one."""
        bits = self._named_best().get("bits_per_note")
        return bits if isinstance(bits, float) else float("inf")

    def _named_best(self) -> dict[str, object]:
        """Read `best.json`, if what it names is there."""
        try:
            content = read_object(self.folder / "best.json")
        except RunError:
            return {}
        return content if (self.folder / str(content.get("folder"))).is_dir() else {}

    def _write_pointers(self, final: Path, bits_per_note: float | None) -> None:
        content = {"folder": final.name, "step": step_of(final), "bits_per_note": bits_per_note}
        write_json(self.folder / "last.json", content)
        if bits_per_note is not None and bits_per_note < self.best_bits_per_note():
            write_json(self.folder / "best.json", content)

    def _prune(self) -> None:
        best = self._named_best().get("folder")
        for folder in self._steps()[: -self._keep]:
            if folder.name != best:
                remove_folder(folder)

    def _steps(self) -> list[Path]:
        """List the folders of all steps, oldest first."""
        return sorted((one for one in folders_in(self.folder) if step_of(one) >= 0), key=step_of)


def _is_finite(state: object) -> bool:
    """Return whether every tensor in a state, wherever in it, holds numbers only."""
    if isinstance(state, torch.Tensor):
        return not state.is_floating_point() or bool(state.isfinite().all())
    if isinstance(state, dict):
        return all(map(_is_finite, state.values()))
    return all(map(_is_finite, state)) if isinstance(state, list | tuple) else True
