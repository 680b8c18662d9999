from dataclasses import replace

import pytest


@pytest.fixture(scope="module")
def infilling_card(card):
    return replace(card, infill=True)
