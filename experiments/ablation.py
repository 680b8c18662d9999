"""Ablations of the attention rule: the same training with one part changed.

    python -m experiments.ablation SHARDS --out FOLDER --steps 240 --seeds 0 1

The variants differ in their attention masks; all have the same weights at first and read the
same batches. `experiments/experiment.py` says how they are trained, measured and compared.
"""

from dataclasses import replace

from experiments import experiment
from experiments.experiment import MODEL, Variant
from meloformer.model.config import TYPE_RULES, ModelConfig, TokenType, TypeRule

REFERENCES = ("dense", "target_ll")

_T, _P, _L, _V = TokenType.ONSET, TokenType.PITCH, TokenType.DURATION, TokenType.VELOCITY
RULES: dict[str, TypeRule] = {
    **TYPE_RULES,
    # Durations from all that is known of other notes but how loud they are.
    "duration_from_all": ((_T, _P), (_T, _P, _L), (_V,), (_T, _P)),
    # Accents follow the beat, and onsets say where it is.
    "velocity_from_onset": ((_T, _P), (_L,), (_T, _V), (_T, _P)),
    # A velocity ends its note and has seen the whole of it: onsets from those alone, as in `spec`.
    "onset_from_velocity": ((_T, _P), (_L,), (_V,), (_V,)),
}
"""For a looking onset, pitch, duration and velocity, as in `ModelConfig.type_rule`."""

BASE = replace(MODEL, type_rule=TYPE_RULES["target_ll"])
"""The rule that shipped when these variants were compared; each differs from it in one thing."""
MODELS: dict[str, ModelConfig] = {
    "dense": replace(BASE, dense=True),
    "target_ll": BASE,
    "own_type": BASE,
    "onset_from_velocity": BASE,
    "no_summaries": replace(BASE, summaries=False),
    "none": BASE,
    "spec": BASE,
    "target": BASE,
    "offsets_to_16": replace(BASE, cross_offsets=(0, 1, 2, 4, 8, 16)),
    "offsets_0_1": replace(BASE, cross_offsets=(0, 1)),
    "duration_from_all": BASE,
    "velocity_from_onset": BASE,
}
VARIANTS = {
    name: Variant(model=replace(config, type_rule=RULES.get(name, config.type_rule)))
    for name, config in MODELS.items()
}


def main() -> None:
    experiment.run("ablation", __doc__.splitlines()[0], VARIANTS, REFERENCES)


if __name__ == "__main__":
    main()
