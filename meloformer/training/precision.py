"""The numerical precision of a run."""

import torch

from meloformer.errors import ConfigError
from meloformer.runs.config import TrainConfig


class Precision:
    """Autocast to the run's precision, and the scaler that FP16 needs.

    FP16 holds no number below 6e-8: the scaler multiplies the loss, so that small gradients stay,
    leaves out a step whose gradients overflow, and tries a smaller factor next.

    Raises:
        ConfigError: The device cannot compute in it.
    """

    def __init__(self, config: TrainConfig, device: torch.device) -> None:
        on_gpu = device.type == "cuda"
        if config.precision == "bf16" and on_gpu and not torch.cuda.is_bf16_supported(False):
            raise ConfigError("this GPU does not compute in bf16", hint="choose fp16")
        self._device = device.type
        self._reduced = torch.float16 if config.precision == "fp16" else torch.bfloat16
        self._is_reduced = config.precision != "fp32"
        self.scaler = torch.amp.GradScaler(self._device, enabled=config.precision == "fp16")

    def autocast(self) -> torch.autocast:
        """Return the context of a forward pass."""
        return torch.autocast(self._device, dtype=self._reduced, enabled=self._is_reduced)

    @property
    def dtype(self) -> torch.dtype:
        """The dtype in which attention runs."""
        return self._reduced if self._is_reduced else torch.float32
