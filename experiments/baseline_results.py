"""Results of `experiments.baselines`: one model a line, kept in a file, and compared."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import report
from meloformer.evaluation.bits_per_note import Costs

HID_MODELS = ("own_type", "dense")
OTHERS = ("dense", "remi", "3_gram", "5_gram", "5_gram_of_rows")
"""The models that each of them is compared with."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """One model, measured: a line of `results.jsonl`."""

    model: str
    seed: int
    steps: int
    """Seed and steps are 0 for n-grams."""
    tokens: int
    """That were predicted in training."""
    bits_per_note: float
    share: dict[str, float]
    """Bits per note that each kind of token contributes."""
    notes: int
    piece_bits: list[float]
    """Bits of each held-out piece."""

    @property
    def key(self) -> tuple[str, int, int]:
        """Model, seed and steps, which tell results apart."""
        return self.model, self.seed, self.steps


def result_of(
    model: str,
    costs: Costs,
    kinds: NDArray[np.str_],
    notes: int,
    *,
    seed: int = 0,
    steps: int = 0,
    tokens: int,
) -> Result:
    """Add up the bits of a model.

    Args:
        model: Its name.
        costs: Bits of the tokens of each piece.
        kinds: Of the tokens of all pieces.
        notes: Of all pieces.
        seed: Of the training.
        steps: Likewise.
        tokens: That were predicted in training.
    """
    bits = np.concatenate(costs)
    return Result(
        model=model,
        seed=seed,
        steps=steps,
        tokens=tokens,
        bits_per_note=float(bits.sum() / notes),
        share={str(one): float(bits[kinds == one].sum() / notes) for one in np.unique(kinds)},
        notes=notes,
        piece_bits=[float(cost.sum()) for cost in costs],
    )


def read_results(path: Path) -> list[Result]:
    """Read the results of earlier runs; none if there is no file."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [Result(**json.loads(line)) for line in lines]


def keep(path: Path, results: Iterable[Result]) -> None:
    """Append results to a file."""
    with path.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(asdict(result)) + "\n" for result in results)


def compare(results: Iterable[Result]) -> None:
    """Report every model, and both kinds of HID model against the others."""
    by_model: dict[str, dict[int, Result]] = {}
    for result in results:
        by_model.setdefault(result.model, {})[result.seed] = result
    for model, of_seed in by_model.items():
        name = f"baselines/{model}"
        values = [result.bits_per_note for result in of_seed.values()]
        report(f"{name}/bits_per_note", float(np.mean(values)), "bits/note")
        for kind in next(iter(of_seed.values())).share:
            mean = float(np.mean([result.share[kind] for result in of_seed.values()]))
            report(f"{name}/bits_per_note/{kind}", mean, "bits/note")
    for model in HID_MODELS:
        for other in OTHERS:
            if model != other:
                _compare(model, by_model.get(model, {}), other, by_model.get(other, {}))


def _compare(
    model: str, of_seed: dict[int, Result], other: str, other_of_seed: dict[int, Result]
) -> None:
    """Report by how many percent one model needs more bits than another, over common seeds."""
    from meloformer.evaluation.paired import change

    counted = [result for result in other_of_seed.values() if not result.steps]
    if counted:  # without luck: the same for every seed
        other_of_seed = dict.fromkeys(of_seed, counted[0])
    seeds = sorted(of_seed.keys() & other_of_seed.keys())
    if not seeds:
        return
    bits, reference = (
        np.array([one[seed].piece_bits for seed in seeds]) for one in (of_seed, other_of_seed)
    )
    name = f"baselines/{model}/vs_{other}"
    for key, value in asdict(change(bits.mean(axis=0), reference.mean(axis=0))).items():
        report(f"{name}/{key}", value, "%")
    for seed, own, others in zip(seeds, bits, reference, strict=True):
        report(f"{name}/seed_{seed}", change(own, others).value, "%")
