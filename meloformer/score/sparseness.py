"""How sparsely parts play at the sparsest: notes per quarter, by instrument.

The tenth percentile over parts of the held-out music of the shipped model, each counted by the
median of its bars, as `python -m experiments.note_rates` prints it. Families with too few parts to
tell are as sparse as their nearest neighbour.
"""

from meloformer.score.part import Part

_DRUMS = 1.5
_FAMILY_RATES = (
    1.0,  # pianos
    0.5,  # bells and mallets
    0.5,  # organs and accordions
    1.0,  # guitars
    0.5,  # basses
    0.5,  # solo strings and harp
    0.33,  # ensembles and voices
    0.5,  # brass
    0.67,  # saxophones and reeds
    0.65,  # flutes and whistles
    0.25,  # synth leads
    0.25,  # synth pads
    0.25,  # synth effects
    0.85,  # instruments of the world
    0.35,  # percussive
    0.25,  # sound effects
)


def sparsest_rate(part: Part) -> float:
    """Return how many notes a quarter a part plays where it plays sparsely."""
    return _DRUMS if part.is_drum else _FAMILY_RATES[part.program // 8]
