"""A piece: a MIDI file with a name, and as the model reads it."""

from dataclasses import dataclass
from functools import cached_property

from meloformer.engine.recipe_event import RecipeReading, music_hash, read_recipe
from meloformer.errors import MidiError
from meloformer.midi.container import MAX_BYTES, MAX_CHUNKS
from meloformer.midi.file import MidiFile
from meloformer.midi.instruments import ChannelSettings, instruments
from meloformer.midi.note_table import MAX_NOTES
from meloformer.midi.pedals_and_bends import PartControl, pedals_and_bends
from meloformer.midi.read import MAX_CHANGES, MAX_SECONDS, read_file
from meloformer.midi.retime import GridChoice, follow_beats
from meloformer.phrases import Phrase, phrase
from meloformer.score.chords import CHORD_NAMES
from meloformer.score.grid import MAX_BARS, BarGrid
from meloformer.score.part import Part
from meloformer.score.score import Score
from meloformer.tokens import Encoding, Kind, encode, vocabulary


@dataclass(frozen=True, eq=False)
class Piece:
    """The music that is worked on, read once: bytes, score, bars and tokens belong together."""

    name: str
    """The file's name without its suffix."""
    file: MidiFile
    """As uploaded, or as joined by the take that was kept."""
    beats_followed: bool = False
    """Whether its beats are not those it said, so that `file` was moved to a grid of its beats."""
    opened: bytes | None = None
    """The bytes that were opened, where they are not those of `file`."""

    @classmethod
    def read(cls, name: str, data: bytes, grid: GridChoice = GridChoice.AUTO) -> "Piece":
        """Read a MIDI file, and follow its beats if they are not those that it says.

        A file whose beats are followed is read twice: as it is, and on its grid.

        Args:
            name: What to call it.
            data: The file.
            grid: Whether its beats are followed.

        Raises:
            MidiError: It cannot be read as music.
        """
        file = read_file(data)
        on_grid = follow_beats(file, grid)
        if on_grid is file:
            return cls(name, file)
        return cls(name, on_grid, beats_followed=True, opened=data)

    @property
    def last_number(self) -> int:
        """The number of the last bar."""
        return self.num_bars - 1 + self.first_number

    @property
    def data(self) -> bytes:
        """The bytes of the file."""
        return self.file.data

    @property
    def score(self) -> Score:
        """The music of the file."""
        return self.file.score

    @property
    def grid(self) -> BarGrid:
        """The bars of the score."""
        return self.file.grid

    @property
    def num_bars(self) -> int:
        """Bars as musicians count them, a pickup included."""
        return self.grid.num_whole_bars

    @property
    def last_metre(self) -> tuple[int, int]:
        """The metre of the last bar, or that in which a blank piece is to begin."""
        if self.num_bars:
            numerator, denominator = self.grid.whole_metres[-1].tolist()
            return numerator, denominator
        first = self.score.time_signatures[0]
        return first.numerator, first.denominator

    @property
    def first_number(self) -> int:
        """The number of the first bar: 0 for a pickup, else 1."""
        return self.grid.first_number

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts, in the order of the file's tracks."""
        return self.file.parts

    @cached_property
    def encoding(self) -> Encoding:
        """The score as tokens."""
        return encode(self.score, grid=self.file.grid, parts=self.file.part_of_track)

    @cached_property
    def instruments(self) -> dict[Part, ChannelSettings]:
        """The instrument of each part."""
        return instruments(self.file)

    @cached_property
    def controls(self) -> list[PartControl]:
        """What moves the pedals and bends of its parts."""
        return pedals_and_bends(self.file)

    @cached_property
    def chords(self) -> tuple[str, ...]:
        """The chord of each bar, as it is recognised; "N" where there is none."""
        vocab, ids = vocabulary(), self.encoding.ids
        chords = vocab.value[ids[vocab.kind[ids] == Kind.CHORD]][self.encoding.stream_bars[:-1]]
        return tuple(CHORD_NAMES[chord] for chord in chords)

    @cached_property
    def recipe(self) -> RecipeReading:
        """How its last new bars were asked for, where the file says so."""
        return read_recipe(self.file)

    @cached_property
    def music_hash(self) -> str:
        """The hash by which recipes name the file that was opened."""
        return music_hash(self.opened or self.data)

    def track_name(self, part: Part) -> str:
        """Return what the file calls a part; empty if nothing, or if it is several drum tracks."""
        if part.is_drum or part not in self.parts:
            return ""
        return self.score.tracks[self.file.part_of_track.index(part)].name.strip()

    @cached_property
    def track_names(self) -> dict[Part, tuple[str, ...]]:
        """What the file calls the tracks of each part; drums may have many."""
        names: dict[Part, dict[str, None]] = {part: {} for part in self.parts}
        for track, part in zip(self.score.tracks, self.file.part_of_track, strict=True):
            if part is not None and track.name.strip():
                names[part][track.name.strip()] = None
        return {part: tuple(own) for part, own in names.items()}

    def bar_quarters(self, bar: int) -> float:
        """Return where a bar begins, in quarters; bars count from 0."""
        return int(self.grid.whole_starts[bar]) / self.score.ticks_per_quarter

    def require_room(self) -> None:
        """Check that the piece with new bars in it can still be read, when it is kept.

        Raises:
            MidiError: It is nearly as long as the longest that is read.
        """
        score = self.score
        changes = len(score.tempos) + len(score.time_signatures)
        # What 64 bars, as slow and as full as they can be, may add.
        for has, most, words in (
            (score.num_notes, MAX_NOTES - 50_000, phrase("notes")),
            (self.num_bars, MAX_BARS - 100, phrase("bars")),
            (len(self.data), MAX_BYTES - 1_000_000, phrase("bytes")),
            (len(self.file.container.tracks), MAX_CHUNKS - 40, phrase("tracks")),
            (changes, MAX_CHANGES - 200, phrase("changes of tempo and metre")),
            (round(score.duration_s), MAX_SECONDS - 1_800, phrase("seconds")),
        ):
            _require_room(has, most, words)


def _require_room(has: int, most: int, words: Phrase) -> None:
    if has > most:
        raise MidiError(
            phrase(
                "The piece is too long to go on with: it has {has:,} {words}, and up to {most:,} "
                "leave room for new bars.",
                has=has,
                words=words,
                most=most,
            ),
            hint=phrase("Cut it into shorter files."),
        )
