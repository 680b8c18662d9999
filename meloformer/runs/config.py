"""Settings of a training run."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_origin

from meloformer.data.config import GAP_BARS, SHARES
from meloformer.errors import ConfigError

PRECISIONS = ("fp32", "bf16", "fp16")
Method = Literal["lora", "full"]
"""How a trained model learns a style: beside its weights, or with all of them."""
_LOWEST = {
    "rows": 1,
    "accumulate": 1,
    "gap_bars": 1,
    "devices": 0,
    "lora_rank": 0,
    "workers": 0,
    "save_minutes": 0,
    "evaluate_minutes": 0,
    "evaluate_steps": 0,
    "evaluate_growth": 0,
    "keep": 1,
    "log_steps": 1,
    "warmup_steps": 0,
    "clip": 1e-6,
    "timeout_s": 1,
}
_SHARES = (
    "decay",
    "fill",
    "near_gaps",
    "open_part",
    "late_part",
    "part_dropout",
    "teacher_share",
)


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """Settings of one training run."""

    shards: Path
    """Folder made by `prepare`, with `train/` and `held_out/`."""
    run: Path
    """Folder that receives settings, state, metrics, log and checkpoints. If it holds a checkpoint
    already, the run goes on from it."""
    name: str = "meloformer"
    """Name on the card of its checkpoints."""
    size: str = "tiny"
    base: Path | None = None
    """Checkpoint to start from, whose size then counts; by default from scratch."""
    teacher: Path | None = None
    """Checkpoint that the run learns from beside the music: what it holds probable next."""
    teacher_share: float = 0.5
    """Share of the loss that the teacher says; 0 is training without one."""
    lora_rank: int = 0
    """If above 0, only low-rank matrices of this rank are trained, beside the base's own."""
    minutes: float = 60.0
    """Training time; the schedule follows it, so the learning rate is at its end in time."""
    steps: int = 0
    """If above 0, the run lasts so many steps instead, and repeats exactly."""
    context_tokens: int = 1024
    rows: int = 8
    """Rows that one process reads at once."""
    accumulate: int = 1
    """A step adds up the gradients of so many batches, which costs time instead of memory."""
    devices: int = 0
    """Processes of this machine; 0 is one for each GPU, or one on the CPU."""
    fsdp: bool = False
    """Split weights, gradients and optimiser over the processes, for a model that fits no device
    alone. AdamW then trains the matrices too, with `adam_lr`."""
    precision: Literal["fp32", "bf16", "fp16"] = "fp32"
    """What autocast computes in; fp16 is for GPUs without bf16."""
    checkpoint_attention: bool = False
    """Compute attention again in the backward pass instead of keeping what it computed."""
    checkpoint_ffn: bool = False
    """Likewise the feed-forward layers."""
    shares: dict[str, float] = field(default_factory=lambda: dict(SHARES))
    """Weight of document sets, see `LoaderConfig`."""
    fill: float = 0.0
    """Share of the crops with bars left open to be filled in."""
    gap_bars: int = GAP_BARS
    """Longest range of bars that is left open."""
    near_gaps: float = 0.0
    """Share of these crops that are cut into several, with few bars on either side of each gap."""
    open_part: float = 0.0
    """Share of these crops that leave one part open to their end, to be added to the others."""
    late_part: float = 0.0
    """Share of the crops of several parts in which one of them enters late."""
    transpose: bool = True
    """Whether music is read in other keys too; drums never move. Off for what lives in its own
    key, such as one instrument's open strings."""
    part_dropout: float = 0.1
    """Share of the crops of several parts that lose one of them."""
    workers: int = 0
    """Processes that make batches ahead; 0 makes each when it is needed."""
    muon_lr: float = 0.02
    """Peak learning rate of the matrices."""
    adam_lr: float = 3e-3
    """Peak learning rate of embeddings and norms."""
    weight_decay: float = 0.1
    """Of the matrices."""
    warmup_steps: int = 50
    decay: float = 0.45
    """Last part of the run in which the learning rates fall linearly to zero."""
    clip: float = 1.0
    """Largest norm of the gradient."""
    ema: float = 0.999
    """Decay of the averaged weights, which are what is evaluated and shipped."""
    seed: int = 0
    save_minutes: float = 3.0
    keep: int = 3
    """How many of the latest checkpoints are kept, beside the best."""
    evaluate_minutes: float = 5.0
    evaluate_growth: float = 0.0
    """By what share of its time so far a run waits longer for the next evaluation: a few files are
    learned by heart soon, and the best checkpoint of a long run may be an early one."""
    evaluate_steps: int = 0
    """If above 0, held-out music is looked at every so many steps instead."""
    evaluate_tokens: int = 65_536
    """Held-out tokens looked at during training; 0 for none."""
    log_steps: int = 10
    timeout_s: float = 180.0
    """How long a process waits for another before it gives the run up: longer than a checkpoint
    takes to write, short enough to notice a machine that is gone."""

    def __post_init__(self) -> None:
        if self.steps < 0 or not (self.steps or self.minutes > 0):
            raise ConfigError("a run needs a number of steps or of minutes above zero")
        if self.precision not in PRECISIONS:
            raise ConfigError(f"precision is one of {', '.join(PRECISIONS)}, not {self.precision}")
        for name, lowest in _LOWEST.items():
            if not getattr(self, name) >= lowest:  # which nan is not either
                raise ConfigError(f"{name} is {lowest} or more, not {getattr(self, name)}")
        for name in _SHARES:
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(f"{name} is a share from 0 to 1, not {getattr(self, name)}")
        if not 0 <= self.ema < 1:
            raise ConfigError(f"ema is at least 0 and below 1, not {self.ema}")
        self._check_together()

    def _check_together(self) -> None:
        """Refuse settings that exclude each other."""
        if self.lora_rank and self.base is None:
            raise ConfigError(
                "LoRA changes a trained model, and there is none to start from",
                hint="choose a model to start from, or train all weights",
            )
        if self.fsdp and (self.lora_rank or self.precision == "fp16"):
            raise ConfigError(
                "fsdp goes neither with LoRA nor with fp16", hint="use bf16 and train all weights"
            )

    def to_json(self) -> dict[str, object]:
        """Return the settings as plain values; paths become strings."""
        return {
            name: str(value) if isinstance(value, Path) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, values: object) -> "TrainConfig":
        """Read what `to_json` gave. What is missing has its default.

        Raises:
            ConfigError: A setting is unknown, of the wrong type, or out of range.
        """
        if not isinstance(values, Mapping):
            raise ConfigError("the settings of a run are a JSON object")
        types = {one.name: one.type for one in fields(cls)}
        if unknown := sorted(str(name) for name in values.keys() - types.keys()):
            raise ConfigError(f"a run has no setting named {', '.join(unknown)}")
        if missing := sorted({"shards", "run"} - values.keys()):
            raise ConfigError(f"the settings of a run lack {', '.join(missing)}")
        return cls(**{name: _read(name, types[name], value) for name, value in values.items()})


def _read(name: str, kind: object, value: object) -> Any:
    """Return the value of one setting, from JSON."""
    if kind == Path | None and value is None:
        return None
    if kind in (Path, Path | None) and isinstance(value, str):
        return Path(value)
    if kind is float and type(value) in (int, float):
        return float(value)  # type: ignore[arg-type]  # a number
    if kind == dict[str, float] and isinstance(value, dict):
        return {one: _read(f"{name} of {one}", float, share) for one, share in value.items()}
    if type(value) is (str if get_origin(kind) is Literal else kind):
        return value
    raise ConfigError(f"the setting {name} cannot be {value!r}")
