from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from meloformer.app.compose.actions import Actions
from meloformer.app.session import Session
from meloformer.app.session_store import SessionStore
from meloformer.app.state import AppState
from meloformer.audio import Waveform
from meloformer.checkpoint import Card
from meloformer.model import MeloFormer
from meloformer.model.config import SIZES
from meloformer.score import Score, Tempo, TimeSignature, Track, note_array, write_midi
from meloformer.tokens import vocabulary


class Silence:
    """A synthesizer that plays nothing, for as long as a piece could last."""

    sample_rate = 44_100

    def __init__(self):
        self.played = []

    def play(self, music, is_heard=None):
        self.played.append(music)
        return Waveform(np.zeros((4410, 2), np.float32), self.sample_rate)

    def play_stretch(self, timeline, start_ms, end_ms):
        return self.play(timeline.file)


@pytest.fixture(scope="session")
def model() -> MeloFormer:
    torch.manual_seed(0)
    config = replace(SIZES["tiny"], num_layers=1, dim=64, num_heads=1, num_kv_heads=1, ffn_dim=64)
    return MeloFormer(config).eval()


@pytest.fixture(scope="session")
def card(model) -> Card:
    return Card(
        name="untrained",
        model=model.config,
        vocabulary=vocabulary().fingerprint,
        context_tokens=512,
        steps=0,
        tokens_seen=0,
        infill=True,
    )


@pytest.fixture
def app_state(model, card, tmp_path) -> AppState:
    return AppState(model, card, Silence(), "", SessionStore(tmp_path / "files"))


@pytest.fixture
def actions(app_state, tmp_path) -> Actions:
    uploads = tmp_path / "files"
    uploads.mkdir(exist_ok=True)
    return Actions(app_state, uploads)


@pytest.fixture
def tune() -> bytes:
    """Four bars of piano over a bass, at 96, in 3/4."""
    piano = [(480 * beat, 400, 60 + beat % 5, 80) for beat in range(12)]
    bass = [(1440 * bar, 1400, 36 + bar, 70) for bar in range(4)]
    return write_midi(
        Score(
            480,
            (
                Track("Right hand", 0, False, note_array(piano)),
                Track("", 33, False, note_array(bass)),
            ),
            (Tempo(0, 96.0),),
            (TimeSignature(0, 3, 4),),
            1440 * 4,
        )
    )


@pytest.fixture
def session(actions, tune) -> Session:
    """A visitor's session with the tune on it."""
    session = actions.enter("")
    file = actions.uploads / "tune.mid"
    file.write_bytes(tune)
    actions.open_upload(session.name, str(file))
    return session


@pytest.fixture
def examples() -> Path:
    return Path(__file__).parents[2] / "assets" / "examples"
