"""Train a plan where it is lent: with PyTorch, NumPy and safetensors alone.

    python -m experiments.gpu_train PLAN --out DIR [--packed FOLDER] [--teacher DIR] [--tiny]

`python -m experiments.gpu_train.pack` makes FOLDER. DIR receives the newest weights in pieces every
few minutes; if it has some of the plan, the training goes on from them. `experiments/plans/` has
plans; docs/training.md says how they are run. `--tiny` does the same in two minutes on a CPU.
"""

import argparse
import logging
import sys
import tempfile
from pathlib import Path

from meloformer.cpu_workarounds import avoid_broken_amx
from meloformer.errors import MeloFormerError


def main() -> None:
    """Train as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("plan", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="receives weights, report and log")
    parser.add_argument("--packed", type=Path, default=Path("outputs/gpu"), help="what travelled")
    parser.add_argument("--teacher", type=Path, help="DIR of the plan whose weights teach")
    parser.add_argument("--work", type=Path, help="for what need not come back")
    parser.add_argument("--tiny", action="store_true", help="a model that a CPU trains")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    import torch

    if not torch.cuda.is_available():  # finding out takes as long as importing torch
        avoid_broken_amx()
    from experiments.gpu_train.plan import read_plan, tiny
    from experiments.gpu_train.training import Place, train_plan

    try:
        plan = read_plan(given.plan)
        plan = tiny(plan) if given.tiny else plan
        with tempfile.TemporaryDirectory(prefix="gpu_train-") as folder:
            work = given.work or Path(folder)
            train_plan(plan, Place(given.packed, work, given.out, given.teacher))
    except MeloFormerError as error:
        sys.exit(str(error))
    print((given.out / "log.md").read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
