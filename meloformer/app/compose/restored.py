"""The settings of the form as the recipe of a file has them."""

from dataclasses import dataclass, field
from typing import Any

from meloformer.app.compose.form import form_values
from meloformer.app.compose.legend import name_of, part_colour
from meloformer.app.compose.parts import Rows, picker_rows, rewrite_rows
from meloformer.app.compose.settings import CONTINUE, KEPT, REWRITE, bars_text
from meloformer.app.compose.shape import part_shape_of, shape_of, stays_of
from meloformer.app.locked_notes import ShownLock, shown_of
from meloformer.app.session import Session
from meloformer.app.state import AppState
from meloformer.engine.changes import metres_text, tempos_text
from meloformer.engine.piece import Piece
from meloformer.engine.recipe import Recipe, RecipeTask
from meloformer.engine.request import Presence
from meloformer.phrases import joined, phrase, plural
from meloformer.score.chords import CHORD_NAMES
from meloformer.score.part import Part


@dataclass(frozen=True, slots=True)
class Restored:
    """What a page that opens a file takes from its recipe."""

    sentence: str = ""
    """What is restored, or why nothing is; empty for a file without a recipe."""
    task: str = CONTINUE
    bars: tuple[int, int] | None = None
    """The bars to be written again: the first, from 0, and the one after the last."""
    parts: Rows | None = None
    """The value of the parts picker; `None` leaves it."""
    values: dict[str, Any] = field(default_factory=dict)
    """Values of the other fields of `Settings`, by name."""
    locked: tuple[ShownLock, ...] = ()
    """Notes to be locked on the roll."""


def restored(app_state: AppState, session: Session) -> Restored:
    """Return the settings that the recipe of the piece in a session says, with a sentence.

    Args:
        app_state: Knows the session's model.
        session: With a piece that was just opened.
    """
    piece, fills_in = session.require_piece(), app_state.fills_in(session)
    recipe, problem = piece.recipe.recipe, piece.recipe.problem
    if recipe is None:
        return Restored(problem)
    rewrites = recipe.task is RecipeTask.REWRITE
    bars = _bars(piece, recipe) if rewrites else None
    if rewrites and not (fills_in and bars):
        return Restored(
            phrase(
                "The settings of this file are for bars to be written again, which it has no more."
            )
            if fills_in
            else phrase(
                "The settings of this file are for bars to be written again, "
                "which this model has not learned."
            )
        )
    sampling = recipe.sampling
    by_hand = sampling.adventure is None
    values: dict[str, Any] = {
        "chords": " ".join(CHORD_NAMES[chord] for chord in recipe.chords),
        "seed": str(recipe.seed),
        "by_hand": by_hand,
        **form_values(recipe.handles, rewrites=rewrites),
        "shape": shape_of(recipe.handles),
        "stays": stays_of(recipe.handles),
    }
    if not rewrites:
        values["num_bars"] = recipe.num_bars
        values["tempo_changes"] = tempos_text(recipe.tempos, recipe.first_bar)
        values["metre_changes"] = metres_text(recipe.metres, recipe.first_bar)
    if by_hand:
        values |= {
            "temperature": sampling.temperature,
            "top_k": sampling.top_k,
            "top_p": sampling.top_p,
            "min_p": sampling.min_p,
        }
    else:
        values["adventure"] = sampling.adventure
    is_same_model = app_state.model_hash(session) == recipe.model_hash
    return Restored(
        sentence=_sentence(recipe, is_same_model=is_same_model),
        task=REWRITE if rewrites else CONTINUE,
        bars=bars,
        parts=_parts(session, recipe, bars),
        values=values,
        locked=shown_of(piece, bars[0], recipe.handles.notes) if bars else (),
    )


def kept_bar(session: Session) -> int | None:
    """Return the bar after which the recipe of a piece goes on, if it is not the last one."""
    piece = session.require_piece()
    recipe = piece.recipe.recipe
    if recipe is None or recipe.task is RecipeTask.REWRITE or recipe.at_end:
        return None
    bar = recipe.first_bar - 1
    return bar if piece.first_number <= bar <= piece.last_number else None


def _bars(piece: Piece, recipe: Recipe) -> tuple[int, int] | None:
    first = recipe.first_bar - piece.first_number
    last = first + recipe.num_bars
    return (first, last) if first >= 0 and last <= piece.num_bars else None


def _parts(session: Session, recipe: Recipe, bars: tuple[int, int] | None) -> Rows | None:
    if not recipe.parts and not recipe.handles.parts:
        return None
    rows = picker_rows(session) if bars is None else rewrite_rows(session, bars, None)
    unnamed = Presence.SILENT.value if bars is None else KEPT
    if not recipe.parts:
        unnamed = Presence.FREE.value
    named = {one.part: one.presence.value for one in recipe.parts}
    by_number = {part.number: presence for part, presence in named.items()}
    for row in rows["rows"]:
        row["presence"] = by_number.get(row["number"], unnamed)
        if bars is not None and row["presence"] != KEPT:
            row["usual"] = row["presence"]
    own = {row["number"] for row in rows["rows"]}
    for part, presence in named.items():
        if part.number not in own:
            rows["rows"].append(
                {
                    "number": part.number,
                    "name": name_of(part, None),
                    "colour": part_colour(len(rows["rows"])),
                    "presence": presence,
                    "own": False,
                }
            )
    for row in rows["rows"]:
        if shape := part_shape_of(recipe.handles, Part.from_number(row["number"])):
            row["shape"] = shape
    return rows


def _sentence(recipe: Recipe, *, is_same_model: bool) -> str:
    first = recipe.first_bar
    count = recipe.num_bars
    said = [
        plural(
            "{count} bar after bar {number}",
            "{count} bars after bar {number}",
            count,
            number=first - 1,
        )
    ]
    if recipe.from_nothing:
        said = [plural("{count} bar from nothing", "{count} bars from nothing", count)]
    if recipe.task is RecipeTask.REWRITE:
        range_text = bars_text((first, first + recipe.num_bars), first_number=0)
        bars = range_text.replace("-", "–")
        said = [plural("bar {bars} written again", "bars {bars} written again", count, bars=bars)]
    said.append(phrase("seed {seed}", seed=recipe.seed))
    if not is_same_model:
        said.append(phrase("with {model}, another model than now", model=recipe.model))
    return phrase("The settings of this file are back: {settings}.", settings=joined(", ", said))
