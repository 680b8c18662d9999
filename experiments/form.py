"""Form: how much bars repeat those before, with and without the curve of the piece itself.

    python -m experiments.form shards --prompts 12

Held-out songs are continued, freely and drawn to the similarity that the bars of the prompt have at
each of five distances. A JSON line for each prompt, then the tables as Markdown.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import meloformer as mf
from meloformer.cpu_workarounds import avoid_broken_amx
from meloformer.data.shards import open_shards
from meloformer.engine.candidate import Candidate
from meloformer.engine.composition import compose, finish
from meloformer.engine.constraints.own_similarity import own_similarity
from meloformer.engine.handles.handles import NO_HANDLES, Handles
from meloformer.engine.instrumentation import as_before
from meloformer.engine.request import ContinueRequest
from meloformer.evaluation.study.bars import bars_of
from meloformer.evaluation.study.excerpts import Excerpt, choose_excerpts
from meloformer.evaluation.study.harmony import scale_consistency
from meloformer.evaluation.study.similarity import longest_loop, notes_by_bar, similarity_curve
from meloformer.evaluation.study.texture import groove_consistency
from meloformer.score.score import Score
from meloformer.tokens import encode
from meloformer.tokens.bar_contents import bar_contents

SHOWN = (1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 24, 32)
LONGEST = SHOWN[-1]
SEED = 1


def main() -> None:
    """Continue songs and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shards", type=Path)
    parser.add_argument("--prompts", type=int, default=12)
    parser.add_argument("--bars", type=int, default=32, help="of the prompt, and as many again")
    parser.add_argument("--draw", type=int, default=0)
    asked = parser.parse_args()
    avoid_broken_amx()
    model = mf.load()
    shards = open_shards(asked.shards / "held_out")
    excerpts = choose_excerpts(
        shards, asked.prompts, prompt_bars=asked.bars, num_bars=asked.bars, draw=asked.draw
    )
    rows = []
    for excerpt in excerpts:
        rows.append(_row(model, excerpt))
        print(json.dumps(rows[-1]), flush=True)
    sys.stdout.write(tables(rows))


def _row(model: mf.Model, excerpt: Excerpt) -> dict[str, dict[str, object]]:
    encoding = encode(excerpt.prompt.score)
    before = bar_contents(encoding.ids, 0, int(encoding.stream_bars[-1]))
    written = {
        "free": _continued(model, excerpt, NO_HANDLES).score,
        "own curve": _continued(model, excerpt, Handles(own_repetition=True)).score,
        "true": excerpt.truth.score,
    }
    return {
        "prompt": {"targets": own_similarity(before)},
        **{name: _measures(excerpt, score) for name, score in written.items()},
    }


def _continued(model: mf.Model, excerpt: Excerpt, handles: Handles) -> Candidate:
    encoding = encode(excerpt.prompt.score)
    request = ContinueRequest(
        num_bars=len(excerpt.truth.chords),
        parts=as_before(encoding, encoding.num_bars),
        seed=SEED,
        handles=handles,
    )
    known = model.known_runs
    (candidate,) = finish(compose(model.network, model.card, encoding, request, known_runs=known))
    return candidate


def _measures(excerpt: Excerpt, score: Score) -> dict[str, object]:
    prompt, bars = bars_of(excerpt.prompt.score), bars_of(score)
    notes = [*notes_by_bar(prompt), *notes_by_bar(bars)]
    curve = similarity_curve(notes, first=prompt.num_bars)
    true_notes = sum(len(track.notes) for track in excerpt.truth.score.tracks)
    return {
        "curve": [None if np.isnan(one) else round(float(one), 4) for one in curve[:LONGEST]],
        "scale": scale_consistency(bars),
        "groove": groove_consistency(bars),
        "density": sum(len(track.notes) for track in score.tracks) / true_notes,
        "loop": longest_loop(notes, first=prompt.num_bars),
    }


def tables(rows: Sequence[dict[str, dict[str, object]]]) -> str:
    """Return the mean curves and measures of all prompts as Markdown."""
    names = ("true", "free", "own curve")
    lines = [f"| distance | {' | '.join(map(str, SHOWN))} |", "|---" * (len(SHOWN) + 1) + "|"]
    for name in names:
        curves = np.array([row[name]["curve"] for row in rows], dtype=np.float64)
        mean = np.nanmean(curves, axis=0)[np.array(SHOWN) - 1]
        lines.append(f"| {name} | {' | '.join(f'{one:.2f}' for one in mean)} |")
    lines += [
        "",
        "| | scale | groove | notes, by the true | longest loop |",
        "|---|---|---|---|---|",
    ]
    for name in names:
        means = [
            np.nanmean([float(str(row[name][of])) for row in rows])
            for of in ("scale", "groove", "density", "loop")
        ]
        lines.append(f"| {name} | {' | '.join(f'{one:.3f}' for one in means)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
