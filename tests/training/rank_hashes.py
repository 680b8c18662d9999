"""The worker, and then what the weights of this rank are: rank-0.txt and so on in the run."""

import hashlib
import sys
from pathlib import Path

from meloformer.training.distributed import join_team
from meloformer.training.runs import Run
from meloformer.training.trainer import Trainer

if __name__ == "__main__":
    run = Run(Path(sys.argv[1]))
    with join_team(60) as team:
        trainer = Trainer(run.config(), team)
        trainer.run()
        parameters = trainer.learner.model.parameters()
        digest = hashlib.sha256(b"".join(one.detach().numpy().tobytes() for one in parameters))
        (run.folder / f"rank-{team.rank}.txt").write_text(digest.hexdigest())
