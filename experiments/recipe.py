"""Ablations of the training settings: the same training with one setting changed.

    python -m experiments.recipe SHARDS --out FOLDER --steps 240 --seeds 0

`own_type` is the trainer as it comes; it is the variant of that name in `experiments/ablation.py`,
so both can share a FOLDER. `experiments/experiment.py` says how variants are trained, measured and
compared. Held-out windows have 1,024 tokens whatever the length of the training rows, and a step
reads as many tokens in all variants.
"""

from dataclasses import replace

from experiments import experiment
from experiments.experiment import CONTEXT_TOKENS, MODEL, ROWS, Variant

REFERENCES = ("own_type",)
VARIANTS = {
    "own_type": Variant(),
    "double_muon_lr": Variant(settings={"muon_lr": 0.04}),
    "half_muon_lr": Variant(settings={"muon_lr": 0.01}),
    "no_transposition": Variant(settings={"transpose": False}),
    "fill": Variant(settings={"fill": 0.3}),
    "no_weight_decay": Variant(settings={"weight_decay": 0.0}),
    "no_part_dropout": Variant(settings={"part_dropout": 0.0}),
    "dropout": Variant(model=replace(MODEL, dropout=0.1)),
    "long_rows": Variant(settings={"context_tokens": 2 * CONTEXT_TOKENS, "rows": ROWS // 2}),
    "short_rows": Variant(settings={"context_tokens": CONTEXT_TOKENS // 2, "rows": 2 * ROWS}),
}


def main() -> None:
    experiment.run("recipe", __doc__.splitlines()[0], VARIANTS, REFERENCES)


if __name__ == "__main__":
    main()
