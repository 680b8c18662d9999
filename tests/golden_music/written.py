"""What the project makes of music, as hashes: ids, joined files, shards.

`python -m tests.golden_music.written` prints them as JSON. `golden.json` holds what they were
before the rooms were rebuilt, and changes only where the music is meant to change.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from meloformer import checkpoint
from meloformer.checkpoint import Card
from meloformer.corpus.config import PrepareConfig
from meloformer.corpus.prepare import prepare
from meloformer.engine.composition import compose
from meloformer.engine.export import continuation_alone, whole_piece
from meloformer.engine.piece import Piece
from meloformer.engine.request import ContinueRequest, RewriteRequest
from meloformer.model import KVCache, ModelConfig
from meloformer.model.inputs import Inputs
from meloformer.registry import default_checkpoint
from meloformer.tokens import vocabulary
from tests.golden_music.band_files import band_files

EXAMPLES = Path(__file__).parents[2] / "assets" / "examples"
SEEDS = (1, 77)
NUM_BARS = 3


class CountedLogits:
    """A stand-in for the model whose logits are whole numbers: the same on every machine."""

    def __init__(self) -> None:
        self.config = ModelConfig(
            vocab_size=vocabulary().size,
            num_layers=1,
            dim=8,
            num_heads=1,
            num_kv_heads=1,
            ffn_dim=8,
        )
        self._mix = np.random.default_rng(3).integers(1, 10_007, (4, vocabulary().size))

    def prefill(self, inputs: Inputs, max_tokens: int) -> tuple[KVCache, NDArray[np.float32]]:
        cache = KVCache(self.config, len(inputs.ids), max_tokens)
        cache.claim(inputs.ids.shape[1])
        fields = (inputs.ids, inputs.bar, inputs.onset, inputs.part)
        return cache, self._logits(np.stack([field[:, -1].numpy() for field in fields]))

    def next_logits(self, columns: NDArray[np.int64], cache: KVCache) -> NDArray[np.float32]:
        cache.claim(1)
        ids, _, bar, onset, part, *_ = columns
        return self._logits(np.stack([ids, bar, onset, part]))

    def _logits(self, fields: NDArray[np.int64]) -> NDArray[np.float32]:
        mixed = np.einsum("f...,fv->...v", fields + 2, self._mix) % 10_007
        return (mixed // 1250).astype(np.float32)


def stand_in() -> tuple[CountedLogits, Card]:
    """The stand-in, with a card that says it can fill in."""
    model = CountedLogits()
    card = Card(
        name="counted",
        model=model.config,
        vocabulary=vocabulary().fingerprint,
        context_tokens=1024,
        steps=0,
        tokens_seen=0,
        infill=True,
    )
    return model, card


def files() -> dict[str, bytes]:
    """The six examples and three made-up band files."""
    examples = {path.stem: path.read_bytes() for path in sorted(EXAMPLES.glob("*.mid"))}
    return examples | band_files()


def written(model, card, music: dict[str, bytes], seeds: tuple[int, ...] = SEEDS) -> dict[str, str]:
    """Hashes of everything that is made of some files by one model."""
    found = {}
    for name, data in music.items():
        piece = Piece.read(name, data)
        encoding = piece.encoding
        found[f"{name} ids"] = _sha(encoding.ids.tobytes())
        for seed in seeds:
            common = {"num_candidates": 2, "seed": seed}
            longer = ContinueRequest(num_bars=NUM_BARS, **common)
            found |= _made(f"{name} continued {seed}", model, card, piece, longer)
            earlier = ContinueRequest(
                num_bars=NUM_BARS, from_bar=encoding.num_bars // 2, chords=(3, 90), **common
            )
            found |= _made(f"{name} continued earlier {seed}", model, card, piece, earlier)
            again = RewriteRequest(first_bar=1, last_bar=3, **common)
            found |= _made(f"{name} rewritten {seed}", model, card, piece, again)
    return found


def _made(name, model, card, piece, request) -> dict[str, str]:
    made = {}
    for step in compose(model, card, piece.encoding, request):
        made[step.candidate] = step.so_far
    found = {}
    for index, candidate in made.items():
        whole = whole_piece(piece, request, candidate)
        found[f"{name} notes {index}"] = _sha(
            repr(
                [(track.program, track.notes.tolist()) for track in candidate.score.tracks]
            ).encode()
        )
        found[f"{name} whole {index}"] = _sha(whole)
        found[f"{name} alone {index}"] = _sha(continuation_alone(piece, request, candidate))
    return found


def shards(folder: Path) -> dict[str, str]:
    """Hashes of the shards of a folder with all the files."""
    music = folder / "music" / "set"
    music.mkdir(parents=True)
    for name, data in files().items():
        (music / f"{name}.mid").write_bytes(data)
    prepare(PrepareConfig(inputs=(folder / "music",), out=folder / "shards", workers=1))
    kept = sorted(
        path for path in (folder / "shards").rglob("*") if path.suffix in {".bin", ".npy"}
    )
    return {str(path.relative_to(folder)): _sha(path.read_bytes()) for path in kept}


def machine() -> str:
    """What a real model's last digits depend on."""
    return f"torch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}, {_processor()}"


def _processor() -> str:
    """Return name, family, model and stepping: a virtual machine's name alone says little."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return "unknown"
    facts = dict(
        reversed([[side.strip() for side in line.split(":", 1)] for line in lines if line])
    )
    told = (facts.get(name, "") for name in ("model name", "cpu family", "model", "stepping"))
    return " ".join(told).strip() or "unknown"


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


if __name__ == "__main__":
    import tempfile

    torch.set_num_threads(1)
    shipped = checkpoint.load(default_checkpoint())
    with tempfile.TemporaryDirectory() as folder:
        json.dump(
            {
                "stand-in": written(*stand_in(), files()),
                "shipped": {"machine": machine()}
                | written(*checkpoint.load(default_checkpoint()), files()),
                "shards": shards(Path(folder)),
            },
            sys.stdout,
            indent=1,
        )
