"""What the form holds new notes by, in a line of words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from meloformer.app.compose.legend import short_name_of
from meloformer.app.compose.settings import REWRITE, Settings
from meloformer.app.compose.shape import (
    STAYS,
    PartShape,
    part_shapes,
    scale_asked,
)
from meloformer.app.locked_notes import ShownLock
from meloformer.engine.handles.words import KEY
from meloformer.engine.piece import Piece
from meloformer.phrases import Phrase, filled, joined, phrase, plural
from meloformer.score.accidentals import with_signs
from meloformer.score.chords import ROOTS
from meloformer.score.scales import pitch_name

_GRIDS = {
    "quarters": phrase("on quarters"),
    "eighths": phrase("on eighths"),
    "triplets": phrase("on triplets"),
    "sixteenths": phrase("on sixteenths"),
    "swing": phrase("in swing"),
}
_KEPT = dict(
    zip(
        STAYS[1:],
        (
            phrase("same rhythm, new notes"),
            phrase("same notes, new rhythm"),
            phrase("melody stays"),
            phrase("bass line stays"),
            phrase("melody and bass line stay"),
        ),
        strict=True,
    )
)


def shape_sentence(settings: Settings, piece: Piece, locked: Sequence[ShownLock] = ()) -> str:
    """Return what is held: "D dorian · Bass half as busy"; empty where nothing is.

    Raises:
        ConfigError: It could not be read.
    """
    said = [*_whole(settings, piece)]
    for part, shape in part_shapes(settings.parts).items():
        asked = joined(", ", _of_part(shape))
        said.append(filled("{part} {asked}", part=short_name_of(part, piece), asked=asked))
    if settings.task == REWRITE and settings.stays:
        said.append(_KEPT[settings.stays])
    if locked:
        said.append(plural("{count} note locked", "{count} notes locked", len(locked)))
    return joined(" · ", said) if said else ""


def _whole(settings: Settings, piece: Piece) -> Iterator[str]:
    shape: Mapping[str, Any] = settings.shape if isinstance(settings.shape, Mapping) else {}
    scale = scale_asked(shape, piece)
    if scale is not None:
        tonic, mode = with_signs(ROOTS[scale.tonic]), Phrase(scale.mode)
        name = filled("{tonic} {mode}", tonic=tonic, mode=mode)
        yield phrase("key of {scale}", scale=name) if shape.get("tonic") == KEY else name
    softest, loudest = shape.get("softest"), shape.get("loudest")
    if softest is not None or loudest is not None:
        yield phrase("velocity {softest}–{loudest}", softest=softest or 1, loudest=loudest or 127)
    if grid := shape.get("grid"):
        yield _GRIDS.get(grid, "")


def _of_part(shape: PartShape) -> Iterator[str]:
    if shape.density is not None:
        yield _density(shape.density)
    if shape.lowest is not None and shape.highest is not None:
        low, high = pitch_name(shape.lowest), pitch_name(shape.highest)
        yield with_signs(f"{low}–{high}")
    elif shape.lowest is not None:
        yield phrase("from {pitch} up", pitch=with_signs(pitch_name(shape.lowest)))
    elif shape.highest is not None:
        yield phrase("up to {pitch}", pitch=with_signs(pitch_name(shape.highest)))
    if shape.most is not None:
        yield plural("{count} note at once", "at most {count} notes at once", shape.most)


def _density(times: float) -> str:
    if times == 0.5:
        return phrase("half as busy")
    if times == 1:
        return phrase("as busy as before")
    if times == 2:
        return phrase("twice as busy")
    return phrase("{times:g} times as busy", times=times)
