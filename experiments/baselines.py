"""Baselines: other models on the same music and the same budget.

    python -m experiments.baselines SHARDS --out FOLDER --steps 480 --seeds 0

- `own_type`: HID tokens and the shipped rule of attention.
- `dense`: HID tokens, dense causal attention, equal dimensions.
- `remi`: REMI tokens by MidiTok, dense causal attention, equal dimensions.
- `3_gram`, `5_gram`: HID tokens, counted on all training shards.
- `5_gram_of_rows`: counted on what the trained ones read.

These read the same bars in the same order for the same number of steps, by the same
optimiser. All are measured on the same held-out bars: what all tokens cost, by the notes.

FOLDER receives `results.jsonl`; results that are in it already are not computed again.
"""

import argparse
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from experiments.ablation import VARIANTS
from experiments.baseline_results import Result, compare, keep, read_results, result_of
from experiments.experiment import CONTEXT_TOKENS, ROWS
from meloformer.cpu_workarounds import avoid_broken_amx
from meloformer.data.config import LoaderConfig
from meloformer.data.shards import open_shards
from meloformer.evaluation.bits_per_note import Costs
from meloformer.evaluation.windows import Window
from meloformer.model.config import ModelConfig
from meloformer.runs.config import TrainConfig

REMI = "remi"
OF_ROWS = "5_gram_of_rows"
TRAINED = ("own_type", "dense", REMI, OF_ROWS)
COUNTED = {"3_gram": 3, "5_gram": 5}

Stream = NDArray[np.uint16]


def measure_trained(name: str, seed: int, steps: int, shards: Path) -> Result:
    """Train one model and measure it on held-out pieces."""
    from experiments.learning import learn
    from experiments.same_music import held_out_windows, training_rows
    from meloformer.data.loader import Loader
    from meloformer.data.packing import Batch, pack
    from meloformer.evaluation.bits_per_note import model_costs
    from meloformer.evaluation.ngram import NGram

    config = TrainConfig(
        shards=shards,
        run=shards,  # nothing is written
        steps=steps,
        context_tokens=CONTEXT_TOKENS,
        rows=ROWS,
        seed=seed,
    )
    loader = Loader(
        open_shards(shards / "train"),
        LoaderConfig(context_tokens=CONTEXT_TOKENS, rows=ROWS, seed=seed, shares=config.shares),
    )
    batches = training_rows(loader)
    windows = held_out_windows(open_shards(shards / "held_out"), CONTEXT_TOKENS)
    if name == REMI:
        return _measure_remi(config, batches, windows)
    if name == OF_ROWS:
        streams = [ids for batch in islice(batches, steps) for row in batch for ids in row]
        ids = np.concatenate(streams)
        costs, tokens = NGram(ids, 5).costs(windows), len(ids) - len(streams)
    else:
        packed = (Batch(*pack(rows, CONTEXT_TOKENS)) for rows in batches)
        model, tokens = learn(VARIANTS[name].model, config, packed)
        costs = model_costs(model, windows, CONTEXT_TOKENS)
    return _hid_result(name, windows, costs, seed=seed, steps=steps, tokens=tokens)


def _measure_remi(
    config: TrainConfig, batches: Iterator[list[list[Stream]]], windows: Sequence[Window]
) -> Result:
    """Train and measure a model of REMI tokens on the same music."""
    from experiments import remi_rows
    from experiments.learning import learn
    from experiments.remi import remi
    from meloformer.tokens import decode

    def encode(ids: Stream) -> NDArray[np.int64]:
        return remi().encode(decode(ids))

    packed = (remi_rows.pack([[encode(ids) for ids in row] for row in rows]) for rows in batches)
    model, tokens = learn(remi_model(), config, packed)
    streams = [encode(window.ids) for window in windows]
    kinds = np.concatenate([remi_rows.kinds()[ids[1:]] for ids in streams])
    notes = int(np.isin(kinds, ("Pitch", "PitchDrum")).sum())
    costs = remi_rows.costs(model, streams)
    of_run = {"seed": config.seed, "steps": config.steps, "tokens": tokens}
    return result_of(REMI, costs, kinds, notes, **of_run)


def remi_model() -> ModelConfig:
    """Return the dense model for as many tokens as REMI has."""
    from experiments.remi import remi

    return replace(VARIANTS["dense"].model, vocab_size=len(remi().names))


def measure_counted(shards: Path) -> list[Result]:
    """Count the n-grams of all training shards and measure them on held-out pieces."""
    from experiments.same_music import held_out_windows
    from meloformer.evaluation.ngram import NGram

    train = open_shards(shards / "train")
    windows = held_out_windows(open_shards(shards / "held_out"), CONTEXT_TOKENS)
    ngram = NGram(np.asarray(train.ids), max(COUNTED.values()))
    return [
        _hid_result(
            name, windows, ngram.costs(windows, length), seed=0, steps=0, tokens=len(train.ids)
        )
        for name, length in COUNTED.items()
    ]


def _hid_result(
    name: str, windows: Sequence[Window], costs: Costs, *, seed: int, steps: int, tokens: int
) -> Result:
    from meloformer.tokens.annotate import TYPE_OF_KIND, TokenRole
    from meloformer.tokens.vocabulary import vocabulary

    names = np.array([one.name.lower() for one in TokenRole])
    ids = np.concatenate([window.ids[1:] for window in windows])
    kinds = names[TYPE_OF_KIND[vocabulary().kind[ids]]]
    notes = int((kinds == "onset").sum())
    return result_of(name, costs, kinds, notes, seed=seed, steps=steps, tokens=tokens)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shards", type=Path, help="folder made by `prepare`")
    parser.add_argument("--out", type=Path, required=True, help="folder for the results")
    parser.add_argument("--steps", type=int, default=480, help="of each training")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--only", nargs="+", choices=TRAINED, default=list(TRAINED))
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    avoid_broken_amx()
    arguments.out.mkdir(parents=True, exist_ok=True)
    path = arguments.out / "results.jsonl"
    done = {one.key: one for one in read_results(path)}
    wanted = [(name, 0, 0) for name in COUNTED]
    if not done.keys() >= set(wanted):
        counted = measure_counted(arguments.shards)
        keep(path, counted)
        done |= {one.key: one for one in counted}
    trained = [(name, seed, arguments.steps) for seed in arguments.seeds for name in arguments.only]
    for key in trained:
        if key not in done:
            done[key] = measure_trained(*key, arguments.shards)
            keep(path, [done[key]])
    compare(done[key] for key in [*wanted, *trained])


if __name__ == "__main__":
    main()
