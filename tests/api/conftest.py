from dataclasses import replace
from pathlib import Path

import pytest

import meloformer as mf
from meloformer.checkpoint import Card
from meloformer.model import MeloFormer
from tests.engine.conftest import card, model

__all__ = ["card", "model"]

EXAMPLES = Path(__file__).parents[2] / "assets" / "examples"


@pytest.fixture(scope="session")
def untrained(model: MeloFormer, card: Card) -> mf.Model:
    """It writes nonsense, in whole bars, between others, too."""
    return mf.Model(model, replace(card, infill=True))


@pytest.fixture(scope="session")
def band() -> mf.Song:
    return mf.open(EXAMPLES / "band.mid")
