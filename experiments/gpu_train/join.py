"""Put the pieces that a training has left together.

python -m experiments.gpu_train.join DIR --out CHECKPOINT
"""

import argparse
import sys
from pathlib import Path

from experiments.gpu_train.pieces import join_pieces
from meloformer import checkpoint
from meloformer.errors import MeloFormerError


def main() -> None:
    """Join pieces, and check that they are a model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pieces", type=Path, help="folder with state.json and pieces")
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint")
    given = parser.parse_args()
    try:
        join_pieces(given.pieces, given.out)
        _, card = checkpoint.load(given.out)
    except MeloFormerError as error:
        sys.exit(str(error))
    print(f"{card.name}: {card.steps:,} steps, {card.tokens_seen:,} tokens")


if __name__ == "__main__":
    main()
