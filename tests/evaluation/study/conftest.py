from pathlib import Path

import pytest

from meloformer.data.shards import Shards, open_shards
from meloformer.evaluation import bootstrap
from meloformer.evaluation.study.results import StudyResults
from tests.evaluation.study.small_studies import clairvoyant_study, one_note_study


@pytest.fixture(scope="session")
def shards(shards_folder: Path) -> Shards:
    return open_shards(shards_folder / "train")


@pytest.fixture(scope="session")
def clairvoyant(shards: Shards) -> StudyResults:
    """Every continuation is the true one."""
    return clairvoyant_study(shards)


@pytest.fixture(scope="session")
def one_note(shards: Shards) -> StudyResults:
    """Every continuation is one note."""
    return one_note_study(shards)


@pytest.fixture(autouse=True)
def _few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Intervals are tested in test_bootstrap.py; here a hundred samples do."""
    monkeypatch.setattr(bootstrap, "RESAMPLES", 100)
