"""MeloFormer continues a musician's music, bar by bar.

    import meloformer as mf

    song = mf.open("song.mid")
    takes = mf.continue_(song, bars=8, chords="Am F C G")
    takes[0].save("longer.mid")

docs/api.md says more. A name is loaded when it is first asked for, so that the import itself costs
nothing, and torch comes only with what needs it.
"""

from importlib import import_module

TYPE_CHECKING = False  # typing's own would be most of the time of this import
if TYPE_CHECKING:
    from meloformer.api.compose import continue_, rewrite
    from meloformer.api.corpus import prepare
    from meloformer.api.model import Model, load, models
    from meloformer.api.opening import compose
    from meloformer.api.song import Song, open
    from meloformer.api.take import Take
    from meloformer.api.tokens import decode, encode
    from meloformer.api.training import TrainingRun, fine_tune, train
    from meloformer.corpus.config import FilterConfig
    from meloformer.errors import MeloFormerError
    from meloformer.runs.config import TrainConfig
    from meloformer.tokens.text import from_text, to_text

__version__ = "0.1.0"

_MODULE_OF = {
    "FilterConfig": "corpus.config",
    "MeloFormerError": "errors",
    "Model": "api.model",
    "Song": "api.song",
    "Take": "api.take",
    "TrainConfig": "runs.config",
    "TrainingRun": "api.training",
    "compose": "api.opening",
    "continue_": "api.compose",
    "decode": "api.tokens",
    "encode": "api.tokens",
    "fine_tune": "api.training",
    "from_text": "tokens.text",
    "load": "api.model",
    "models": "api.model",
    "open": "api.song",
    "prepare": "api.corpus",
    "rewrite": "api.compose",
    "to_text": "tokens.text",
    "train": "api.training",
}

__all__ = [
    "FilterConfig",
    "MeloFormerError",
    "Model",
    "Song",
    "Take",
    "TrainConfig",
    "TrainingRun",
    "compose",
    "continue_",
    "decode",
    "encode",
    "fine_tune",
    "from_text",
    "load",
    "models",
    "open",
    "prepare",
    "rewrite",
    "to_text",
    "train",
]


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
