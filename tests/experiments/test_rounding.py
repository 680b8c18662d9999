import json
import sys
from pathlib import Path

import pytest
import torch

from experiments import rounding
from experiments.rounding import KINDS, round_weights, to_int8
from meloformer import checkpoint
from meloformer.checkpoint import Card
from meloformer.tokens import vocabulary
from tests.evaluation.small_model import CONFIG, small_model


def test_int8_has_255_steps_a_row_and_keeps_the_largest_value() -> None:
    weight = torch.randn(5, 1000) * torch.tensor([[1e-3], [1.0], [50.0], [0.0], [1.0]])
    rounded = to_int8(weight)
    scale = weight.abs().amax(dim=1, keepdim=True) / 127
    assert ((rounded - weight).abs() <= scale * 0.5001).all()
    assert max(len(row.unique()) for row in rounded) <= 255
    torch.testing.assert_close(rounded.abs().amax(dim=1), weight.abs().amax(dim=1))
    assert torch.equal(to_int8(weight[0]), weight[0])  # a vector


def test_every_weight_is_rounded_where_it_is() -> None:
    for name, step in (("float16", 2**-11), ("bfloat16", 2**-8)):
        model, before = small_model(), small_model()
        round_weights(model, KINDS[name])
        for weight, exact in zip(model.parameters(), before.parameters(), strict=True):
            assert weight.dtype == torch.float32
            assert ((weight - exact).abs() <= step * exact.abs() + 1e-7).all()
        assert not torch.equal(model.embed_token.weight, before.embed_token.weight)


def test_the_change_is_that_of_the_same_pieces(
    shards_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    card = Card(
        name="small",
        model=CONFIG,
        vocabulary=vocabulary().fingerprint,
        context_tokens=256,
        steps=1,
        tokens_seen=2,
    )
    checkpoint.save(tmp_path, small_model(), card)
    words = ["rounding", str(tmp_path), str(shards_folder), "--whole", "--kinds", "bfloat16"]
    monkeypatch.setattr(sys, "argv", words)
    rounding.main()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    values = {line["name"].removeprefix("rounding/"): line["value"] for line in lines}
    assert values["float32/change_value"] == 0.0
    bits = values["bfloat16/bits_per_note"], values["float32/bits_per_note"]
    percent = 100 * (bits[0] / bits[1] - 1)
    assert values["bfloat16/change_value"] == pytest.approx(percent, abs=1e-3)
    assert values["bfloat16/change_low"] <= percent + 1e-3
