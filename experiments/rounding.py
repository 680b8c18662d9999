"""What rounding the weights of a checkpoint costs, in bits per note.

    python -m experiments.rounding CHECKPOINT SHARDS --kinds float16 bfloat16

Each kind reads the same held-out windows, those of `meloformer evaluate --quick` or with `--whole`
all, with weights rounded and widened again: what is computed is in float32. `change` is by how many
percent the bits of the same pieces are more than with the weights as they are, with an interval of
95 % by a bootstrap over pieces.
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.report import report
from meloformer import checkpoint
from meloformer.cpu_workarounds import avoid_broken_amx
from meloformer.data.shards import open_shards
from meloformer.evaluation.bits_per_note import Costs, summarise
from meloformer.evaluation.paired import change, piece_bits
from meloformer.evaluation.report import QUICK_SHARE, WINDOWS_PER_DOCUMENT
from meloformer.evaluation.streams import stream_costs
from meloformer.evaluation.windows import Window, cut_windows
from meloformer.model.transformer import MeloFormer

INT8_LARGEST = 127
REFERENCE = "float32"


def to_int8(weight: Tensor) -> Tensor:
    """Round a matrix or table to 255 steps a row, from minus to plus its largest value.

    Vectors, which are norms and gains, stay as they are.
    """
    if weight.ndim < 2:
        return weight
    scale = weight.abs().amax(dim=1, keepdim=True) / INT8_LARGEST
    return (weight / scale.where(scale > 0, 1)).round() * scale


def by_dtype(dtype: torch.dtype) -> Callable[[Tensor], Tensor]:
    """Return what rounds all weights to a dtype."""
    return lambda weight: weight.to(dtype).to(weight.dtype)


KINDS: dict[str, Callable[[Tensor], Tensor]] = {
    "float16": by_dtype(torch.float16),
    "bfloat16": by_dtype(torch.bfloat16),
    "int8": to_int8,
}


@torch.no_grad()
def round_weights(model: MeloFormer, rounded: Callable[[Tensor], Tensor]) -> None:
    """Round every weight, in place; the output layer is the table of tokens."""
    for weight in model.parameters():
        weight.copy_(rounded(weight))


def report_kind(kind: str, windows: Sequence[Window], costs: Costs, reference: Costs) -> None:
    """Report one kind, and its change from the weights as they are."""
    name = f"rounding/{kind}"
    bits = summarise(windows, costs)
    report(f"{name}/bits_per_note", bits.bits_per_note, "bits")
    changed = change(piece_bits(windows, costs), piece_bits(windows, reference))
    for which in ("value", "low", "high"):
        report(f"{name}/change_{which}", getattr(changed, which), "%")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("shards", type=Path, help="a folder made by `prepare`")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--whole", action="store_true", help="read all windows")
    arguments = parser.parse_args()
    avoid_broken_amx()
    _, card = checkpoint.load(arguments.checkpoint)
    windows = cut_windows(
        open_shards(arguments.shards / "held_out"),
        card.context_tokens,
        windows_per_document=WINDOWS_PER_DOCUMENT,
    )[:: 1 if arguments.whole else QUICK_SHARE]
    report("rounding/windows", len(windows), "windows")
    reference: Costs = []
    for kind in (REFERENCE, *arguments.kinds):
        model, _ = checkpoint.load(arguments.checkpoint)
        if kind != REFERENCE:
            round_weights(model, KINDS[kind])
        costs = stream_costs(model, [window.ids for window in windows])
        reference = reference or costs
        report_kind(kind, windows, costs, reference)


if __name__ == "__main__":
    main()
