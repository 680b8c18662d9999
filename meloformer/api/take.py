"""A take: one version of what was asked for, within its song."""

from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path

from meloformer.api.song import Song, count
from meloformer.audio.waveform import Waveform
from meloformer.engine.candidate import Candidate
from meloformer.engine.export import continuation_alone, joined_piece
from meloformer.engine.piece import Piece
from meloformer.engine.recipe import Recipe
from meloformer.engine.recipe_event import without_recipe
from meloformer.engine.request import Request
from meloformer.engine.tasks import task_of
from meloformer.midi.joined_file import JoinedFile
from meloformer.midi.read import read_file
from meloformer.outputs import write_output


@dataclass(frozen=True, eq=False, repr=False)
class Take:
    """New bars, and the song with them in it."""

    original: Song
    """The song that was continued, or bars of which were written again."""
    request: Request
    """What was asked for."""
    candidate: Candidate
    """The new notes alone."""
    recipe: Recipe
    """How they were asked for, with the seed and the model; it travels in the file."""

    @property
    def chords(self) -> tuple[str, ...]:
        """The chord of each new bar."""
        return self.candidate.chords

    @property
    def num_bars(self) -> int:
        """How many new bars there are."""
        return len(self.chords)

    @property
    def seed(self) -> int:
        """The seed that makes this take again."""
        return self.candidate.seed

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences that say where the song falls short, such as more parts than channels."""
        return self._joined.remarks

    @cached_property
    def song(self) -> Song:
        """The whole song with the new bars, to be continued in its turn."""
        piece = self.original.piece
        task = task_of(piece.encoding, self.request)
        end_tick = task.end_tick(piece.file, self.candidate)
        pickup = piece.file.pickup_ticks
        file = read_file(self.to_bytes(), end_tick=end_tick, pickup_ticks=pickup)
        return Song(Piece(f"{piece.name}-{self.request.suffix}", file))

    def to_bytes(self, *, alone: bool = False, recipe: bool = True) -> bytes:
        """Return a MIDI file of the whole song, all else in it as it was.

        Args:
            alone: Only the new notes instead, without a recipe.
            recipe: Whether the file says how the new bars were asked for.
        """
        if alone:
            return self._alone
        return self._joined.data if recipe else without_recipe(self._joined.data)

    def save(self, path: str | PathLike[str], *, alone: bool = False, recipe: bool = True) -> Path:
        """Write the whole song as a MIDI file, whole or not at all, all else in it as it was.

        Args:
            path: Receives it.
            alone: Only the new notes instead, without a recipe.
            recipe: Whether the file says how the new bars were asked for.

        Returns:
            Where it is.

        Raises:
            OutputError: It can't be written.
        """
        write_output(Path(path), self.to_bytes(alone=alone, recipe=recipe))
        return Path(path)

    def render(self, path: str | PathLike[str] | None = None) -> Waveform:
        """Play the whole song through FluidSynth.

        Args:
            path: Receives the sound, as WAV or MP3 by its ending.

        Raises:
            AudioError: There is nothing to play it with, or the ending is another.
            OutputError: The sound can't be written; said before it is made where it is known.
        """
        return self.song.render(path)

    def __repr__(self) -> str:
        bars, number = count(self.num_bars, "bar"), self.candidate.index + 1
        return f"<Take {number} of {self.original.name!r}: {bars}, {' '.join(self.chords)}>"

    @property
    def _alone(self) -> bytes:
        return continuation_alone(self.original.piece, self.request, self.candidate)

    @cached_property
    def _joined(self) -> JoinedFile:
        return joined_piece(self.original.piece, self.request, self.candidate, self.recipe)
