"""Settings of a training run."""

from dataclasses import dataclass, field
from pathlib import Path

from meloformer.data.config import SHARES
from meloformer.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """What to train, on what, how long."""

    shards: Path
    """Folder made by `prepare`, with `train/` and `held_out/`."""
    run: Path
    """Folder that receives settings, state, metrics, log and checkpoints."""
    name: str = "meloformer"
    """Name on the card of its checkpoints."""
    size: str = "tiny"
    minutes: float = 60.0
    """Training time; the schedule follows it, so the learning rate is at its end in time."""
    steps: int = 0
    """If above 0, the run lasts so many steps instead, and repeats exactly."""
    context_tokens: int = 1024
    rows: int = 8
    """Rows of a batch."""
    shares: dict[str, float] = field(default_factory=lambda: dict(SHARES))
    """Weight of document sets, see `LoaderConfig`."""
    fill: float = 0.0
    """Share of the crops with bars left open to be filled in."""
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
    bf16: bool = False
    """Run the model in bfloat16 where autocast allows it."""
    seed: int = 0
    save_minutes: float = 3.0
    evaluate_minutes: float = 5.0
    evaluate_tokens: int = 65_536
    """Held-out tokens looked at during training; 0 for none."""
    log_steps: int = 10
    resume: bool = False
    """Go on from the last checkpoint of the run folder."""

    def __post_init__(self) -> None:
        if self.steps < 0 or (self.steps == 0 and self.minutes <= 0):
            raise ConfigError("a run needs a number of steps or of minutes above zero")
        if not 0 <= self.decay <= 1:
            raise ConfigError(f"decay is a share of the run from 0 to 1, not {self.decay}")
        if not 0 <= self.ema < 1:
            raise ConfigError(f"ema is at least 0 and below 1, not {self.ema}")
        if not 0 <= self.fill <= 1:
            raise ConfigError(f"fill is a share from 0 to 1, not {self.fill}")
        if self.workers < 0:
            raise ConfigError(f"workers is 0 or more, not {self.workers}")
