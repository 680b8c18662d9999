"""A song: a MIDI file to look at, hear, save, continue and write bars of again."""

from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from meloformer.api.sheets import save_score, save_stems
from meloformer.api.sound import render
from meloformer.audio.waveform import Waveform
from meloformer.engine.instrumentation import name_of
from meloformer.engine.piece import Piece
from meloformer.engine.recipe import Recipe
from meloformer.engine.sheet_music import sheet_music
from meloformer.errors import ConfigError, MidiError
from meloformer.midi.container import MAX_BYTES
from meloformer.midi.retime import GridChoice
from meloformer.outputs import write_output
from meloformer.score.score import Score
from meloformer.tokens import Encoding


@dataclass(frozen=True, eq=False, repr=False)
class Song:
    """Music that has been read from a MIDI file, or made by the model."""

    piece: Piece
    """The file as read: bytes, notes, bars and tokens."""

    @property
    def name(self) -> str:
        """The file's name without its suffix."""
        return self.piece.name

    @property
    def score(self) -> Score:
        """The notes, tempos and metres."""
        return self.piece.score

    @property
    def encoding(self) -> Encoding:
        """The song as the model reads it."""
        return self.piece.encoding

    @property
    def num_bars(self) -> int:
        """How many bars there are, rests at the end included."""
        return self.piece.num_bars

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the parts, as `parts=` takes them: "Drums", "Piano 2"."""
        return tuple(name_of(part) for part in self.piece.parts)

    @property
    def chords(self) -> tuple[str, ...]:
        """The chord of each bar, as it is recognised; "N" where there is none."""
        return self.piece.chords

    @property
    def recipe(self) -> Recipe | None:
        """How its last new bars were asked for, where the file says so and it is understood."""
        return self.piece.recipe.recipe

    @property
    def tempo(self) -> float:
        """Quarter notes a minute at the beginning."""
        return self.score.tempos[0].qpm

    @property
    def beats_followed(self) -> bool:
        """Whether it was recorded without a click, so that it was moved to a grid of its beats."""
        return self.piece.beats_followed

    def to_bytes(self) -> bytes:
        """Return the song as a MIDI file."""
        return self.piece.data

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the song as a MIDI file, whole or not at all, and return where it is.

        Raises:
            OutputError: It can't be written.
        """
        write_output(Path(path), self.to_bytes())
        return Path(path)

    def render(self, path: str | PathLike[str] | None = None) -> Waveform:
        """Play the song through FluidSynth.

        Args:
            path: Receives the sound, as WAV or MP3 by its ending.

        Raises:
            AudioError: There is nothing to play it with, or the ending is another.
            OutputError: The sound can't be written; said before it is made where it is known.
        """
        return render(self.piece.file, path)

    def to_musicxml(self) -> bytes:
        """Return the song as sheet music, for notation programs.

        Raises:
            MidiError: It has more than 1,000 bars or 10,000 notes.
        """
        return sheet_music(self.piece)

    def save_score(self, path: str | PathLike[str]) -> Path:
        """Write the song as sheet music, MusicXML, and return where it is.

        Raises:
            MidiError: It has more than 1,000 bars or 10,000 notes.
            OutputError: It can't be written, or the name ends neither in .musicxml nor in .xml.
        """
        save_score(self.piece, Path(path))
        return Path(path)

    def save_stems(self, path: str | PathLike[str], *, wav: bool = False) -> Path:
        """Write a ZIP archive with a file for each part, and return where it is.

        Args:
            path: Receives it; ends in .zip.
            wav: Play each part through FluidSynth, instead of writing MIDI. Added up, they are the
                whole.

        Raises:
            AudioError: There is nothing to play them with, or they are too large.
            OutputError: It can't be written, or the name ends otherwise.
        """
        save_stems(self.piece, Path(path), wav=wav)
        return Path(path)

    def __repr__(self) -> str:
        bars, parts = self.num_bars, ", ".join(self.parts)
        return f"<Song {self.name!r}: {count(bars, 'bar')}, {self.tempo:.0f} BPM, {parts}>"


def open(
    source: str | PathLike[str] | bytes,
    *,
    name: str = "",
    follow_beats: bool = True,
    grid: str = GridChoice.AUTO,
) -> Song:
    """Read a MIDI file.

    Args:
        source: Its path, or its bytes.
        name: What to call the song; by default as the file is called.
        follow_beats: Whether a recording without a click is moved to a grid of its beats, without
            which it can't be continued in bars.
        grid: "as-written" keeps the bars of the file, "follow" takes those that are played, and
            "auto" follows where the notes plainly keep to other beats.

    Raises:
        MidiError: It can't be read as music.
        ConfigError: `grid` is none of these.
    """
    if isinstance(source, bytes):
        data = source
    else:
        data, name = read_bytes(Path(source)), name or Path(source).stem
    name = name or "song"
    if grid not in set(GridChoice):
        raise ConfigError(f"`{grid}` is none of auto, as-written and follow.")
    choice = GridChoice(grid) if follow_beats else GridChoice.AS_WRITTEN
    return Song(Piece.read(name, data, choice))


def as_song(song: "Song | str | PathLike[str]") -> Song:
    """Return a song as it is, or open its file."""
    return song if isinstance(song, Song) else open(song)


def read_bytes(path: Path) -> bytes:
    """Read a file that may be a MIDI file, and refuse one that is too large to be.

    Raises:
        MidiError: It is larger than 5 MB, or can't be read.
    """
    try:
        with path.open("rb") as file:  # what is no file has no size, and may have no end
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise MidiError(f"{path} can't be read: {error.strerror}.") from error
    except ValueError as error:
        raise MidiError("A file that has a zero byte in its name can't be read.") from error
    if len(data) > MAX_BYTES:
        raise MidiError(
            f"{path.name} has more than {MAX_BYTES // 1_000_000} MB.",
            hint="A MIDI file of a song has some 100 kB; is this one?",
        )
    return data


def count(number: int, noun: str) -> str:
    """Say how many there are: "1 bar", "8 bars"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
