"""What an app holds: the loaded model and its lock, the synthesizer, and the visitors' desks.

One model serves everybody who has not chosen another. Models are taken for one bar at a time, so
that visitors who compose at the same moment take turns bar by bar.
"""

import logging
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from meloformer import checkpoint
from meloformer.audio import (
    COMPRESSED_SUFFIX,
    Synth,
    Waveform,
    find_soundfont,
    write_compressed,
    write_wav,
)
from meloformer.checkpoint import Card
from meloformer.engine.candidate import Progress
from meloformer.engine.compose import Prompt, continue_score, prepare_prompt
from meloformer.engine.desk import Desk, Desks
from meloformer.engine.export import whole_piece
from meloformer.engine.piece import Piece
from meloformer.engine.request import ContinueRequest, RewriteRequest
from meloformer.engine.rewrite import rewrite_bars
from meloformer.engine.shelf import Loaded, Shelf
from meloformer.engine.take import Sound
from meloformer.errors import AudioError, MeloFormerError
from meloformer.model import MeloFormer
from meloformer.registry import default_checkpoint
from meloformer.score.grid import TICKS_PER_QUARTER
from meloformer.tokens import encode

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Studio:
    """Everything the app needs to continue, join and play music. No module globals elsewhere."""

    model: MeloFormer
    card: Card
    synth: Synth | None
    """`None` where FluidSynth or every SoundFont is missing."""
    sound_problem: str
    """Why there is no synthesizer, as a sentence with the command that helps; else empty."""
    desks: Desks
    shelf: Shelf = field(default_factory=Shelf)
    """The models that a visitor may choose instead."""
    _model_lock: Lock = field(default_factory=Lock)

    @classmethod
    def open(
        cls,
        folder: Path,
        soundfonts: Path,
        path: Path | None = None,
        workspace: Path | None = None,
    ) -> "Studio":
        """Load a checkpoint and the synthesizer.

        Args:
            folder: Where the visitors' files go.
            soundfonts: The project's own SoundFonts.
            path: The checkpoint; the shipped one if `None`.
            workspace: The folder of the runs, whose models can be chosen too.

        Raises:
            CheckpointError: There is no such checkpoint, or it is damaged.
        """
        model, card = checkpoint.load(path or default_checkpoint())
        synth, problem = None, ""
        try:
            synth = Synth(find_soundfont(soundfonts))
        except AudioError as error:
            problem = str(error)
            logger.warning("No sound: %s", error.problem)
        return cls(model, card, synth, problem, Desks(folder), Shelf(workspace))

    def choose(self, desk: Desk, name: str) -> None:
        """Compose with another model from now on.

        Args:
            desk: Whose.
            name: As in `shelf.entries`; empty for the model the app was started with.

        Raises:
            MeloFormerError: There is no such model, or a continuation is being written.
        """
        loaded = self.shelf.load(name) if name else None
        with desk.lock:
            if desk.is_composing:
                raise MeloFormerError(
                    "A continuation is being written with the model there is.",
                    hint="Wait for it, or cancel it first.",
                )
            desk.loaded, desk.prompt = loaded, None

    def fills_in(self, desk: Desk) -> bool:
        """Whether the desk's model has learned to write bars between others."""
        return self._model_of(desk.loaded)[1].infill

    def prepare(self, desk: Desk) -> Prompt:
        """Read the piece into the model ahead of the click, unless that is done already.

        Raises:
            MeloFormerError: There is no piece.
        """
        with self._model_lock:
            with desk.lock:
                piece, from_bar, loaded = desk.require_piece(), desk.from_bar, desk.loaded
                if desk.prompt is not None:
                    return desk.prompt
            prompt = prepare_prompt(*self._model_of(loaded), piece.score, from_bar)
            with desk.lock:
                if (desk.piece, desk.from_bar, desk.loaded) == (piece, from_bar, loaded):
                    desk.prompt = prompt
        self.desks.forget_old_prompts()
        return prompt

    def begin(self, desk: Desk) -> None:
        """Ask for a run; until it starts it waits, and may be stopped.

        Raises:
            MeloFormerError: There is no piece, or this desk is composing already.
        """
        desk.require_piece()
        with desk.lock:
            if desk.is_composing:
                raise MeloFormerError(
                    "A continuation is being written already.",
                    hint="Wait for it, or cancel it first.",
                )
            desk.stop.clear()

    def compose(
        self, desk: Desk, request: ContinueRequest | RewriteRequest
    ) -> Generator[Progress, None, None]:
        """Write candidates, bar by bar; they become the desk's takes.

        Stops after the current bar when `desk.stop` is set or the generator is closed. Bars that
        are finished by then are kept.

        Raises:
            MeloFormerError: There is no piece, or the request cannot be met.
        """
        loaded, model = desk.loaded, self._model_of(desk.loaded)
        prompt = None if isinstance(request, RewriteRequest) else self.prepare(desk)
        with desk.lock:
            if desk.is_composing or desk.stop.is_set() or desk.loaded is not loaded:
                return
            piece, stop = desk.begin_run(request), desk.stop
            run = desk.run
        encoding = prompt.encoding if prompt else encode(piece.score)
        if isinstance(request, RewriteRequest):
            bars = rewrite_bars(*model, encoding, request)
        else:
            bars = continue_score(*model, piece.score, request, prompt=prompt)
        try:
            with closing(bars):
                while not stop.is_set():
                    with self._model_lock:
                        progress = next(bars, None)
                    if progress is None or desk.run != run:
                        break
                    desk.file(progress)
                    yield progress
        finally:
            with desk.lock:
                if desk.run == run:
                    desk.is_composing = False
                    desk.takes = [take for take in desk.takes if take.bars]
                    desk.request = request if desk.takes else None
                    for take in desk.takes:
                        take.data = whole_piece(
                            piece.data, piece.score, encoding, request, take.candidate
                        )

    def _model_of(self, loaded: Loaded | None) -> tuple[MeloFormer, Card]:
        return (self.model, self.card) if loaded is None else (loaded.model, loaded.card)

    def sound_of(self, desk: Desk, index: int | None) -> Sound | None:
        """Play the piece (`None`) or a take into files, unless that is done already.

        Returns:
            `None` where there is no synthesizer.

        Raises:
            AudioError: Rendering failed.
        """
        if self.synth is None:
            return None
        piece = desk.require_piece()
        take = None if index is None else desk.take(index)
        known = desk.piece_sound if take is None else take.sound
        if known is not None:
            return known
        name = piece.name if index is None else desk.take_name(index)
        sound = _write_sound(desk, name, self.synth.render(take.data if take else piece.data))
        with desk.lock:
            if take is not None:
                take.sound = sound
            elif desk.piece is piece:
                desk.piece_sound = sound
        return sound

    def keep(self, desk: Desk, index: int) -> None:
        """A take becomes the piece, to be continued again.

        Raises:
            MeloFormerError: There is no such take, or it is still being written.
        """
        piece, take = desk.require_piece(), desk.take(index)
        if not take.data:
            raise MeloFormerError("This continuation is still being written.")
        with desk.lock:
            end_tick = piece.score.end_tick
            if desk.gap is None:
                seam, grid_ticks = piece.seam_tick(desk.from_bar), take.candidate.score.end_tick
                end_tick = seam + grid_ticks * piece.score.ticks_per_quarter // TICKS_PER_QUARTER
            kept = Piece.read(piece.name, take.data, end_tick=end_tick)
            desk.earlier.append((piece, desk.piece_sound))
            desk.place(kept, take.sound)

    def undo(self, desk: Desk) -> None:
        """Go back to the piece before the last one that was kept.

        Raises:
            MeloFormerError: There is none.
        """
        with desk.lock:
            if not desk.earlier:
                raise MeloFormerError("There is nothing to undo.")
            desk.place(*desk.earlier.pop())


def _write_sound(desk: Desk, name: str, waveform: Waveform) -> Sound:
    wav = desk.new_file(f"{name}.wav")
    compressed = wav.with_suffix(COMPRESSED_SUFFIX)
    write_wav(wav, waveform)
    write_compressed(compressed, waveform)
    return Sound(wav, compressed, waveform.duration_s)
