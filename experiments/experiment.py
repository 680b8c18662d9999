"""An experiment: the same small training with one thing changed, measured and compared.

Every variant starts from the same weights, is trained by the project's own trainer for the same
number of steps, and is measured on the same held-out windows. FOLDER receives the runs and
`results.jsonl`; results that are in it already are not computed again, and a run that was cut goes
on from its last checkpoint. `vs_…` compares pieces in pairs over the seeds that both have; its
`low` and `high` know nothing of the luck of a training, which `seed_0` and so on show.
"""

import argparse
import json
import logging
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import report
from meloformer import checkpoint
from meloformer.checkpoint import Card
from meloformer.cpu_workarounds import avoid_broken_amx
from meloformer.data.shards import open_shards
from meloformer.model.config import SIZES, ModelConfig
from meloformer.runs.config import TrainConfig
from meloformer.tokens.vocabulary import vocabulary

CONTEXT_TOKENS = 1024
"""Shorter contexts would hide what bars far away are good for."""
ROWS = 4
WINDOWS_PER_DOCUMENT = 1
"""Of held-out pieces: their openings."""
MODEL = replace(SIZES["tiny"], dim=160, num_heads=4, num_kv_heads=2, ffn_dim=512)
"""Small enough for some minutes on one core; with the attention rule that ships."""


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A model, and the settings of its training that are not the usual ones."""

    model: ModelConfig = MODEL
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Fields of `TrainConfig`."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """One training of one variant, measured: a line of `results.jsonl`."""

    variant: str
    seed: int
    steps: int
    tokens: int
    """That were predicted in training."""
    bits_per_note: float
    interval: tuple[float, float]
    share: dict[str, float]
    """Bits per note that each type of token contributes."""
    per_set: dict[str, float]
    """Bits per note of each document set."""
    notes: int
    piece_bits: list[float]
    """Bits of each held-out piece."""


def measure(variant: str, of: Variant, seed: int, steps: int, shards: Path, out: Path) -> Result:
    """Train a variant, or go on training it, and measure it on held-out pieces."""
    from meloformer.evaluation.bits_per_note import model_costs, summarise
    from meloformer.evaluation.paired import piece_bits
    from meloformer.evaluation.windows import cut_windows
    from meloformer.training.worker import train

    name = f"{variant}_{steps}_{seed}"
    fresh = out / "fresh" / name
    if not fresh.exists():
        save_fresh(fresh, of.model, seed)
    usual = {"context_tokens": CONTEXT_TOKENS, "rows": ROWS, "keep": 1, "evaluate_tokens": 0}
    config = TrainConfig(
        shards=shards,
        run=out / "runs" / name,
        base=fresh,
        steps=steps,
        seed=seed,
        **(usual | dict(of.settings)),
    )
    last = train(config)
    model, card = checkpoint.load(last)
    if card.steps < steps:
        sys.exit(f"{name} was stopped at step {card.steps}; the same command goes on from there")
    windows = cut_windows(
        open_shards(shards / "held_out"), CONTEXT_TOKENS, windows_per_document=WINDOWS_PER_DOCUMENT
    )
    costs = model_costs(model, windows, CONTEXT_TOKENS)
    bits = summarise(windows, costs)
    return Result(
        variant=variant,
        seed=seed,
        steps=steps,
        tokens=card.tokens_seen,
        bits_per_note=bits.bits_per_note,
        interval=bits.interval,
        share=bits.share,
        per_set=bits.per_set,
        notes=bits.notes,
        piece_bits=piece_bits(windows, costs).tolist(),
    )


def save_fresh(folder: Path, config: ModelConfig, seed: int) -> None:
    """Save an untrained model, to be a run's base: the same weights whatever the rule.

    The trainer starts from it as from scratch: it has seen nothing, and there is no optimiser state
    in a base.
    """
    import torch

    from meloformer.model.transformer import MeloFormer

    torch.manual_seed(seed)
    card = Card(
        name=folder.name,
        model=config,
        vocabulary=vocabulary().fingerprint,
        context_tokens=CONTEXT_TOKENS,
        steps=0,
        tokens_seen=0,
    )
    checkpoint.save(folder, MeloFormer(config), card)


def read_results(path: Path) -> list[Result]:
    """Read the results of earlier runs; none if there is no file."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [Result(**json.loads(line)) for line in lines]


def compare(experiment: str, results: Iterable[Result], references: Sequence[str]) -> None:
    """Report every variant, alone and against the references, as a mean over seeds."""
    by_variant: dict[str, dict[int, Result]] = {}
    for result in results:
        by_variant.setdefault(result.variant, {})[result.seed] = result
    for variant, of_seed in by_variant.items():
        name = f"{experiment}/{variant}"
        report(f"{name}/seeds", len(of_seed), "seeds")
        values = [result.bits_per_note for result in of_seed.values()]
        report(f"{name}/bits_per_note", float(np.mean(values)), "bits/note")
        for kind in next(iter(of_seed.values())).share:
            mean = float(np.mean([result.share[kind] for result in of_seed.values()]))
            report(f"{name}/bits_per_note/{kind}", mean, "bits/note")
        for reference in references:
            if reference != variant and reference in by_variant:
                _compare(name, of_seed, reference, by_variant[reference])


def _compare(
    name: str, of_seed: dict[int, Result], reference: str, reference_of_seed: dict[int, Result]
) -> None:
    from meloformer.evaluation.paired import change

    seeds = sorted(of_seed.keys() & reference_of_seed.keys())
    if not seeds:
        return

    def bits(results: dict[int, Result]) -> NDArray[np.float64]:
        return np.array([results[seed].piece_bits for seed in seeds])

    own, others = bits(of_seed), bits(reference_of_seed)
    for key, value in asdict(change(own.mean(axis=0), others.mean(axis=0))).items():
        report(f"{name}/vs_{reference}/{key}", value, "%")
    for seed, one, other in zip(seeds, own, others, strict=True):
        report(f"{name}/vs_{reference}/seed_{seed}", change(one, other).value, "%")


def run(
    experiment: str,
    description: str,
    variants: Mapping[str, Variant],
    references: Sequence[str],
) -> None:
    """Run the command line of an experiment: train, measure and compare its variants."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("shards", type=Path, help="folder made by `prepare`")
    parser.add_argument("--out", type=Path, required=True, help="folder for runs and results")
    parser.add_argument("--steps", type=int, default=240, help="of each training")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--only", nargs="+", choices=variants, default=list(variants))
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    avoid_broken_amx()
    arguments.out.mkdir(parents=True, exist_ok=True)
    path = arguments.out / "results.jsonl"
    done = {(one.variant, one.seed, one.steps): one for one in read_results(path)}
    wanted = [(name, seed, arguments.steps) for seed in arguments.seeds for name in arguments.only]
    for key in wanted:
        if key not in done:
            name, seed, steps = key
            done[key] = result = measure(
                name, variants[name], seed, steps, arguments.shards, arguments.out
            )
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(result)) + "\n")
            report(
                f"{experiment}/{name}/seed_{seed}/bits_per_note", result.bits_per_note, "bits/note"
            )
    compare(experiment, (done[key] for key in wanted), references)
