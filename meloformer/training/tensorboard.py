"""The curves of a run for TensorBoard, where `tensorboardX` is installed."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any


class EventFiles:
    """Event files in `tensorboard/` of a run folder; nothing at all without `tensorboardX`.

    Args:
        run: The run folder.
        step: Where the run begins or goes on; what earlier files hold from there on is hidden.
    """

    def __init__(self, run: Path, step: int) -> None:
        self._writer: Any = None
        try:
            tensorboard = import_module("tensorboardX")
        except ImportError:
            return
        self._writer = tensorboard.SummaryWriter(str(run / "tensorboard"), purge_step=step + 1)

    def add(self, event: str, step: int, values: Mapping[str, float]) -> None:
        """Add one point to each of the curves of an event."""
        if self._writer is not None:
            for name, value in values.items():
                self._writer.add_scalar(f"{event}/{name}", value, step)

    def close(self) -> None:
        """Write what is left."""
        if self._writer is not None:
            self._writer.close()
