"""Listening tests: continuations of held-out songs as sounds, beside the true ones.

Both sound under one tempo, that of the seam, as a model writes none; with the same instruments, as
loud as each other, and no note rings on beyond the last bar.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import token_hex

import numpy as np
from numpy.typing import NDArray

from meloformer import checkpoint
from meloformer.audio import COMPRESSED_SUFFIX, Synth, find_soundfont, write_compressed
from meloformer.data.shards import Shards, open_shards
from meloformer.engine.candidate import within_bars
from meloformer.engine.continuation_study import continuations
from meloformer.engine.handles.handles import Handles
from meloformer.engine.request import SamplingConfig
from meloformer.errors import ConfigError
from meloformer.evaluation.listening.pairs import (
    MAX_PAIRS,
    PAIRS,
    ListeningTest,
    Origin,
    Pair,
    write_test,
)
from meloformer.evaluation.study.excerpts import Excerpt, choose_excerpts
from meloformer.phrases import phrase
from meloformer.score.score import START, Score, Tempo, Track, note_array
from meloformer.tokens import crop, decode

HEARD_BARS = 4
"""Of the prompt, before the continuations."""
_NAME_BYTES = 8


@dataclass(frozen=True, kw_only=True)
class ListeningConfig:
    """Settings of a listening test."""

    checkpoint: Path
    shards: Path
    """Folder made by `prepare`."""
    soundfonts: Path
    """Folder of SoundFonts."""
    pairs: int = 12
    prompt_bars: int = 8
    """Bars that the model reads; the last `HEARD_BARS` are heard."""
    num_bars: int = 8
    """Bars of a continuation."""
    adventure: float = 0.5
    """How adventurous, from 0 to 1."""
    draw: int = 0
    """Which songs: no song of one draw is in another of as many pairs."""
    sets: tuple[str, ...] = ()
    """Only songs of these document sets; of all if empty."""

    def __post_init__(self) -> None:
        if not 1 <= self.pairs <= MAX_PAIRS or self.draw < 0:
            raise ConfigError(
                phrase(
                    "A listening test has 1 to {most:,} pairs, and a draw from 0.", most=MAX_PAIRS
                )
            )


def make_listening_test(
    config: ListeningConfig, folder: Path, on_progress: Callable[[int, int], None] | None = None
) -> ListeningTest:
    """Write the sounds of a listening test into a folder, and which is which.

    Args:
        config: What is to be heard.
        folder: Receives the test; it is a test when all sounds are there.
        on_progress: Told how many of how many pairs are done.

    Raises:
        MeloFormerError: Checkpoint, shards or FluidSynth cannot be used, or the disk is full.
    """
    if (folder / PAIRS).exists():
        raise ConfigError(
            phrase("`{name}` has a listening test already.", name=folder.name),
            hint="Choose another folder for this one.",
        )
    held_out = open_shards(config.shards / "held_out")
    model, card = checkpoint.load(config.checkpoint)
    known_runs = checkpoint.load_known_runs(config.checkpoint)
    excerpts = choose_excerpts(
        held_out,
        config.pairs,
        prompt_bars=config.prompt_bars,
        num_bars=config.num_bars,
        draw=config.draw,
        sets=config.sets,
    )
    synth = Synth(find_soundfont(config.soundfonts))
    folder.mkdir(parents=True, exist_ok=True)
    pairs = []
    for index, excerpt in enumerate(excerpts):
        (written,) = continuations(
            *(model, card, excerpt.prompt, config.num_bars, (1 + index,)),
            sampling=SamplingConfig.from_adventure(config.adventure),
            known_runs=known_runs,
            handles=Handles(own_repetition=True),
        )
        scores = {Origin.TRUE: excerpt.truth.score, Origin.WRITTEN: written.score}
        pairs.append(_pair(excerpt, _heard(held_out, excerpt), scores, synth, folder))
        if on_progress:
            on_progress(index + 1, len(excerpts))
    test = ListeningTest(config.checkpoint.name, token_hex(_NAME_BYTES), tuple(pairs))
    write_test(folder, test)
    return test


def joined_score(prompt: Score, continuation: Score) -> Score:
    """Return a prompt and what it goes on with as one piece, in the tempo that it has last.

    The k-th track of an instrument goes on with the k-th of the prompt.

    Args:
        prompt: Its notes may ring on over the seam.
        continuation: On the same grid.
    """
    notes: dict[tuple[int, bool, int], list[NDArray[np.int32]]] = {}
    for score, shift in ((prompt, 0), (within_bars(continuation), prompt.end_tick)):
        seen: dict[tuple[int, bool], int] = {}
        for track in score.tracks:
            instrument = (track.program, track.is_drum)
            seen[instrument] = seen.get(instrument, 0) + 1
            moved = track.notes.copy()
            moved[:, START] += shift
            notes.setdefault((*instrument, seen[instrument]), []).append(moved)
    tracks = tuple(
        Track("", program, is_drum, note_array(np.concatenate(rows)))
        for (program, is_drum, _), rows in notes.items()
    )
    return replace(
        prompt,
        tracks=tracks,
        tempos=(Tempo(0, prompt.tempos[-1].qpm),),
        time_signatures=prompt.time_signatures,
        end_tick=prompt.end_tick + continuation.end_tick,
    )


def _heard(shards: Shards, excerpt: Excerpt) -> Score:
    """Return the last bars of a prompt."""
    last = excerpt.first_bar + len(excerpt.prompt.chords)
    ids = np.asarray(shards.document(excerpt.document))
    return decode(crop(ids, max(last - HEARD_BARS, excerpt.first_bar), last))


def _pair(
    excerpt: Excerpt, heard: Score, scores: dict[Origin, Score], synth: Synth, folder: Path
) -> Pair:
    files: dict[Origin, str] = {}
    seam_s = 0.0
    for origin, score in scores.items():
        whole = joined_score(heard, score)
        seam_s = float(whole.seconds_at(heard.end_tick))
        files[origin] = f"{token_hex(_NAME_BYTES)}{COMPRESSED_SUFFIX}"
        write_compressed(folder / files[origin], synth.render(whole))
    return Pair(
        name=token_hex(_NAME_BYTES),
        document_set=excerpt.document_set,
        seam_s=seam_s,
        true=files[Origin.TRUE],
        written=files[Origin.WRITTEN],
    )
