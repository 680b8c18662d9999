"""The model beside what else could be done with the same music and the same budget.

    python -m benchmarks.baselines SHARDS --out FOLDER --steps 480 --seeds 0

- `own_type`: HID tokens and the shipped rule of attention.
- `dense`: HID tokens, dense causal attention, equal dimensions.
- `remi`: REMI tokens by MidiTok, dense causal attention, equal dimensions.
- `3_gram`, `5_gram`: HID tokens, counted on all training shards.

The trained ones read the same bars in the same order for the same number of steps, by the same
optimiser. All are measured on the same held-out bars: what all tokens cost, by the notes.

FOLDER receives `results.jsonl`; what is there already is not computed again.
"""

import argparse
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.ablation import BASE, CONTEXT_TOKENS, ROWS, VARIANTS
from benchmarks.baseline_results import Result, compare, keep, read_results, result_of
from meloformer.data.config import LoaderConfig
from meloformer.data.shards import open_shards
from meloformer.evaluation.bits_per_note import Costs, Window
from meloformer.model.config import ModelConfig
from meloformer.training.config import TrainConfig
from meloformer.training.processor import avoid_broken_amx

REMI = "remi"
TRAINED = ("own_type", "dense", REMI)
COUNTED = {"3_gram": 3, "5_gram": 5}


def measure_trained(name: str, seed: int, steps: int, shards: Path) -> Result:
    """Train one model and measure it on held-out pieces."""
    from benchmarks import remi_rows
    from benchmarks.learning import learn
    from benchmarks.remi import remi
    from benchmarks.same_music import held_out_windows, training_rows
    from meloformer.data.loader import Loader
    from meloformer.data.packing import Batch, pack
    from meloformer.evaluation.bits_per_note import model_costs
    from meloformer.tokens import decode

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

    def batches() -> Iterator[Batch]:
        for rows in training_rows(loader):
            if name == REMI:
                yield remi_rows.pack([[remi().encode(decode(one)) for one in row] for row in rows])
            else:
                yield Batch(*pack(rows, CONTEXT_TOKENS))

    model, tokens = learn(model_of(name), config, batches())
    windows = held_out_windows(open_shards(shards / "held_out"), CONTEXT_TOKENS)
    if name != REMI:
        costs = model_costs(model, windows, CONTEXT_TOKENS)
        return _hid_result(name, windows, costs, seed=seed, steps=steps, tokens=tokens)
    streams = [remi().encode(decode(window.ids)) for window in windows]
    costs = remi_rows.costs(model, streams)
    kinds = np.concatenate([remi_rows.kinds()[ids[1:]] for ids in streams])
    notes = int(np.isin(kinds, ("Pitch", "PitchDrum")).sum())
    return result_of(name, costs, kinds, notes, seed=seed, steps=steps, tokens=tokens)


def model_of(name: str) -> ModelConfig:
    """Equal but for what is seen, and for how many tokens there are."""
    if name != REMI:
        return VARIANTS[name]
    from benchmarks.remi import remi

    return replace(BASE, vocab_size=len(remi().names), dense=True)


def measure_counted(shards: Path) -> list[Result]:
    """Count the n-grams of all training shards and measure them on held-out pieces."""
    from benchmarks.same_music import held_out_windows
    from meloformer.evaluation.ngram import NGram

    train = open_shards(shards / "train")
    windows = held_out_windows(open_shards(shards / "held_out"), CONTEXT_TOKENS)
    ngram = NGram(train, max(COUNTED.values()))
    return [
        _hid_result(
            name, windows, ngram.costs(windows, length), seed=0, steps=0, tokens=len(train.ids)
        )
        for name, length in COUNTED.items()
    ]


def _hid_result(
    name: str, windows: Sequence[Window], costs: Costs, *, seed: int, steps: int, tokens: int
) -> Result:
    from meloformer.tokens.annotate import TYPE_OF_KIND, TokenType
    from meloformer.tokens.vocabulary import vocabulary

    names = np.array([one.name.lower() for one in TokenType])
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
