"""The verb `describe`: what a MIDI file holds, and how bars of it were made."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

import meloformer as mf
from meloformer.cli.output import show

if TYPE_CHECKING:
    from meloformer.engine.recipe import Recipe


def describe(
    midi: Annotated[Path, tyro.conf.Positional],
    /,
    json_: Annotated[bool, tyro.conf.arg(name="json")] = False,
) -> None:
    """Say what a MIDI file holds, and how bars of it were made if they were made here.

    Args:
        midi: The piece.
        json_: Print it as JSON, the recipe as it stands in the file.
    """
    song = mf.open(midi)
    found = song.piece.recipe
    facts = {
        "name": song.name,
        "bars": song.num_bars,
        "tempo": round(song.tempo, 2),
        "parts": song.parts,
        "chords": song.chords,
        "recipe": found.recipe.to_json() if found.recipe else None,
    }
    lines = [
        f"{song.name}: {song.num_bars} bars, {song.tempo:g} BPM",
        f"  parts      {', '.join(song.parts)}",
        f"  chords     {' '.join(song.chords)}",
    ]
    if found.recipe:
        lines += _recipe_lines(found.recipe)
    elif found.problem:
        lines.append(found.problem)
    show(facts, lines, json_)


def _recipe_lines(recipe: "Recipe") -> list[str]:
    from meloformer.engine.changes import metres_text, tempos_text
    from meloformer.engine.handles.said import handle_words
    from meloformer.engine.part_words import name_of
    from meloformer.score.chords import CHORD_NAMES

    parts = [f"{name_of(one.part)}={one.presence.value}" for one in recipe.parts]
    sampling = recipe.sampling
    filters = f"temperature {sampling.temperature:g}, top-k {sampling.top_k}, top-p "
    filters += f"{sampling.top_p:g}, min-p {sampling.min_p:g}"
    stopped = f" of {recipe.num_bars}" if recipe.num_finished < recipe.num_bars else ""
    bars = f"Bars {recipe.first_bar}-{recipe.last_bar}{stopped} were written"
    rows = {
        "parts": ", ".join(parts) or "as in the piece",
        "chords": " ".join(CHORD_NAMES[chord] for chord in recipe.chords) or "free",
        "adventure": filters if recipe.sampling.adventure is None else f"{sampling.adventure:g}",
        "seed": str(recipe.seed),
        "copy guard": "on" if recipe.copy_guard else "off",
        "model": f"{recipe.model} ({recipe.model_hash})",
        "parent": recipe.parent,
    }
    rows |= handle_words(recipe.handles)
    if recipe.tempos:
        rows["tempo"] = tempos_text(recipe.tempos, recipe.first_bar)
    if recipe.metres:
        rows["metre"] = metres_text(recipe.metres, recipe.first_bar)
    how = " again:" if recipe.task == "rewrite" else f" after bar {recipe.first_bar - 1}:"
    if recipe.from_nothing:
        how = " from nothing:"
    width = max(10, *map(len, rows))
    return [bars + how, *(f"  {name:<{width}} {value}" for name, value in rows.items())]
