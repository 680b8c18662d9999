"""What parts can play, as handles narrow or widen it."""

from collections.abc import Mapping

import numpy as np

from meloformer.engine.constraints.reach import Reach
from meloformer.engine.handles.handles import Handles
from meloformer.engine.part_words import name_of
from meloformer.errors import ConfigError
from meloformer.phrases import phrase
from meloformer.score.part import Part
from meloformer.score.scales import pitch_name


def narrowed(reach: Mapping[Part, Reach], handles: Handles) -> dict[Part, Reach]:
    """Return the reach of each part, within its range, its most notes at once and the scale.

    A range or a number that is asked for stands in the place of what the part has played before.

    Raises:
        ConfigError: Nothing is left for a part to play.
    """
    ranges = {one.part: one for one in handles.ranges}
    most = {one.part: one.most for one in handles.at_once}
    found = {}
    for part, own in reach.items():
        pitches, asked = own.pitches.copy(), ranges.get(part)
        if asked is not None:
            between = np.zeros(128, dtype=bool)
            between[asked.lowest : asked.highest + 1] = True
            pitches = pitches & between if part.is_drum else between
            if not pitches.any():
                raise ConfigError(
                    phrase(
                        "{part} has no drum between {low} and {high} that it plays in the piece.",
                        part=name_of(part),
                        low=pitch_name(asked.lowest),
                        high=pitch_name(asked.highest),
                    )
                )
        if handles.scale is not None and not part.is_drum:
            in_scale = np.isin(np.arange(128) % 12, list(handles.scale.pitch_classes))
            if not (pitches & in_scale).any():
                low, high = (pitch_name(int(np.flatnonzero(pitches)[end])) for end in (0, -1))
                raise ConfigError(
                    phrase(
                        "The range and the scale contradict each other: {part} has no note of "
                        "{scale} between {low} and {high}.",
                        part=name_of(part),
                        scale=handles.scale.name,
                        low=low,
                        high=high,
                    ),
                    hint="Widen the range, or choose another scale.",
                )
            pitches &= in_scale
        found[part] = Reach(pitches, most.get(part, own.together))
    return found
