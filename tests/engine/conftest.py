import pytest
import torch

from meloformer.checkpoint import Card
from meloformer.model import MeloFormer, ModelConfig
from meloformer.score import Score, Tempo, TimeSignature, Track, note_array
from meloformer.tokens import vocabulary


@pytest.fixture(scope="session")
def model() -> MeloFormer:
    """Two layers with weights large enough that every token matters."""
    config = ModelConfig(
        vocab_size=vocabulary().size, num_layers=2, dim=32, num_heads=2, num_kv_heads=1, ffn_dim=64
    )
    torch.manual_seed(0)
    model = MeloFormer(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 2:
                parameter.normal_(std=0.3)
    return model


@pytest.fixture(scope="session")
def card(model: MeloFormer) -> Card:
    return Card(
        name="test",
        model=model.config,
        vocabulary=vocabulary().fingerprint,
        context_tokens=256,
        steps=0,
        tokens_seen=0,
    )


@pytest.fixture(scope="session")
def score() -> Score:
    """Six bars of 3/4 for drums, bass and two pianos."""
    beats = range(0, 18 * 480, 480)
    tracks = (
        Track("Left hand", 0, False, note_array([(t, 480, 48 + t // 480, 60) for t in beats])),
        Track("Right hand", 0, False, note_array([(t, 240, 72, 90) for t in beats])),
        Track("Bass", 33, False, note_array([(t, 480, 36, 90) for t in beats if t % 1440 == 0])),
        Track("Kit", 0, True, note_array([(t, 60, 42, 90) for t in beats])),
    )
    return Score(480, tracks, (Tempo(0, 100.0),), (TimeSignature(0, 3, 4),), 18 * 480)
