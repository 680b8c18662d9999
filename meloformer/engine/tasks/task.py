"""A task: what the model reads, what it may write, and where that goes in the file."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from itertools import cycle

import numpy as np
from numpy.typing import NDArray

from meloformer.checkpoint import Card
from meloformer.engine.candidate import Candidate
from meloformer.engine.constraints import reach_of
from meloformer.engine.handles.planning import with_handles
from meloformer.engine.plan import Plan
from meloformer.engine.request import Request
from meloformer.midi.file import MidiFile
from meloformer.midi.joined_file import JoinedFile
from meloformer.score.part import Part
from meloformer.score.score import Score, Tempo
from meloformer.tokens import Encoding

MAX_PROMPT_TOKENS = 4096
"""A longer prompt is refused; attention over it would fill the memory."""


@dataclass(frozen=True, slots=True)
class ReplacedBars:
    """Bars of a piece in which the notes of some parts give way."""

    first_bar: int
    """From 0."""
    last_bar: int
    """The bar after the last."""
    parts: frozenset[Part]


class Task(ABC):
    """A request made of one piece."""

    @property
    @abstractmethod
    def first_bar(self) -> int:
        """The bar of the piece, from 0, at whose line the new bars begin."""

    @property
    @abstractmethod
    def replaced(self) -> ReplacedBars | None:
        """The bars that give way to the new ones; `None` where these come after the seam."""

    @property
    @abstractmethod
    def stream_bars(self) -> NDArray[np.int64]:
        """The bar of what is written with which each new bar of the piece begins, and the end.

        (k + 1,), int64, from 0: a bar of the piece may be several of the stream.
        """

    @abstractmethod
    def window(self, card: Card) -> NDArray[np.uint16]:
        """Cut out the prompt: what the model reads before it writes.

        Args:
            card: Of the model; says how far it reads, and what it has learned.

        Returns:
            (T,), uint16.

        Raises:
            ConfigError: The piece or the model has not what the request needs.
        """

    @property
    @abstractmethod
    def kept(self) -> NDArray[np.uint16]:
        """Bars of the piece that stay, whether or not the model can read that much; without FILL.

        (T,), uint16.
        """

    @abstractmethod
    def plan(self) -> Plan:
        """Make the constraints on what is written."""

    @abstractmethod
    def new_bars(self, ids: NDArray[np.uint16], window: NDArray[np.uint16]) -> NDArray[np.uint16]:
        """Take the new bars out of what stands behind a prompt.

        Args:
            ids: The prompt and all that was written after it. (T,), uint16.
            window: The prompt. (T',), uint16.

        Returns:
            The bars as tokens of their own, from BOS on.
        """

    @abstractmethod
    def placed(self, file: MidiFile, candidate: Candidate) -> Score:
        """Return the new notes under the metre and tempo that they have in the piece."""

    def joined(self, file: MidiFile, candidate: Candidate) -> bytes:
        """Put the new notes into the file of the piece; all else stays message for message."""
        return self.joined_file(file, candidate).data

    @abstractmethod
    def joined_file(self, file: MidiFile, candidate: Candidate) -> JoinedFile:
        """Put the new notes into the file as `joined` does, and say where that falls short."""

    @abstractmethod
    def tempos(self, file: MidiFile) -> tuple[Tempo, ...]:
        """Return the tempos from the first new bar on, in ticks of the file."""

    @abstractmethod
    def end_tick(self, file: MidiFile, candidate: Candidate) -> int:
        """Return the tick at which the joined file ends, its last rests included."""


def plan_of(
    encoding: Encoding,
    request: Request,
    chords: tuple[int | None, ...],
    stream_bars: NDArray[np.int64],
    metres: tuple[int, ...] = (),
    tempos: tuple[int | None, ...] = (),
    *,
    first_bar: int,
    rewrites: bool,
) -> Plan:
    """Make the constraints of a request.

    Args:
        encoding: The piece.
        request: Says which parts play.
        chords: Chord of each bar of the piece, repeated; `None` leaves one free.
        stream_bars: As `Task.stream_bars`.
        metres: Of each bar of the stream, repeated; without any the metre stays.
        tempos: Likewise.
        first_bar: The bar of the stream, from 0, at whose line the new bars begin.
        rewrites: Whether the new bars stand in the place of others.

    Raises:
        ConfigError: Handles contradict each other.
    """
    may_play, must_play = request.instrumentation(encoding.parts)
    if chords:
        lengths = np.diff(stream_bars).tolist()
        each = zip(cycle(chords), lengths, strict=False)
        chords = tuple(chord for chord, length in each for _ in range(length))
    plan = Plan(
        num_bars=int(stream_bars[-1]),
        may_play=frozenset(may_play),
        must_play=frozenset(must_play),
        reach=reach_of(encoding, may_play),
        chords=chords,
        metres=metres,
        tempos=tempos,
        further=request.constraints,
    )
    return with_handles(
        plan,
        request.handles,
        encoding,
        stream_bars,
        chords_asked=request.chords,
        first_bar=first_bar,
        rewrites=rewrites,
    )
