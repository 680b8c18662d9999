"""Seconds of one core for a token, by the shape of a model: which shapes a CPU decodes as fast.

    python -m benchmarks.shapes --context 1024

Weights are random, as speed does not ask for others. Shapes are measured in turns within one
process, by processor time, and the best turn of each counts, so that what else the machine does
matters little.
"""

import argparse
from dataclasses import replace

import torch

from benchmarks.decode import TURNS, best, decoding, stream
from benchmarks.report import report
from meloformer.model.config import SIZES, ModelConfig
from meloformer.model.transformer import MeloFormer

SMALL = SIZES["small"]
_WIDE = replace(SMALL, dim=384, num_heads=6)
SHAPES: dict[str, ModelConfig] = {
    "6_of_256": SMALL,
    **{
        f"12_of_256_ffn_{ffn}": replace(SMALL, num_layers=12, ffn_dim=ffn)
        for ffn in (256, 384, 576)
    },
    **{f"6_of_384_ffn_{ffn}": replace(_WIDE, ffn_dim=ffn) for ffn in (512, 640, 768)},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--context", type=int, default=1024, help="tokens before the first step")
    parser.add_argument("--tokens", type=int, default=60, help="steps to time")
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--rows", type=int, default=1, help="candidates at once")
    given = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    inputs = stream(given.context + given.tokens)
    with torch.inference_mode():
        tasks = {
            name: decoding(MeloFormer(config).eval(), inputs, given.context, given.rows)
            for name, config in SHAPES.items()
        }
        turns = [{name: measure() for name, measure in tasks.items()} for _ in range(given.turns)]
    usual = best([turn["6_of_256"] for turn in turns]).cpu
    for name, config in SHAPES.items():
        took = best([turn[name] for turn in turns]).cpu
        prefix = f"shapes/{name}/context_{given.context}/rows_{given.rows}"
        report(f"{prefix}/cpu", 1000 * took, "ms")
        report(f"{prefix}/cpu_over_small", took / usual, "ratio")
        report(f"{prefix}/weights", config.num_parameters, "values")


if __name__ == "__main__":
    main()
