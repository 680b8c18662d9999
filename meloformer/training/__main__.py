"""`python -m meloformer.training --shards DIR --run DIR` trains a model."""

import logging
import sys
from dataclasses import replace

import tyro

from meloformer.data.config import SHARES
from meloformer.training.config import TrainConfig
from meloformer.training.trainer import train

if __name__ == "__main__":
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S", stream=sys.stdout
    )
    chosen = tyro.cli(TrainConfig)
    train(chosen if chosen.shares else replace(chosen, shares=SHARES))
