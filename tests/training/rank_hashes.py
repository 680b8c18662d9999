"""The worker, and then what the weights of this rank are: rank-0.txt and so on in the run."""

import hashlib
import sys
from pathlib import Path

from meloformer.runs.workspace import Run
from meloformer.training.parallel.distributed import join_processes
from meloformer.training.trainer import Trainer


def main() -> int:
    run = Run(Path(sys.argv[1]))
    (run.folder / "checkpoints").mkdir(exist_ok=True)
    with join_processes(60) as context:
        trainer = Trainer(run.config(), context)
        trainer.run()
        parameters = trainer.learner.model.parameters()
        digest = hashlib.sha256(b"".join(one.detach().numpy().tobytes() for one in parameters))
        (run.folder / f"rank-{context.rank}.txt").write_text(digest.hexdigest())
    return 0
