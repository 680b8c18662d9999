"""A piece from nothing: what the page offers to begin with, and what is asked of it."""

from dataclasses import dataclass, replace

from meloformer.app.compose.form import AnyRequest
from meloformer.app.compose.settings import Settings
from meloformer.engine.changes import parse_metres, parse_tempos
from meloformer.engine.ensembles import ENSEMBLES, Ensemble
from meloformer.engine.instrumentation import name_of
from meloformer.engine.opening_words import ANY, Beginning, parse_opening, with_chords
from meloformer.engine.piece import Piece
from meloformer.engine.request import ContinueRequest
from meloformer.errors import ConfigError
from meloformer.midi.blank import blank_scale
from meloformer.phrases import phrase
from meloformer.score.accidentals import with_signs
from meloformer.score.general_midi import instrument_choices
from meloformer.score.key import KEY_NAMES
from meloformer.score.part import DRUM_PROGRAM, MAX_INSTANCES, NUM_PARTS, Part
from meloformer.score.scales import parse_scale

OF_ENSEMBLE = ("instruments", "key", "metre", "tempo")
"""The fields of `OpeningSettings` that an ensemble fills in."""
OF_FORM = ("chords", "num_bars", "num_candidates", "tempo_changes", "metre_changes")
"""The fields of `Settings` that an opening fills in."""
METRES = ("4/4", "3/4", "2/4", "6/8", "12/8", "5/4", "7/8")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningSettings:
    """What a piece is to begin with. The values come from a browser."""

    instruments: object = None
    """Numbers of parts, in their order."""
    key: str | None = ANY
    metre: str | None = "4/4"
    tempo: object = 100
    chords: str | None = ""
    num_bars: object = 16
    num_candidates: object = 2

    def of_form(self) -> dict[str, object]:
        """Return what goes into the form of the page, by the fields of `Settings`."""
        chords = (self.chords or "").strip()
        return {
            "chords": "" if chords.casefold() == ANY else chords,
            "num_bars": self.num_bars or 1,
            "num_candidates": self.num_candidates or 1,
            "tempo_changes": "",
            "metre_changes": "",
        }

    def read(self) -> Beginning:
        """Return the opening.

        Raises:
            ConfigError: Nobody plays, or something is unknown or out of range.
        """
        return parse_opening(
            _parts(self.instruments), self.key or ANY, str(self.tempo), self.metre or ""
        )


def settings_of(ensemble: Ensemble) -> OpeningSettings:
    """Return what the fields say once an ensemble is chosen."""
    numerator, denominator = ensemble.metre
    return OpeningSettings(
        instruments=[part.number for part in ensemble.parts],
        key=key_choice(ensemble),
        metre=f"{numerator}/{denominator}",
        tempo=ensemble.tempo,
    )


def key_choice(ensemble: Ensemble) -> str:
    """Return the key of an ensemble as one of `KEY_NAMES`."""
    scale = parse_scale(ensemble.key)
    return KEY_NAMES[scale.tonic + (12 if scale.mode == "minor" else 0)]


def ensemble_choices() -> list[tuple[str, str]]:
    """Return the ensembles: what each is called, and its name."""
    return [(one.name, str(one.name)) for one in ENSEMBLES]


def instrument_list() -> list[tuple[str, int]]:
    """Return every instrument with the number of its part, drums first.

    Second parts of an instrument are there as far as ensembles have them.
    """
    further = {part for one in ENSEMBLES for part in one.parts if part.instance > 1}
    listed = []
    for family in instrument_choices():
        for choice in family.choices:
            first = Part(DRUM_PROGRAM if choice.is_drum else choice.program)
            listed.append((choice.label, first.number))
            own = sorted(part for part in further if part.program == first.program)
            listed += [(name_of(part), part.number) for part in own]
    return listed


def key_choices() -> list[tuple[str, str]]:
    """Return the keys to choose from: what each is called, and its name."""
    keys = []
    for name in KEY_NAMES:
        tonic, _, mode = with_signs(name).partition(" ")
        said = phrase("{tonic} major", tonic=tonic)
        if mode == "minor":
            said = phrase("{tonic} minor", tonic=tonic)
        keys.append((said, name))
    return [(phrase("Any"), ANY), *keys]


def with_changes(request: AnyRequest, settings: Settings, piece: Piece) -> AnyRequest:
    """Add the changes of tempo and metre that a page asks for to a request for more bars.

    Raises:
        ConfigError: They are not understood.
    """
    if not isinstance(request, ContinueRequest):
        return request
    first = (request.from_bar or piece.num_bars) + piece.first_number
    return replace(
        request,
        tempos=parse_tempos(settings.tempo_changes or "", first),
        metres=parse_metres(settings.metre_changes or "", first),
    )


def in_chosen_key(request: AnyRequest, piece: Piece) -> AnyRequest:
    """Hold the notes of a blank piece to the key chosen for it, unless another is asked for."""
    scale = blank_scale(piece.file) if piece.file.is_blank else None
    if scale is None or request.handles.scale is not None:
        return request
    handles = replace(request.handles, scale=with_chords(scale, request.chords))
    return replace(request, handles=handles)


def _parts(chosen: object) -> tuple[Part, ...]:
    numbers = chosen if isinstance(chosen, list) else []
    if any(type(number) is not int or not 0 <= number < NUM_PARTS for number in numbers):
        raise ConfigError("The list of instruments could not be read.", hint="Load the page again.")
    drums = [number for number in numbers if number // MAX_INSTANCES == DRUM_PROGRAM]
    return tuple(
        Part.from_number(number)
        for number in dict.fromkeys(numbers)
        if number not in drums or number == drums[0]
    )
