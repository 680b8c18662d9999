"""Handles in the words that they are asked for by."""

from collections import Counter

from meloformer.engine.handles.handles import Handles, LockedLine
from meloformer.engine.part_words import name_of
from meloformer.score.scales import pitch_name


def handle_words(handles: Handles) -> dict[str, str]:
    """Return what is asked for, by the names of the handles; what is not is left out."""
    words = {
        "scale": handles.scale.name if handles.scale else "",
        "range": ", ".join(
            f"{name_of(one.part)}={pitch_name(one.lowest)}-{pitch_name(one.highest)}"
            for one in handles.ranges
        ),
        "density": ", ".join(f"{name_of(one.part)}={one.times:g}" for one in handles.densities),
        "notes at once": ", ".join(f"{name_of(one.part)}={one.most}" for one in handles.at_once),
        "velocity": f"{handles.velocity.softest}-{handles.velocity.loudest}"
        if handles.velocity
        else "",
        "rhythm grid": handles.grid.value if handles.grid else "",
        "keep": handles.keep.value if handles.keep else "",
        "lock": ", ".join(
            f"{'melody' if one.line is LockedLine.TOP else 'bass'} of {name_of(one.part)}"
            for one in handles.locks
        ),
        "form": handles.form.sections_text if handles.form else "",
        "like": handles.form.links_text if handles.form else "",
        "likeness": f"{handles.form.likeness:g}" if handles.form else "",
        "ending": "yes" if handles.ending else "",
        "repeats": "as the piece" if handles.own_repetition else "",
        "locked notes": ", ".join(
            f"{count} of {name_of(part)}"
            for part, count in Counter(one.part for one in handles.notes).items()
        ),
    }
    return {name: said for name, said in words.items() if said}
