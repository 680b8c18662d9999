"""The hash by which weights are known, wherever they lie and whatever their card says."""

import hashlib
from weakref import WeakKeyDictionary

import torch

from meloformer.model.transformer import MeloFormer

_HASHES: "WeakKeyDictionary[MeloFormer, str]" = WeakKeyDictionary()
"""Of networks that were asked for: theirs do not change once they write music."""


def weights_hash(model: MeloFormer) -> str:
    """Return the SHA-256 of all weights with their names and shapes, in hex; found once a network.

    Args:
        model: In evaluation mode; its weights stay as they are from now on.
    """
    known = _HASHES.get(model)
    if known is None:
        known = _HASHES[model] = _hashed(model)
    return known


def _hashed(model: MeloFormer) -> str:
    content = hashlib.sha256()
    for name, value in sorted(model.state_dict().items()):
        content.update(f"{name} {value.dtype} {list(value.shape)}\n".encode())
        plain = value.detach().cpu().contiguous().flatten()
        content.update(plain.view(torch.uint8).numpy())
    return content.hexdigest()
