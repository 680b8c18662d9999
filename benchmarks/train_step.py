"""Training steps on a GPU: our layout, our mask in the order of the stream, plain causal.

    python -m benchmarks.train_step MUSIC [--sizes small base large] [--lengths 4096 8192 16384]

Whole steps on one row of music in bfloat16: block mask, forward, loss, backward and the update by
Muon and AdamW; with activations kept, and computed again. Where no piece is so long, a row is a
medley of several. Plain causal attention is a model of the same dimensions.
"""

import argparse
import itertools
from pathlib import Path

import torch
from torch import nn

from benchmarks.attention import Causal
from benchmarks.music import medley, pieces, row_of
from benchmarks.stopwatch import device_of, measure
from meloformer.data.packing import NOT_SCORED, Batch
from meloformer.model.attention.layout import layout
from meloformer.model.attention.mask import AttentionMask
from meloformer.model.attention.paths import AttentionPath
from meloformer.model.config import SIZES, ModelConfig
from meloformer.model.inputs import Inputs
from meloformer.model.transformer import MeloFormer
from meloformer.runs.config import TrainConfig
from meloformer.training.optimiser import Optimiser


class CausalModel(MeloFormer):
    """The same dimensions without any mask but causality."""

    def mask(self, path: AttentionPath, inputs: Inputs, dtype: torch.dtype) -> AttentionMask:
        """Return the same for all inputs."""
        return Causal()


def moved(batch: Batch, config: ModelConfig) -> Batch:
    """Lay out a batch for a model."""
    columns = torch.stack([getattr(batch, name) for name in Batch.__dataclass_fields__])
    return Batch(*columns.gather(2, layout(batch.inputs, config).expand_as(columns)))


def measure_step(
    name: str, model: MeloFormer, batch: Batch, device: torch.device, repeats: int
) -> None:
    """Report steps of one model on one batch."""
    model.to(device).train()
    optimiser = Optimiser(model, TrainConfig(shards=Path(), run=Path(), steps=1))
    scaler = torch.amp.GradScaler(enabled=False)
    inputs, targets = batch.inputs.to(device), batch.targets.to(device).flatten()

    def step() -> None:
        with torch.autocast(device.type, dtype=torch.bfloat16):
            logits = model(inputs).flatten(0, 1)
        loss = nn.functional.cross_entropy(logits, targets, ignore_index=NOT_SCORED)
        loss.backward()
        optimiser.step(1e-3, scaler)

    measure(name, batch.ids.numel(), device, repeats, step)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("music", type=Path, nargs="+", help="folders of MIDI files, or of shards")
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=["small", "base", "large"])
    parser.add_argument("--lengths", type=int, nargs="+", default=[4096, 8192, 16_384, 32_768])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    arguments = parser.parse_args()
    device = device_of(arguments.device)
    music = sorted(pieces(arguments.music), key=len, reverse=True)
    for length, size in itertools.product(arguments.lengths, arguments.sizes):
        config = SIZES[size]
        natural = row_of(medley(music, length))
        ways = {
            "ours": (MeloFormer, moved(natural, config)),
            "natural": (MeloFormer, natural),
            "causal": (CausalModel, natural),
        }
        for recomputes, (way, (kind, batch)) in itertools.product((False, True), ways.items()):
            torch.manual_seed(0)
            model = kind(config)
            model.checkpoint_attention = model.checkpoint_ffn = recomputes
            kept = "recomputed" if recomputes else "kept"
            name = f"train_step/{size}/{length}/{kept}/{way}"
            measure_step(name, model, batch, device, arguments.repeats)


if __name__ == "__main__":
    main()
