"""The effect of sampling settings on continuations: the settings behind the app's dial.

    python -m experiments.sampling SHARDS --out FILE --draw 2

Every setting continues the same prompts with the same seeds. `FILE` receives a line of JSON for
each, with a figure for each prompt; what is there already is not computed again. Reported are the
goals of the continuation study that need no second continuation over given chords, and by how much
each measure changes from that of the reference, prompt by prompt, so that what is peculiar to a
prompt cancels out.

Settings are chosen by draws that `meloformer evaluate --continuations` does not use unless told
to: see `ContinuationStudyConfig.draw`.
"""

import argparse
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import report
from meloformer.cpu_workarounds import avoid_broken_amx
from meloformer.engine.request import SamplingConfig
from meloformer.registry import default_checkpoint

AS_TRAINED = SamplingConfig()
"""The probabilities of the model, unchanged."""


def _end(temperature: float, min_p: float, open_ended_min_p: float) -> SamplingConfig:
    """Return what an end of the dial may be: one temperature, and two limits."""
    open_ended = SamplingConfig(temperature, min_p=open_ended_min_p)
    return SamplingConfig(temperature, min_p=min_p, chords=open_ended, onsets=open_ended)


def _but_chords_and_onsets(temperature: float, min_p: float) -> SamplingConfig:
    return SamplingConfig(temperature, min_p=min_p, chords=AS_TRAINED, onsets=AS_TRAINED)


REFERENCE = "uniform_0.9_0.05"
_REFERENCE = SamplingConfig(0.9, min_p=0.05)
SETTINGS: dict[str, SamplingConfig] = {
    # What the middle of the dial was before settings could differ by type.
    REFERENCE: _REFERENCE,
    "uniform_0.975_0.025": SamplingConfig(0.975, min_p=0.025),
    "uniform_1_0.05": SamplingConfig(1.0, min_p=0.05),
    "uniform_1_0.02": SamplingConfig(1.0, min_p=0.02),
    "as_trained": AS_TRAINED,
    "but_chords_0.9_0.05": replace(_REFERENCE, chords=AS_TRAINED),
    "but_onsets_0.9_0.05": replace(_REFERENCE, onsets=AS_TRAINED),
    "but_both_0.9_0.05": _but_chords_and_onsets(0.9, 0.05),
    "but_both_0.95_0.02": _but_chords_and_onsets(0.95, 0.02),
    "but_both_0.95_0.05": _but_chords_and_onsets(0.95, 0.05),
    "but_both_1_0.05": _but_chords_and_onsets(1.0, 0.05),
    "but_both_1_0.02": _but_chords_and_onsets(1.0, 0.02),
    # Chords without the least likely ones.
    "chords_0.02_but_onsets_1_0.05": replace(
        SamplingConfig(1.0, min_p=0.05), chords=SamplingConfig(min_p=0.02), onsets=AS_TRAINED
    ),
    "chords_0.05_but_onsets_0.95_0.05": replace(
        SamplingConfig(0.95, min_p=0.05), chords=SamplingConfig(min_p=0.05), onsets=AS_TRAINED
    ),
    "careful_0.95_0.1": _end(0.95, 0.1, 0.02),
    "careful_0.9_0.1_but": _end(0.9, 0.1, 0.02),
    "careful_0.9_0.1": _end(0.9, 0.1, 0.05),
    "careful_0.8_0.1": _end(0.8, 0.1, 0.05),
    "careful_0.7_0.2": _end(0.7, 0.2, 0.1),
    "wild_1.1_0.02": _end(1.1, 0.02, 0.0),
    "wild_1.1_0": _end(1.1, 0.0, 0.0),
    "wild_1.2_0.02": _end(1.2, 0.02, 0.0),
}
"""Temperature and min-p of all tokens, or of all but those that are drawn as trained."""
BARS = 8
"""Of a prompt, and of its continuation."""
NUM_GOALS = 5
"""The first goals; the others are about given chords and about the training set."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """One setting on all prompts: a line of the file."""

    setting: str
    sampling: dict[str, object]
    checkpoint: str
    draw: int
    prompts: int
    seeds: int
    goals: dict[str, float]
    truth: dict[str, float | None]
    """Measures of the true continuations: means."""
    measures: dict[str, list[float | None]]
    """Of what was written, by prompt; null is not a number."""

    @property
    def key(self) -> tuple[str, str, int, int, int]:
        """The settings that make it another measurement."""
        return self.setting, self.checkpoint, self.draw, self.prompts, self.seeds


def measure(
    setting: str, shards: Path, folder: Path, draw: int, prompts: int, seeds: int
) -> Result:
    """Continue all prompts with one setting."""
    from meloformer import checkpoint
    from meloformer.data.shards import open_shards
    from meloformer.engine.continuation_study import continuations
    from meloformer.evaluation.bootstrap import known_mean
    from meloformer.evaluation.study.acceptance import acceptance
    from meloformer.evaluation.study.excerpts import choose_excerpts
    from meloformer.evaluation.study.measured import MeasuredExcerpt
    from meloformer.evaluation.study.results import StudyResults

    model, card = checkpoint.load(folder)
    known_runs = checkpoint.load_known_runs(folder)
    sampling = SETTINGS[setting]
    measured = []
    excerpts = choose_excerpts(
        open_shards(shards / "held_out"), prompts, prompt_bars=BARS, num_bars=BARS, draw=draw
    )
    for index, excerpt in enumerate(excerpts):
        own = range(1 + index * seeds, 1 + (index + 1) * seeds)
        written = continuations(
            model, card, excerpt.prompt, BARS, own, sampling=sampling, known_runs=known_runs
        )
        measured.append(MeasuredExcerpt.of(excerpt, written, written[0]))
    study = StudyResults(tuple(measured), np.zeros((len(measured), seeds + 2), dtype=np.int64))
    tables = study.levels | study.distances
    tables |= {f"bar similarity at {d}": study.curves[:, :, d - 1] for d in (1, 2, 4, 8)}
    return Result(
        setting=setting,
        sampling=asdict(sampling),
        checkpoint=folder.name,
        draw=draw,
        prompts=len(measured),
        seeds=seeds,
        goals={goal.name: goal.measured.value for goal in acceptance(study)[:NUM_GOALS]},
        truth={name: _known(known_mean(table[:, 1])) for name, table in tables.items()},
        measures={name: [_known(one) for one in table[:, 0]] for name, table in tables.items()},
    )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def read_results(path: Path) -> list[Result]:
    """Read the results of earlier measurements."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [Result(**json.loads(line)) for line in lines]


def compare(results: Iterable[Result]) -> None:
    """Report the goals of every setting, and the change of each measure from the reference."""
    by_setting = {result.setting: result for result in results}
    for setting, result in by_setting.items():
        name = f"sampling/draw_{result.draw}/{setting}"
        for goal, value in result.goals.items():
            report(f"{name}/{goal}", value, "1")
        reference = by_setting.get(REFERENCE)
        if reference and setting != REFERENCE:
            _changes(name, result, reference)


def _mean_of(change: NDArray[np.float64], rows: NDArray[np.integer]) -> float:
    from meloformer.evaluation.bootstrap import known_mean

    return known_mean(change[rows])


def _changes(name: str, result: Result, reference: Result) -> None:
    from meloformer.evaluation.bootstrap import confidence_interval

    for measured, values in result.measures.items():
        change = np.array(values, dtype=np.float64) - np.array(
            reference.measures[measured], dtype=np.float64
        )
        found = confidence_interval(len(change), partial(_mean_of, change))
        for key, value in asdict(found).items():
            report(f"{name}/vs_{REFERENCE}/{measured}/{key}", value, "1")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shards", type=Path, help="folder made by `prepare`")
    parser.add_argument("--out", type=Path, required=True, help="file of results")
    parser.add_argument("--checkpoint", type=Path, default=default_checkpoint(), help="folder")
    parser.add_argument("--draw", type=int, default=2, help="which songs, from 0")
    parser.add_argument("--prompts", type=int, default=50)
    parser.add_argument("--seeds", type=int, default=2, help="continuations of each prompt")
    parser.add_argument("--only", nargs="+", choices=SETTINGS, default=list(SETTINGS))
    arguments = parser.parse_args()
    avoid_broken_amx()
    done = {one.key: one for one in read_results(arguments.out)}
    rest = (arguments.draw, arguments.prompts, arguments.seeds)
    chosen = []
    for setting in arguments.only:
        key = (setting, arguments.checkpoint.name, *rest)
        if key not in done:
            done[key] = measure(setting, arguments.shards, arguments.checkpoint, *rest)
            with arguments.out.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(done[key])) + "\n")
        chosen.append(done[key])
    compare(chosen)


if __name__ == "__main__":
    main()
