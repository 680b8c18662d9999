"""What programs send: one model a request, each field with its limits."""

import binascii
from base64 import b64decode
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic.functional_validators import BeforeValidator

from meloformer.api.requests import DrawWords
from meloformer.app.jobs.job import JobKind
from meloformer.engine.handles.form import USUAL_LIKENESS
from meloformer.engine.handles.words import HandleWords
from meloformer.engine.request import MAX_BARS, MAX_CANDIDATES, MAX_SEED
from meloformer.midi.container import MAX_BYTES

MAX_CHARACTERS = -(-MAX_BYTES // 3) * 4
"""Of the largest MIDI file in Base64."""
_MAX_FIELDS = 64
"""Of a body; a request with more is not looked at."""


def _bytes_of(text: object) -> bytes:
    """Return the bytes of a text in Base64."""
    if not isinstance(text, str):
        raise ValueError("it is the bytes of a MIDI file in Base64, as a text")
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"a MIDI file has at most {MAX_BYTES // 1_000_000} MB")
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:  # the latter for what is not ASCII
        raise ValueError("it is not Base64") from error


Words = Annotated[str, Field(max_length=1_000)]
"""A short text."""
Midi = Annotated[
    bytes,
    BeforeValidator(_bytes_of),
    WithJsonSchema(
        {
            "type": "string",
            "contentEncoding": "base64",
            "contentMediaType": "audio/midi",
            "maxLength": MAX_CHARACTERS,
            "description": "The MIDI file, in Base64.",
        }
    ),
]


class _Body(BaseModel):
    """A body of JSON; a field that is unknown or of another type is refused."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _has_few_fields(cls, value: Any) -> Any:
        if isinstance(value, dict) and len(value) > _MAX_FIELDS:
            raise ValueError("it has more fields than there are")
        return value


class MidiBody(_Body):
    """A MIDI file."""

    midi: Midi
    name: str = Field("song", min_length=1, max_length=60, description="What to call it.")
    grid: Literal["auto", "as-written", "follow"] = Field(
        "auto",
        description='"as-written" keeps the bars of the file, "follow" takes those that are '
        'played, "auto" follows where the notes plainly keep to other beats.',
    )


class RenderBody(MidiBody):
    """A MIDI file to be played into a file of sound."""

    format: Literal["wav", "mp3"] = "wav"


class _DrawBody(_Body):
    """What is the same for all that is written."""

    chords: str = Field(
        "",
        max_length=2_000,
        description='One a bar, such as "Am F C G", repeated when they run out; free without them.',
    )
    versions: int = Field(1, ge=1, le=MAX_CANDIDATES, description="How many different ones.")
    seed: int = Field(
        1, ge=0, le=MAX_SEED - MAX_CANDIDATES, description="The same seed makes the same music."
    )
    adventure: float = Field(0.5, ge=0.0, le=1.0, description="How adventurous.")
    copy_guard: bool = Field(
        True, description="Keep out long runs of training music, where the model has an index."
    )
    model: Words = Field("", description="As `models` names it; by default the app's own.")
    range: Words = Field("", description='Where parts keep: "bass=E1-G3, all=C3-C6".')
    density: Words = Field(
        "", description='How many notes, compared with before: "bass=0.7", or "1.5" for all.'
    )
    notes_at_once: Words = Field("", description='The most notes begun together: "piano=3".')
    velocity: Words = Field("", description='How loud notes are: "40-90".')
    rhythm_grid: Words = Field(
        "", description="Where notes begin: quarters, eighths, triplets, sixteenths, swing."
    )

    def draw_words(self, parts: str, **handles: Any) -> DrawWords:
        """Return what is asked for, as the Python API reads it.

        Args:
            parts: Who plays.
            handles: Those handles that not every body has.
        """
        return DrawWords(
            parts=parts,
            chords=self.chords,
            candidates=self.versions,
            seed=self.seed,
            adventure=self.adventure,
            copy_guard=self.copy_guard,
            handles=HandleWords(
                range=self.range,
                density=self.density,
                notes_at_once=self.notes_at_once,
                velocity=self.velocity,
                grid=self.rhythm_grid,
                **handles,
            ),
        )


class _SongBody(MidiBody, _DrawBody):
    """A song, and what is asked of it."""

    parts: Words = Field(
        "all",
        description='Who plays: "all", or names of parts or instruments with commas; '
        '"all, violin=always, drums=silent" says when.',
    )
    scale: Words = Field(
        "", description='What pitched notes keep to: "D dorian", or "key" for that of the song.'
    )
    form: Words = Field(
        "", description='Letters over the new bars, "AABA": what has one letter is alike.'
    )
    like: Words = Field("", description='New bars like others, by their numbers: "9=1, 13-16=1-4".')
    likeness: float = Field(
        USUAL_LIKENESS, ge=0.0, le=1.0, description="How much: 0 new, 0.5 in its manner, 1 again."
    )
    ending: bool = Field(False, description="Whether the last new bar ends the piece.")


class ContinueBody(_SongBody):
    """A song to be continued by exactly so many bars."""

    bars: int = Field(8, ge=1, le=MAX_BARS, description="How many to add.")
    from_bar: int | None = Field(
        None, ge=0, le=1_000_000, description="Go on after this bar instead of the last."
    )
    tempo: Words = Field("", description='Changes by the numbers of new bars: "9=120, 13=96".')
    metre: Words = Field("", description='Changes by the numbers of new bars: "13=3/4".')
    own_repetition: bool = Field(
        True, description="Whether new bars repeat others as much as the song's own bars do."
    )

    def words(self) -> DrawWords:
        """Return what is asked for, as the Python API reads it."""
        return self.draw_words(
            self.parts,
            scale=self.scale,
            form=self.form,
            like=self.like,
            likeness=self.likeness,
            ending=self.ending,
            own_repetition=self.own_repetition,
        )


class RewriteBody(_SongBody):
    """A song, bars of which are written again; all else stays as it is."""

    bars: str = Field(max_length=40, description='Which, such as "9-12"; at most 16.')
    keep: Literal["", "rhythm", "notes"] = Field(
        "", description='"rhythm" for new notes in the same rhythm, "notes" the other way round.'
    )
    lock: Words = Field(
        "",
        description='"melody", "bass" or names of parts, which stay; or some of their notes: '
        '"bass 9-10", "piano 9:E4 G4", "piano 9:E4@3".',
    )

    def words(self) -> DrawWords:
        """Return what is asked for, as the Python API reads it."""
        return self.draw_words(
            self.parts,
            scale=self.scale,
            form=self.form,
            like=self.like,
            likeness=self.likeness,
            ending=self.ending,
            keep=self.keep,
        )


class ComposeBody(_DrawBody):
    """An opening, from nothing."""

    bars: int = Field(16, ge=1, le=MAX_BARS, description="How many to write.")
    parts: Words = Field(
        "piano", description='Who plays: "piano, bass, drums", or an ensemble: "rock band".'
    )
    key: Words = Field("", description='Such as "Am" or "D dorian"; "any" leaves it open.')
    tempo: Words = Field("", description='Quarters a minute; with changes: "96, 9=120".')
    metre: Words = Field("", description='Such as "3/4"; with changes: "4/4, 13=3/4".')
    name: str = Field("", max_length=60, description="By default after its parts and key.")

    def words(self) -> DrawWords:
        """Return what is asked for, as the Python API reads it."""
        return self.draw_words(self.parts)


WritingBody = ContinueBody | RewriteBody | ComposeBody
"""What asks for music."""
KIND_OF: dict[type[WritingBody], JobKind] = {
    ContinueBody: JobKind.CONTINUE,
    RewriteBody: JobKind.REWRITE,
    ComposeBody: JobKind.COMPOSE,
}
