"""What the model writes from nothing: one JSON line an ensemble.

    python -m experiments.openings

Four openings of 16 bars of each ensemble, as they are and without one of three constraints: the
share of bars in which a part begins fewer notes than the sparsest tenth of such parts in held-out
music, the share of openings whose notes fit the key asked for better than any other, how many
chords an opening has, how many of its bars have the chord of the bar before, the longest stretch
of bars on one root, and the share of bars in which the drums roll.
"""

import json
from dataclasses import replace
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

import meloformer as mf
from meloformer.engine.constraints import ComesHome, FewestNotes, NoRolls
from meloformer.engine.constraints.rolls import is_roll
from meloformer.engine.ensembles import ENSEMBLES
from meloformer.engine.generate import Generation, prefill
from meloformer.engine.handles.handles import Handles
from meloformer.engine.opening_words import parse_opening
from meloformer.engine.request import ContinueRequest, PartRequest, Presence
from meloformer.engine.stream import Stream
from meloformer.engine.tasks import task_of
from meloformer.score.chords import chord_pitch_classes
from meloformer.score.grid import TICKS_PER_QUARTER
from meloformer.score.key import KEY_NAMES, estimate_key
from meloformer.score.part import DRUM_PROGRAM, Part
from meloformer.score.scales import parse_scale
from meloformer.score.score import START
from meloformer.score.sparseness import sparsest_rate
from meloformer.tokens import Kind, decode, vocabulary
from meloformer.tokens.bar_contents import bar_contents

BARS, CANDIDATES, SEED = 16, 4, 1
DRUMS = Part(DRUM_PROGRAM)


def main() -> None:
    """Print what was measured."""
    model = mf.load()
    for ensemble in ENSEMBLES:
        opening = parse_opening(ensemble.parts, usual=ensemble)
        encoding = opening.piece().encoding
        request = ContinueRequest(
            num_bars=BARS,
            parts=tuple(PartRequest(part, Presence.ALWAYS) for part in opening.parts),
            handles=Handles(scale=opening.scale),
            num_candidates=CANDIDATES,
            seed=SEED,
        )
        task = task_of(encoding, request)
        plan = task.plan()
        for left_out in ((), (ComesHome,), (FewestNotes,), (NoRolls,)):
            further = tuple(one for one in plan.further if not isinstance(one, left_out))
            own = replace(plan, further=further)
            window = task.window(model.card)
            prompt = prefill(model.network, Stream(window), model.card.context_tokens)
            generation = Generation(
                model.network, prompt, plan=own, sampling=request.sampling, seeds=request.seeds
            )
            for _ in generation.run():
                pass
            scores = [decode(task.new_bars(one.ids, window)) for one in generation.streams]
            bar_ticks = scores[0].end_tick // BARS
            thin: list[bool] = []
            for score in scores:
                for part in opening.parts:
                    own_tracks = [
                        t for t in score.tracks
                        if t.is_drum == part.is_drum and (part.is_drum or t.program == part.program)
                    ]  # fmt: skip
                    track = own_tracks[min(part.instance, len(own_tracks)) - 1]
                    counts = np.bincount(track.notes[:, START] // bar_ticks, minlength=BARS)
                    fewest = sparsest_rate(part) * bar_ticks / TICKS_PER_QUARTER
                    thin += (counts < fewest - 0.5).tolist()
            chords = [chords_of(stream.ids) for stream in generation.streams]
            keys = [estimate_key(score) for score in scores]
            asked = key_name(ensemble.key)
            print(
                json.dumps(
                    {
                        "ensemble": str(ensemble.name),
                        "without": [one.__name__ for one in left_out],
                        "thin": round(float(np.mean(thin)), 3),
                        "in_key": keys.count(asked) / len(keys),
                        "chords": float(np.mean([len(set(own)) for own in chords])),
                        "repeated": float(np.mean([repeats(own) for own in chords])),
                        "rolls": rolls([stream.ids for stream in generation.streams]),
                        "on_one_root": float(np.mean([longest_on_one_root(own) for own in chords])),
                    }
                ),
                flush=True,
            )


def key_name(text: str) -> str:
    """Return a scale as one of `KEY_NAMES`."""
    scale = parse_scale(text)
    return KEY_NAMES[scale.tonic + (12 if scale.mode == "minor" else 0)]


def chords_of(ids: NDArray[np.uint16]) -> list[int]:
    """Return the chord of each bar."""
    vocab = vocabulary()
    found: list[int] = vocab.value[ids[vocab.kind[ids] == Kind.CHORD]].tolist()
    return found


def rolls(streams: list[NDArray[np.uint16]]) -> float | None:
    """Return the share of bars in which the drums roll; `None` without drums."""
    bars = [bar.notes for ids in streams for bar in bar_contents(ids, 0, BARS)]
    drums = [bar[DRUMS.number] for bar in bars if DRUMS.number in bar]
    return round(sum(map(is_roll, drums)) / len(drums), 3) if drums else None


def longest_on_one_root(chords: list[int]) -> int:
    """Return the most bars in a row whose chords have one root, whatever stands on it."""
    roots = [next(iter(chord_pitch_classes(chord)), None) for chord in chords]
    return max(sum(1 for _ in bars) for _, bars in groupby(roots))


def repeats(chords: list[int]) -> int:
    """Count the bars that have the chord of the bar before."""
    return sum(one == before for before, one in pairwise(chords))


if __name__ == "__main__":
    main()
