"""What handles do, and what they cost: asked, got, and the music's measures beside a free take.

    python -m experiments.handles assets/examples/band.mid assets/examples/piano.mid

Each handle continues each piece, or writes its last bars but one again, with the same seeds as the
free take that it is compared with. The table is printed as Markdown.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

import meloformer as mf
from meloformer.api.song import Song
from meloformer.api.take import Take
from meloformer.cpu_workarounds import avoid_broken_amx
from meloformer.engine.constraints.own_similarity import notes_of
from meloformer.engine.handles.lock_words import parse_lock
from meloformer.engine.handles.locked import old_bars
from meloformer.engine.handles.note_rates import bars_before, note_rates
from meloformer.engine.teacher_forcing import teacher_forced_logits
from meloformer.evaluation.study.bars import bars_of
from meloformer.evaluation.study.harmony import scale_consistency
from meloformer.evaluation.study.similarity import similarity
from meloformer.evaluation.study.texture import groove_consistency
from meloformer.score.scales import scale_of_key
from meloformer.tokens import Kind, annotate, crop, vocabulary
from meloformer.tokens.bar_contents import bar_contents
from meloformer.tokens.note_lines import part_lines

BARS = 4
SEEDS = 2
CONTEXT_BARS = 16
"""Bars that the model reads when it is asked how likely the last of them are."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One handle as it is asked for."""

    handle: str
    words: dict[str, Any]
    rewrites: bool = False


TRIALS = (
    Trial("free", {}),
    Trial("scale", {"scale": "key"}),
    Trial("range", {"range": "all=C3-C5"}),
    Trial("density", {"density": 0.7}),
    Trial("density", {"density": 1.5}),
    Trial("notes at once", {"notes_at_once": 1}),
    Trial("velocity", {"velocity": "40-90"}),
    Trial("rhythm grid", {"rhythm_grid": "eighths"}),
    Trial("rhythm grid", {"rhythm_grid": "swing"}),
    Trial("no own repetition", {"own_repetition": False}),
    Trial("likeness", {"likeness": 0.0}),
    Trial("likeness", {"likeness": 0.5}),
    Trial("likeness", {"likeness": 0.8}),
    Trial("likeness", {"likeness": 1.0}),
    Trial("ending", {"ending": True}),
    Trial("free", {}, rewrites=True),
    Trial("keep", {"keep": "rhythm"}, rewrites=True),
    Trial("keep", {"keep": "notes"}, rewrites=True),
    Trial("lock", {"lock": "melody"}, rewrites=True),
)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pieces", type=Path, nargs="+")
    avoid_broken_amx()
    model = mf.load()
    print("| piece | handle | asked | got | scale consistency | groove consistency | bits a note |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for path in parser.parse_args().pieces:
        song = mf.open(path)
        for trial in TRIALS:
            takes = _takes(song, trial, model)
            bars = [bars_of(take.candidate.score) for take in takes]
            costs = [float(np.mean([bits_per_note(model, song, take, trial) for take in takes]))]
            measures = [np.nanmean([of(one) for one in bars]) for of in MEASURES]
            numbers = " | ".join(f"{number:.2f}" for number in [*measures, *costs])
            asked = ", ".join(str(value) for value in trial.words.values()) or "nothing"
            name = f"{trial.handle}, bars again" if trial.rewrites else trial.handle
            print(
                f"| {song.name} | {name} | {asked} | {_got(song, trial, takes)} | {numbers} |",
                flush=True,
            )


MEASURES = (scale_consistency, groove_consistency)


def _takes(song: Song, trial: Trial, model: mf.Model) -> list[Take]:
    common = {"candidates": SEEDS, "seed": 1, "model": model, **trial.words}
    if trial.handle == "likeness":
        end = song.piece.last_number
        common["like"] = f"{end + 1}-{end + BARS}={end - BARS + 1}-{end}"
    if not trial.rewrites:
        return mf.continue_(song, BARS, **common)
    last = song.piece.last_number - 1
    return mf.rewrite(song, f"{last - BARS + 1}-{last}", **common)


def bits_per_note(model: mf.Model, song: Song, take: Take, trial: Trial) -> float:
    """Return what the new bars cost under the model, read in the order of the piece."""
    ids = take.song.encoding.ids
    num_bars = take.song.num_bars
    ids = crop(ids, max(num_bars - CONTEXT_BARS, 0), num_bars)[:-1]
    logits = teacher_forced_logits(model.network, ids)[:-1]
    bits = -torch.log_softmax(logits.double(), dim=-1).numpy() / np.log(2.0)
    cost = bits[np.arange(len(ids) - 1), ids[1:].astype(np.int64)]
    bar = annotate(ids).bar[1:]
    end = bar.max() + 1 - (1 if trial.rewrites else 0)
    inside = (bar >= end - BARS) & (bar < end)
    return float(cost[inside].sum() / np.sum(vocabulary().kind[ids[1:][inside]] == Kind.ONSET))


def _got(song: Song, trial: Trial, takes: Sequence[Take]) -> str:
    """Say what came, in the unit of what was asked for."""
    notes = np.concatenate([t.notes for take in takes for t in take.candidate.score.tracks])
    pitched = [
        track
        for take in takes
        for track in take.candidate.score.tracks
        if not track.is_drum and len(track.notes)
    ]
    pitches = np.concatenate([track.notes[:, 2] for track in pitched])
    match trial.handle:
        case "scale":
            scale = scale_of_key(song.score)
            share = np.isin(pitches % 12, list(scale.pitch_classes)).mean()
            return f"{share:.0%} in {scale.name}"
        case "range":
            return f"{pitches.min()} to {pitches.max()} (48 to 72)"
        case "density":
            return _densities(song, takes)
        case "notes at once":
            return str(max(np.unique(t.notes[:, 0], return_counts=True)[1].max() for t in pitched))
        case "velocity":
            return f"{notes[:, 3].min()} to {notes[:, 3].max()}"
        case "rhythm grid":
            return f"onsets at {sorted(np.unique(notes[:, 0] % 12).tolist())} of 12 ticks"
        case "no own repetition" | "likeness":
            return f"{_likeness(song, takes):.2f} of the notes as four bars before"
        case "ending":
            return ", ".join(" ".join(take.chords[-2:]) for take in takes)
        case "keep" | "lock":
            return _kept(song, trial, takes)
    return f"{len(notes) / len(takes) / BARS:.1f} notes a bar"


def _densities(song: Song, takes: Sequence[Take]) -> str:
    """Return the notes of all parts in bars they play in, by what would be as before."""
    encoding = song.encoding
    last = int(encoding.stream_bars[-1])
    rates = note_rates(encoding, encoding.parts, bars_before(last), last)
    found = []
    for part in encoding.parts:
        played = as_before = 0.0
        for take in takes:
            ids = take.song.encoding.ids
            ticks = annotate(ids).onset[vocabulary().kind[ids] == Kind.SUM]
            for bar, line in enumerate(part_lines(ids, last, last + BARS)):
                if part in line:
                    played += len(line[part].onset)
                    as_before += rates[part] * float(ticks[last + bar])
        if as_before:
            found.append(played / as_before)
    return f"{np.mean(found):.2f} ({min(found):.2f} to {max(found):.2f} by part)"


def _likeness(song: Song, takes: Sequence[Take]) -> float:
    """Return how similar new bars are to those four before."""
    seam = int(song.encoding.stream_bars[-1])
    found = []
    for take in takes:
        notes = [*map(notes_of, bar_contents(take.song.encoding.ids, seam - BARS, seam + BARS))]
        found += [similarity(notes[bar], notes[bar + BARS]) for bar in range(BARS)]
    return float(np.nanmean(found))


def _kept(song: Song, trial: Trial, takes: Sequence[Take]) -> str:
    first, last = (int(bar) for bar in song.encoding.stream_bars[[-2 - BARS, -2]])
    before = part_lines(song.encoding.ids, first, last)
    if trial.handle == "lock":
        bars = old_bars(song.encoding, song.piece.grid, song.num_bars - 1 - BARS, song.num_bars - 1)
        locked = parse_lock("melody", bars, song.piece.track_names)
        before = [
            {
                part: line if part in locked.whole else line[np.diff(line.onset, append=10**6) > 0]
                for part, line in bar.items()
                if part in locked.parts
            }
            for bar in before
        ]
    same = total = 0
    for take in takes:
        for old, new in zip(before, part_lines(take.song.encoding.ids, first, last), strict=True):
            for part, line in old.items():
                columns = _compared(trial, line), _compared(trial, new[part]) if part in new else []
                if trial.handle == "lock":
                    same += len(set(columns[0]) & set(columns[1]))
                else:
                    same += sum(a == b for a, b in zip(*columns, strict=False))
                total += len(columns[0])
    what = {"rhythm": "onsets and lengths", "notes": "pitches", "melody": "notes"}
    return f"{same / total:.0%} of the {what[next(iter(trial.words.values()))]} as they were"


def _compared(trial: Trial, line: Any) -> list[tuple[int, ...]]:
    columns = {
        "rhythm": (line.onset, line.duration_step),
        "notes": (line.pitch,),
        "melody": (line.onset, line.pitch),
    }[next(iter(trial.words.values()))]
    return list(zip(*(column.tolist() for column in columns), strict=True))


if __name__ == "__main__":
    main()
