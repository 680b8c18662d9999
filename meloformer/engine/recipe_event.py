"""The text event that holds a recipe: read, written and left out of a MIDI file.

Loads without torch.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from meloformer.engine.recipe import MAX_TEXT_BYTES, Recipe
from meloformer.errors import ConfigError
from meloformer.midi.file import MidiFile
from meloformer.midi.text_events import find_texts, text_of, with_text, without_texts

PREFIX: Final = b"@IMeloFormer recipe "
"""How its text begins. What begins with `@I` is not sung by karaoke players."""


@dataclass(frozen=True, slots=True)
class RecipeReading:
    """The recipe of a file, or why it is ignored."""

    recipe: Recipe | None = None
    problem: str = ""
    """A sentence; empty where there is a recipe, or none at all."""


def read_recipe(file: MidiFile) -> RecipeReading:
    """Return the recipe in a file, the first if there are several."""
    rows = find_texts(file.events, PREFIX)
    if not len(rows):
        return RecipeReading()
    text = text_of(file.events, int(rows[0]))[len(PREFIX) : len(PREFIX) + MAX_TEXT_BYTES + 1]
    try:
        return RecipeReading(Recipe.from_text(text))
    except ConfigError as error:
        problem = error.problem[:1].lower() + error.problem[1:]
        return RecipeReading(problem=f"What this file says of its settings is ignored: {problem}")


def with_recipe(data: bytes, recipe: Recipe) -> bytes:
    """Put a recipe into a file that was written here, in the place of one that it has.

    Args:
        data: As `join` or `replace_notes` gives it.
        recipe: Of what is new in it.
    """
    return with_text(without_recipe(data), PREFIX + recipe.to_text().encode("ascii"))


def without_recipe(data: bytes) -> bytes:
    """Leave recipes out of a file; one that has none is returned as it is.

    Raises:
        MidiError: It is no MIDI file.
    """
    return without_texts(data, PREFIX)


def music_hash(data: bytes) -> str:
    """Return the SHA-256 of a file without its recipe, in hex: it is the same with and without."""
    return hashlib.sha256(without_recipe(data)).hexdigest()
