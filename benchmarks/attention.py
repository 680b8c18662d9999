"""Attention alone on a GPU: our layout, our mask in the order of the stream, plain causal.

    python -m benchmarks.attention MUSIC [--sizes small base large] [--lengths 4096 8192 16384]

Forward and backward of one layer's attention over one row of music, in bfloat16; where no piece is
so long, a row is a medley of several. Also how long layout and block mask take to make, which
happens once per batch for all layers.
"""

import argparse
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from benchmarks.music import Ids, medley, pieces, row_of
from benchmarks.stopwatch import device_of, measure
from meloformer.model.attention.layout import layout, taken
from meloformer.model.attention.mask import AttentionMask
from meloformer.model.attention.paths import choose_path, make_mask
from meloformer.model.config import SIZES, ModelConfig
from meloformer.model.inputs import Inputs


class Causal:
    """Attention to all that is earlier, by the fastest kernel there is for that."""

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """See `AttentionMask.attend`."""
        q, k, v = (x.transpose(1, 2) for x in (q, k, v))
        mixed = scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        return mixed.transpose(1, 2)


def sparse(rows: Inputs, config: ModelConfig) -> AttentionMask:
    """Return our mask, for the path of the rows' device and length."""
    path = choose_path(rows.ids.device, torch.bfloat16, *rows.ids.shape)
    return make_mask(path, rows, config, torch.bfloat16)


def measure_size(name: str, row: Inputs, laid_out: Inputs, size: str, repeats: int) -> None:
    """Report all ways for the heads of one size."""
    config, device = SIZES[size], row.ids.device
    length = row.ids.shape[1]
    heads = (config.num_heads, config.num_kv_heads, config.num_kv_heads)
    shapes = [(1, length, count, config.head_dim) for count in heads]
    q, k, v = (
        torch.randn(shape, device=device, dtype=torch.bfloat16, requires_grad=True)
        for shape in shapes
    )
    ways: dict[str, AttentionMask] = {
        "ours": sparse(laid_out, config),
        "natural": sparse(row, config),
        "causal": Causal(),
    }
    for way, mask in ways.items():

        def do(mask: AttentionMask = mask) -> None:
            mask.attend(q, k, v).sum().backward()

        measure(f"{name}/{way}", length, device, repeats, do)


def measure_length(ids: Ids, sizes: list[str], device: torch.device, repeats: int) -> None:
    """Report all sizes for one row."""
    name, length = f"attention/{len(ids)}", len(ids)
    row, config = row_of(ids).inputs, SIZES[sizes[0]]
    places = layout(row, config)[0]
    laid_out = taken(row, places).to(device)
    measure(f"{name}/layout_on_cpu", length, row.ids.device, 3, lambda: layout(row, config))
    measure(f"{name}/mask", length, device, 5, lambda: sparse(laid_out, config))
    for size in sizes:
        measure_size(f"{name}/{size}", row.to(device), laid_out, size, repeats)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("music", type=Path, nargs="+", help="folders of MIDI files, or of shards")
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=["small", "base", "large"])
    parser.add_argument("--lengths", type=int, nargs="+", default=[4096, 8192, 16_384, 32_768])
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    arguments = parser.parse_args()
    device = device_of(arguments.device)
    music = sorted(pieces(arguments.music), key=len, reverse=True)
    for length in arguments.lengths:
        measure_length(medley(music, length), arguments.sizes, device, arguments.repeats)


if __name__ == "__main__":
    main()
