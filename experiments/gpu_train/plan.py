"""A plan: the question that a training is to answer, and all that it needs to be told.

A TOML file. `[train]` has settings of the trainer under their own names, `[shares]` the weight of
each document set, each `[[stages]]` the length of the rows for a share of the time.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from meloformer.errors import ConfigError
from meloformer.model.config import SIZES, ModelConfig
from meloformer.runs.config import TrainConfig

_ELSEWHERE = {"shards", "run", "name", "size", "base", "teacher", "minutes", "steps"} | {
    "context_tokens",
    "rows",
    "shares",
    "decay",
    "warmup_steps",
}
_TABLES = ("model", "train", "measure")
"""Of which a plan that is like another names only what differs."""
_USUAL = {"keep": 2, "evaluate_tokens": 0, "save_minutes": 2.0, "log_steps": 50}


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Rows of one length, for a share of the training time."""

    context_tokens: int
    rows: int
    share: float = 1.0


@dataclass(frozen=True, kw_only=True)
class MeasurePlan:
    """What is measured when the training is over."""

    minutes: float = 0.6
    """At most; what was read until then counts."""
    windows_per_document: int = 6
    infill: bool = True
    parts: bool = False
    """Whether to measure parts that are added, and that enter late."""
    also_context: int = 0
    """If above 0, windows of so many tokens are measured beside those of the longest rows."""
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Document sets that get a figure together, by a name for them."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A training and its measurement."""

    name: str
    """Of the model."""
    question: str
    minutes: float
    """Of training, from the first batch that is asked for; at most, if there are steps."""
    stages: tuple[Stage, ...]
    size: str = "small"
    model: Mapping[str, Any] = field(default_factory=dict)
    """Fields of `ModelConfig` in which the model differs from its size."""
    init: str = ""
    """Name of a checkpoint to go on from; empty: from scratch."""
    teacher: str = ""
    """Name of the plan whose weights teach; empty: none do."""
    steps: int = 0
    """If above 0, the training is over after so many, so that plans can be compared that take
    unequal time for them."""
    end_minutes: float = 9.5
    """After so many minutes of the process all is over, measuring too."""
    layout: bool = True
    """Whether rows are laid out for attention that skips blocks."""
    decay: float = 0.45
    """Last part of the training in which the learning rates fall to zero."""
    warmup_steps: int = 100
    train: Mapping[str, Any] = field(default_factory=dict)
    """Fields of `TrainConfig`."""
    shares: Mapping[str, float] = field(default_factory=dict)
    measure: MeasurePlan = field(default_factory=MeasurePlan)

    def __post_init__(self) -> None:
        if not self.stages or any(one.share <= 0 for one in self.stages):
            raise ConfigError("a plan has stages, each with a share of the time above zero")
        total = sum(one.share for one in self.stages)
        if self.stages[-1].share < self.decay * total - 1e-9:
            raise ConfigError(
                "the learning rates begin to fall before the last stage",
                hint="give the last stage a larger share, or the plan a smaller decay",
            )
        if not 0 < self.minutes < self.end_minutes - self.measure.minutes:
            raise ConfigError(
                f"{self.minutes} minutes of training and {self.measure.minutes} of measuring "
                f"do not fit into {self.end_minutes}"
            )
        if self.init and (self.model or self.size != Plan.size):
            raise ConfigError("a model that goes on from a checkpoint has the size of that")
        if odd := sorted(_ELSEWHERE & self.train.keys()):
            raise ConfigError(f"{', '.join(odd)} cannot be under [train]")
        self.architecture()
        self.settings(Path(), Path(), self.stages[0], minutes=1.0, rate=1.0, decay=0.0)

    def architecture(self) -> ModelConfig:
        """Return the model to be trained from scratch.

        Raises:
            ConfigError: There is no such size or field.
        """
        if self.size not in SIZES:
            raise ConfigError(f"there is no size {self.size}", hint=f"one of {', '.join(SIZES)}")
        if odd := sorted(self.model.keys() - {one.name for one in fields(ModelConfig)}):
            raise ConfigError(f"a model has no {', '.join(odd)}")
        return ModelConfig.from_json({**SIZES[self.size].to_json(), **self.model})

    def settings(
        self,
        shards: Path,
        run: Path,
        stage: Stage,
        *,
        minutes: float,
        rate: float,
        decay: float,
        base: Path | None = None,
        teacher: Path | None = None,
        steps: int = 0,
        seed: int = 0,
    ) -> TrainConfig:
        """Return the settings of a run of the trainer.

        Args:
            shards: What it is trained on.
            run: Its folder.
            stage: Rows.
            minutes: How long it takes.
            rate: Share of the plan's learning rates that it begins with.
            decay: Last part of the run in which they fall to zero.
            base: What it starts from.
            teacher: What it learns from, beside the music.
            steps: After which it is over, if above 0, whatever the time.
            seed: Added to the plan's: two runs of a plan read the music in different orders.

        Raises:
            ConfigError: `[train]` has a setting that the trainer does not have.
        """
        values = {**_USUAL, **self.train}
        config = TrainConfig.from_json(
            {
                "shards": str(shards),
                "run": str(run),
                "name": self.name,
                "size": self.size,
                "base": None if base is None else str(base),
                "teacher": None if teacher is None else str(teacher),
                "minutes": minutes,
                "steps": steps,
                "context_tokens": stage.context_tokens,
                "rows": stage.rows,
                "shares": dict(self.shares),
                "warmup_steps": self.warmup_steps,
                "decay": decay,
                **values,
            }
        )
        return replace(
            config,
            muon_lr=config.muon_lr * rate,
            adam_lr=config.adam_lr * rate,
            seed=config.seed + seed,
        )


def read_plan(path: Path) -> Plan:
    """Read a plan. One that is `like` another says in what it differs from that, beside it.

    Raises:
        ConfigError: A file is missing, no TOML, or says what no plan can say.
    """
    try:
        content = _read(path)
        measure = content.pop("measure", {})
        groups = {name: tuple(sets) for name, sets in measure.pop("groups", {}).items()}
        return Plan(
            stages=tuple(Stage(**one) for one in content.pop("stages", ())),
            measure=MeasurePlan(**measure, groups=groups),
            **content,
        )
    except (TypeError, AttributeError) as error:
        raise ConfigError(f"the plan {path} is not understood: {error}") from error


def _read(path: Path, above: tuple[Path, ...] = ()) -> dict[str, Any]:
    """Return what a plan says, with what it takes from the one that it is like."""
    if path in above:
        raise ConfigError(f"the plan {path} is like itself")
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"the plan {path} cannot be read: {error}") from error
    like = content.pop("like", None)
    if like is None:
        return content
    whole = _read(path.with_name(f"{like}.toml"), (*above, path))
    for name, value in content.items():
        is_table = name in _TABLES and isinstance(value, dict)
        whole[name] = whole.get(name, {}) | value if is_table else value
    return whole


def tiny(plan: Plan) -> Plan:
    """Return the same plan at a size that a CPU trains and measures in two minutes."""
    small = {"num_layers": 2, "dim": 64, "num_heads": 1, "num_kv_heads": 1, "ffn_dim": 128}
    quick = {"precision": "fp32", "workers": 0, "save_minutes": 0.1, "log_steps": 10}
    return replace(
        plan,
        minutes=min(plan.minutes, 0.5),
        steps=min(plan.steps, 40),
        end_minutes=1.9,
        model={} if plan.init else {**plan.model, **small},
        warmup_steps=5,
        stages=tuple(
            replace(one, rows=2, context_tokens=max(128, one.context_tokens // 16))
            for one in plan.stages
        ),
        train={**plan.train, **quick},
        measure=replace(
            plan.measure,
            minutes=0.2,
            windows_per_document=1,
            also_context=plan.measure.also_context // 16,
        ),
    )
