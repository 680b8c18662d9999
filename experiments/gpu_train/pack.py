"""Pack what a plan needs to be trained on a lent machine.

    python -m experiments.gpu_train.pack PLAN --shards SHARDS --out outputs/gpu
        [--init CHECKPOINT] [--begun DIR]

Prints the command to give there, in the root of this working tree.
"""

import argparse
import sys
from pathlib import Path

from experiments.gpu_train.packing import pack
from experiments.gpu_train.plan import read_plan
from meloformer.errors import MeloFormerError


def main() -> None:
    """Pack, and say how much travels and what to do with it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("plan", type=Path)
    parser.add_argument("--shards", type=Path, required=True, help="what `prepare` made")
    parser.add_argument("--out", type=Path, required=True, help="a folder that git ignores")
    parser.add_argument("--init", type=Path, help="checkpoint that the plan goes on from")
    parser.add_argument("--begun", type=Path, help="what an interrupted training has left")
    given = parser.parse_args()
    try:
        total = pack(
            read_plan(given.plan), given.shards, given.out, init=given.init, begun=given.begun
        )
    except MeloFormerError as error:
        sys.exit(str(error))
    print(f"{total / 1e6:.1f} MB travel: the working tree and {given.out}")
    command = f"python -m experiments.gpu_train {given.plan} --packed {given.out} --out $OUT"
    print(f"{command} && ls -l $OUT")


if __name__ == "__main__":
    main()
