"""What a piece begins with, in words: key, tempo, metre, and who plays."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from meloformer.engine.changes import check_metre, check_tempo, parse_metre, parse_tempo
from meloformer.engine.ensembles import ENSEMBLES, Ensemble
from meloformer.engine.part_words import name_of
from meloformer.engine.piece import Piece
from meloformer.midi.blank import write_blank
from meloformer.score.chords import chord_pitch_classes
from meloformer.score.part import Part
from meloformer.score.scales import Scale, parse_scale

ANY = "any"
"""The word that leaves a key, or chords, to the model."""
USUAL_TEMPO, USUAL_METRE = 100.0, (4, 4)

_MAX_NAMED = 3


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a piece begins with."""

    parts: tuple[Part, ...]
    tempo: float = USUAL_TEMPO
    """Quarters a minute."""
    metre: tuple[int, int] = USUAL_METRE
    scale: Scale | None = None

    def __post_init__(self) -> None:
        check_tempo(self.tempo)
        check_metre(*self.metre)

    @property
    def title(self) -> str:
        """What such a piece is called: its ensemble, or its first parts."""
        own = next((one.name for one in ENSEMBLES if one.parts == self.parts), None)
        names = ", ".join(name_of(part) for part in self.parts[:_MAX_NAMED])
        who = str(own or names)
        return f"{who} in {self.scale.name}" if self.scale else who

    def piece(self, name: str = "") -> Piece:
        """Return a piece without a bar, to be continued from its beginning.

        Raises:
            ConfigError: There is no part, or more than MIDI has channels for.
        """
        data = write_blank(self.parts, self.tempo, self.metre, self.scale)
        return Piece.read(name or self.title, data)


def parse_opening(
    parts: tuple[Part, ...],
    key: str = "",
    tempo: str = "",
    metre: str = "",
    chords: Sequence[int] = (),
    usual: Ensemble | None = None,
) -> Beginning:
    """Read what a piece is to begin with.

    Args:
        parts: Who plays.
        key: A scale, or "any"; empty leaves it to `usual`, as for the next two.
        tempo: Quarters a minute.
        metre: Such as 3/4.
        chords: Those asked for: a minor key has the raised seventh, too, where they need it.
        usual: Says what is left out.

    Raises:
        ConfigError: Something is unknown or out of range.
    """
    opening = Beginning(parts)
    if usual is not None:
        # Chords alone may be of any key.
        scale = None if chords else parse_scale(usual.key)
        opening = Beginning(parts, usual.tempo, usual.metre, scale)
    if tempo.strip():
        opening = replace(opening, tempo=parse_tempo(tempo))
    if metre.strip():
        opening = replace(opening, metre=parse_metre(metre))
    if key.strip().casefold() == ANY:
        return replace(opening, scale=None)
    if key.strip():
        opening = replace(opening, scale=with_chords(parse_scale(key), chords))
    return opening


def with_chords(scale: Scale, chords: Sequence[int]) -> Scale:
    """Return the scale of a minor key with its raised seventh, too, where chords need that."""
    wider = Scale(scale.tonic, "minor with both sevenths")
    notes = {note for chord in chords for note in chord_pitch_classes(chord)}
    if scale.mode != "minor" or notes <= scale.pitch_classes or not notes <= wider.pitch_classes:
        return scale
    return wider


def split_start(text: str) -> tuple[str, str]:
    """Split "96, 9=120" into what is from the beginning and what changes later."""
    first, comma, later = text.partition(",")
    if "=" in first:
        return "", text
    return first.strip(), later if comma else ""
