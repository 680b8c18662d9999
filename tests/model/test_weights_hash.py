from dataclasses import replace

import torch

from meloformer.model import MeloFormer
from meloformer.model.config import SIZES
from meloformer.model.weights_hash import weights_hash

CONFIG = replace(SIZES["tiny"], num_layers=1, dim=64, num_heads=1, num_kv_heads=1, ffn_dim=64)


def test_equal_weights_have_one_hash_and_others_another():
    one, same, other = (MeloFormer(CONFIG).eval() for _ in range(3))
    same.load_state_dict(one.state_dict())
    other.load_state_dict(one.state_dict())
    with torch.no_grad():
        next(other.parameters()).view(-1)[0] += 1
    assert weights_hash(one) == weights_hash(same) != weights_hash(other)
    assert len(weights_hash(one)) == 64
    assert weights_hash(one) is weights_hash(one)
