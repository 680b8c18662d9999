"""A listening test of tones, without a model."""

from pathlib import Path

import numpy as np

from meloformer.audio import Waveform, write_compressed
from meloformer.evaluation.listening.pairs import ListeningTest, Pair, write_test

SECONDS = 30.0
SEAM_S = 1.0
SETS = ("band", "folk", "folk")


def write_small_test(folder: Path) -> ListeningTest:
    """Write three pairs: the true ones sound an A, the written ones a C sharp."""
    folder.mkdir(parents=True, exist_ok=True)
    true, written = (f"{digit * 16}.mp3" for digit in "12")
    for name, hertz in ((true, 440.0), (written, 554.4)):
        wave = 0.1 * np.sin(2 * np.pi * hertz * np.arange(int(44_100 * SECONDS)) / 44_100)
        samples = np.repeat(wave.astype(np.float32)[:, None], 2, axis=1)
        write_compressed(folder / name, Waveform(samples, 44_100))
    pairs = tuple(
        Pair(f"{index:08x}", name, SEAM_S, true, written) for index, name in enumerate(SETS)
    )
    test = ListeningTest("small", "ab" * 8, pairs)
    write_test(folder, test)
    return test
