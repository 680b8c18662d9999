"""The training form, and the settings of the run that it makes."""

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from meloformer.app.training.datasets import Dataset
from meloformer.errors import ConfigError
from meloformer.phrases import phrase
from meloformer.runs.config import PRECISIONS, TrainConfig
from meloformer.runs.devices import num_gpus
from meloformer.runs.presets import fine_tune, from_scratch
from meloformer.runs.workspace import validate_name

MAX_MINUTES = 60 * 24 * 14
LENGTHS = {"10 minutes": 10.0, "1 hour": 60.0, "8 hours": 480.0}


class Method(StrEnum):
    """The way to train on the music."""

    LIGHT = "light"
    FULL = "full"
    SCRATCH = "scratch"


METHODS = {
    Method.LIGHT: phrase("Fine-tune, light"),
    Method.FULL: phrase("Fine-tune, full"),
    Method.SCRATCH: phrase("From scratch"),
}
EXPLAINED = {
    Method.LIGHT: phrase(
        "The shipped model learns your style beside all it knows. Quick, and right for "
        "a handful of pieces (LoRA)."
    ),
    Method.FULL: phrase(
        "Every part of the shipped model bends to your music. For some fifty pieces "
        "and more; with few it learns them by heart."
    ),
    Method.SCRATCH: phrase(
        "A new model that has heard nothing but your music. It takes many hundred "
        "pieces and a long time."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSettings:
    """The training form. Its values come from a browser, so all of them are checked.

    A value that is empty, or 0, is the preset's.
    """

    dataset: str | None = None
    method: str = Method.LIGHT
    length: str = "10 minutes"
    name: str | None = ""
    minutes: float | None = None
    base: str | None = ""
    """Name of the model to fine-tune; empty for the one of the app."""
    size: str | None = None
    """Of a model from scratch."""
    context_tokens: float | None = None
    rows: float | None = None
    muon_lr: float | None = None
    adam_lr: float | None = None
    seed: float | None = None
    precision: str | None = None
    devices: float | None = None

    @property
    def is_from_scratch(self) -> bool:
        """Whether a new model is trained."""
        return self.method == Method.SCRATCH

    def config(self, dataset: Dataset, base: Path, workspace: Path) -> TrainConfig:
        """Return the settings of the run.

        Args:
            dataset: The music.
            base: The checkpoint to fine-tune.
            workspace: Where runs are.

        Raises:
            MeloFormerError: Something is out of range, or the name won't do.
        """
        if self.method not in list(Method):
            raise ConfigError(
                phrase(
                    "Music is not trained on by “{method}”.",
                    method=self.method,
                )
            )
        name = (self.name or "").strip() or self.suggested_name(dataset, workspace)
        run = workspace / validate_name(name)
        return replace(self._preset(dataset, base, run), **self._details())

    def suggested_name(self, dataset: Dataset, workspace: Path) -> str:
        """Return a name that is not taken, made of the music's name and the method."""
        name = f"{dataset.title[:40].strip()} {self.method}"
        names = [name, *(f"{name} {number}" for number in range(2, 1000))]
        return next((one for one in names if not (workspace / one).exists()), name)

    def _preset(self, dataset: Dataset, base: Path, run: Path) -> TrainConfig:
        minutes, device = self._minutes(), "cuda" if num_gpus() else "cpu"
        if self.is_from_scratch:
            size = self.size or "tiny"
            return from_scratch(dataset.shards, run, size=size, minutes=minutes, device=device)
        method: Literal["lora", "full"] = "lora" if self.method == Method.LIGHT else "full"
        return fine_tune(dataset.shards, run, base, method=method, minutes=minutes, device=device)

    def _minutes(self) -> float:
        if not self.minutes:
            return LENGTHS.get(self.length, 10.0)
        if not 0 < self.minutes <= MAX_MINUTES:
            raise ConfigError(
                phrase(
                    "A training lasts up to {max_minutes:,} minutes, not {minutes:g}.",
                    max_minutes=MAX_MINUTES,
                    minutes=self.minutes,
                )
            )
        return float(self.minutes)

    def _details(self) -> dict[str, Any]:
        """Return the settings that were made by hand."""
        given: dict[str, Any] = {}
        for name, lowest, highest in _WHOLE:
            value = getattr(self, name)
            if value:
                given[name] = _whole(name, value, lowest, highest)
        for name in ("muon_lr", "adam_lr"):
            value = getattr(self, name)
            if value and not 0 < value <= 1:
                raise ConfigError(
                    phrase(
                        "A learning rate is above 0 and at most 1, not {value:g}.",
                        value=value,
                    )
                )
            if value:
                given[name] = float(value)
        if self.precision:
            if self.precision not in PRECISIONS:
                raise ConfigError(
                    phrase(
                        "There is no precision {precision}.",
                        precision=self.precision,
                    )
                )
            given["precision"] = self.precision
        return given


_WHOLE = (
    ("context_tokens", 64, 65_536),
    ("rows", 1, 1024),
    ("seed", 0, 2**31 - 1),
    ("devices", 0, 64),
)


def _whole(name: str, value: float, lowest: int, highest: int) -> int:
    if not (lowest <= value <= highest and value == int(value)):
        words = name.replace("_", " ")
        raise ConfigError(
            phrase(
                "{capitalize} must be a whole number from {lowest:,} to "
                "{highest:,}, not {value:g}.",
                capitalize=words.capitalize(),
                lowest=lowest,
                highest=highest,
                value=value,
            )
        )
    return int(value)
