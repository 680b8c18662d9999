"""Presets: settings for music of one's own that need no changes. Loads without torch.

`python -m experiments.finetune` measures what they are worth.
"""

from pathlib import Path
from typing import Literal

from meloformer.checkpoint import read_card
from meloformer.runs.config import Method, TrainConfig

LORA_RANK = 32
CONTEXT_TOKENS = 2048
"""Of a new model: about twenty bars of a band, several whole tunes."""
FILL = 0.3
"""Share of the crops with open bars, so that a model learns to write bars again, or does not
forget it."""
_STEP_TOKENS = {"cpu": 4096, "cuda": 16384}
_TUNING_CONTEXT_TOKENS, _TUNING_STEP_TOKENS = 1024, 2048
"""Of fine-tuning on a CPU, where what long rows see of the past costs more than it teaches."""
_EVALUATIONS = 12
"""Times a run is measured: the best of so many checkpoints is found closely enough."""
_TUNING_EVALUATE_MINUTES, _TUNING_EVALUATE_GROWTH = 0.75, 0.15
"""Until fine-tuning is measured first, and by how much of its time it then waits longer: sixteen
tunes are known best after one or two readings, be the run ten minutes long or eight hours."""
_TUNING_EVALUATE_TOKENS = 16_384
"""Of held-out music, on a CPU; more would take a fifth of ten minutes."""
_SAVE_MINUTES = 3.0


def fine_tune(
    shards: Path,
    run: Path,
    base: Path,
    *,
    method: Method = "lora",
    minutes: float = 10.0,
    device: str = "cpu",
) -> TrainConfig:
    """Return settings that teach a trained model a style, from a handful of files on.

    A few files are learned by heart in the end, and other music of their style is then known less
    well again: what the run is worth is its best checkpoint, not its last. So it is measured early,
    and by the context of its base, whatever the length of the rows. Where there is less music than
    a batch holds, it is read several times, each time varied.

    Args:
        shards: What `prepare` made of the files.
        run: Folder of the run.
        base: Checkpoint to start from.
        method: "lora" or "full".
        minutes: How long.
        device: "cpu" or "cuda".

    Raises:
        CheckpointError: The base cannot be read.
    """
    card = read_card(base)
    context, step_tokens, evaluate_tokens = card.context_tokens, _STEP_TOKENS[device], 65_536
    if device == "cpu":
        context, step_tokens = min(context, _TUNING_CONTEXT_TOKENS), _TUNING_STEP_TOKENS
        evaluate_tokens = _TUNING_EVALUATE_TOKENS
    return TrainConfig(
        shards=shards,
        run=run,
        name=run.name,
        base=base,
        lora_rank=LORA_RANK if method == "lora" else 0,
        minutes=minutes,
        context_tokens=context,
        rows=max(1, step_tokens // context),
        precision=_precision(device),
        shares={},
        fill=FILL if card.infill else 0.0,
        muon_lr=1e-3,
        adam_lr=3e-4 if method == "lora" else 1e-4,
        weight_decay=0.0,
        warmup_steps=10,
        decay=0.6,
        ema=0.99,
        evaluate_minutes=min(_TUNING_EVALUATE_MINUTES, minutes / _EVALUATIONS),
        evaluate_growth=_TUNING_EVALUATE_GROWTH,
        evaluate_tokens=evaluate_tokens,
        save_minutes=_SAVE_MINUTES,
    )


def from_scratch(
    shards: Path,
    run: Path,
    *,
    size: str = "tiny",
    minutes: float = 60.0,
    device: str = "cpu",
) -> TrainConfig:
    """Return settings for a new model, which takes hundreds of files and an hour or more.

    Args:
        shards: What `prepare` made of the files.
        run: Folder of the run.
        size: Name of a size of the model.
        minutes: How long.
        device: "cpu" or "cuda".
    """
    return TrainConfig(
        shards=shards,
        run=run,
        name=run.name,
        size=size,
        minutes=minutes,
        context_tokens=CONTEXT_TOKENS,
        rows=2 * _STEP_TOKENS[device] // CONTEXT_TOKENS,
        precision=_precision(device),
        shares={},
        fill=FILL,
        evaluate_minutes=minutes / _EVALUATIONS,
        save_minutes=_SAVE_MINUTES,
    )


def _precision(device: str) -> Literal["fp32", "bf16"]:
    """Return the precision; BF16 is slower on processors without instructions for its matrices."""
    return "fp32" if device == "cpu" else "bf16"
