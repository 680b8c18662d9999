"""The model: integers in, logits out. It knows nothing of music.

Names are loaded when first asked for, so that the torch-free `ModelConfig` stays torch-free.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from meloformer.model.attention.rule import dense_mask
    from meloformer.model.config import SIZES, TYPE_RULES, ModelConfig, TokenType
    from meloformer.model.inputs import Inputs
    from meloformer.model.kv_cache import KVCache
    from meloformer.model.transformer import DecodingCache, MeloFormer

__all__ = [
    "SIZES",
    "TYPE_RULES",
    "DecodingCache",
    "Inputs",
    "KVCache",
    "MeloFormer",
    "ModelConfig",
    "TokenType",
    "dense_mask",
]

_FILE_OF = {
    "SIZES": "config",
    "TYPE_RULES": "config",
    "ModelConfig": "config",
    "TokenType": "config",
    "DecodingCache": "transformer",
    "Inputs": "inputs",
    "KVCache": "kv_cache",
    "MeloFormer": "transformer",
    "dense_mask": "attention.rule",
}


def __getattr__(name: str) -> object:
    if name not in _FILE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_FILE_OF[name]}"), name)
