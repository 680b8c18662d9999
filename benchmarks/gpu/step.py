"""Whole training steps on one row of music: dense causal attention, and ours.

What a step is made of is here and nowhere else in this folder: block mask, forward, loss, backward,
and the update by Muon and AdamW, in BF16.
"""

from pathlib import Path

import torch

from benchmarks.gpu.clock import forget_peak, milliseconds, peak_gib
from benchmarks.gpu.music_rows import music_rows
from benchmarks.gpu.rows import Setting, Values
from benchmarks.train_step import CausalModel
from meloformer.model.attention.paths import AttentionPath
from meloformer.model.config import SIZES
from meloformer.model.transformer import MeloFormer
from meloformer.runs.config import TrainConfig
from meloformer.training.optimiser import Optimiser

REPEATS = 5


def measure(
    path: AttentionPath | None, size: str, length: int, setting: Setting, *, compiled: bool
) -> Values:
    """Return the time of a step and the memory it takes.

    Args:
        path: Of attention; None is dense causal attention without our mask.
        size: Of the model.
        length: Tokens of the row.
        setting: Where.
        compiled: Whether blocks are.
    """
    device = setting.device
    config = SIZES[size]
    batch = music_rows(setting.shards, length, 1, config)
    forget_peak(device)
    torch.manual_seed(0)
    model = (CausalModel if path is None else MeloFormer)(config).to(device).train()
    model.forced_path = path
    model.compiles_blocks = compiled
    optimiser = Optimiser(model, TrainConfig(shards=Path(), run=Path(), steps=1))
    scaler = torch.amp.GradScaler(enabled=False)
    inputs, targets = batch.inputs.to(device), batch.targets.to(device)

    def step() -> None:
        with torch.autocast(device, dtype=torch.bfloat16, enabled=device == "cuda"):
            loss = model(inputs, targets=targets) / length
        loss.backward()
        optimiser.step(1e-3, scaler)

    ms = milliseconds(step, device, REPEATS)
    return {"ms": ms, "tokens/s": 1000 * length / ms, "peak GiB": peak_gib(device)}
