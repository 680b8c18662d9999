"""Training steps on a CUDA device: the kernel, laid out rows, both optimisers, each precision."""

from pathlib import Path

import pytest
import torch

from meloformer.data.columns import COLUMNS, NOT_SCORED
from meloformer.runs.config import TrainConfig
from meloformer.training.learner import Learner
from meloformer.training.parallel.distributed import DistributedContext
from tests.model.rows import laid_out
from tests.model.streams import random_stream, stack

pytestmark = pytest.mark.gpu
STEPS, LENGTH = 4, 1024


def losses(device: str, precision: str) -> list[float]:
    """Of steps on one batch, in the order of the stream on a CPU and laid out on a GPU."""
    config = TrainConfig(
        shards=Path(),
        run=Path(),
        steps=STEPS,
        rows=2,
        context_tokens=LENGTH,
        precision=precision,  # type: ignore[arg-type]  # one of its literals
    )
    learner = Learner(config, DistributedContext(0, 1, torch.device(device)))
    rows = stack(random_stream(0, LENGTH), random_stream(1, LENGTH, gaps=True))
    targets = rows.ids.roll(-1, dims=1)
    targets[:, -1] = NOT_SCORED
    if learner.layout is not None:
        rows = laid_out(rows._replace(onset=rows.onset + (targets << 20)))
        targets = rows.onset >> 20
        rows = rows._replace(onset=rows.onset & (1 << 20) - 1)
    fields = rows._asdict() | {"targets": targets}
    columns = torch.stack([fields[name] for name in COLUMNS])
    scored = int((targets != NOT_SCORED).sum())
    assert learner.model.compiles_blocks == (device == "cuda")
    found = []
    sent = learner.sender.send(columns)
    for step in range(STEPS):
        found.append(learner.train_step([sent], scored, step, 1.0))
        sent = learner.sender.send(columns)  # while the step is computed
    return [float(loss) for loss in found]


@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16"])
def test_a_step_teaches_what_it_teaches_on_a_cpu(precision: str) -> None:
    found = losses("cuda", precision)
    assert found[-1] < found[0]
    assert found == pytest.approx(losses("cpu", "fp32"), rel=0.05)
