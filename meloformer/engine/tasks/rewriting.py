"""A rewriting: bars of the piece written again, in view of what is around them on both sides.

The bars are left open, the model reads the piece around them, and writes what was in them anew.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from meloformer.checkpoint import Card
from meloformer.engine.candidate import Candidate, within_bars
from meloformer.engine.plan import Plan
from meloformer.engine.request import RewriteRequest, check_bars
from meloformer.engine.tasks.locked_in_file import locked_rows, without_locked
from meloformer.engine.tasks.task import MAX_PROMPT_TOKENS, ReplacedBars, Task, plan_of
from meloformer.errors import ConfigError
from meloformer.midi.file import MidiFile
from meloformer.midi.joined_file import JoinedFile
from meloformer.midi.replace import replaced_file
from meloformer.phrases import phrase
from meloformer.score.chords import NO_CHORD
from meloformer.score.grid import TICKS_PER_QUARTER
from meloformer.score.part import Part
from meloformer.score.score import Score, Tempo, TimeSignature
from meloformer.score.usual_tempo import tempos_between
from meloformer.tokens import Encoding, Kind, annotate, bars_around, crop, vocabulary
from meloformer.tokens.infill import leave_open, second_pass


@dataclass(frozen=True, slots=True, eq=False)
class Rewriting(Task):
    """Bars of a piece to be written again.

    A candidate has the notes of the parts that are written again, and of no other. Single locked
    notes are among them, but in the file they stay message for message.
    """

    encoding: Encoding
    request: RewriteRequest

    @property
    def first_bar(self) -> int:
        """The first bar that is written again."""
        return self.request.first_bar

    @property
    def parts(self) -> frozenset[Part]:
        """The parts of the piece that are written again."""
        named = {one.part for one in self.request.parts}
        return frozenset(part for part in self.encoding.parts if not named or part in named)

    @property
    def replaced(self) -> ReplacedBars:
        """The bars that are written again, and the parts whose notes give way in them."""
        return ReplacedBars(self.request.first_bar, self.request.last_bar, self.parts)

    def window(self, card: Card) -> NDArray[np.uint16]:
        """Cut out the bars around, the bars to be filled with what stays, and FILL.

        Raises:
            ConfigError: The model has not learned it, the piece has no such bars, nothing of it
                would stay, or the bars have thousands of notes.
        """
        self._check(card)
        opened = self.opened(card.context_tokens)
        if len(opened) > MAX_PROMPT_TOKENS:
            raise ConfigError(
                "These bars have more notes than can be read at once.",
                hint="Choose fewer bars.",
            )
        return opened

    def opened(self, context_tokens: int) -> NDArray[np.uint16]:
        """Leave the bars open in as much of the piece as the model can read.

        As much of both sides as fits the context together with the bars when they are written, and
        at least one bar of each.

        Returns:
            (T,), uint16.
        """
        first, last = self._stream_range
        begin, end = bars_around(self.encoding.ids, first, last, context_tokens)
        opened = self._opened(begin, end)
        return opened[: _place_of_fill(opened) + 1]

    @property
    def kept(self) -> NDArray[np.uint16]:
        """All bars, those that are written again with what stays in them."""
        opened = self._opened(0, int(self.encoding.stream_bars[-1]))
        return opened[: _place_of_fill(opened)]

    def plan(self) -> Plan:
        """Make the constraints on what is written; chords stay where a pitched part stays."""
        chords = self.request.chords or self._chords_that_stay()
        return plan_of(
            self.encoding,
            self.request,
            chords,
            self.stream_bars,
            first_bar=self._stream_range[0],
            rewrites=True,
        )

    def new_bars(self, ids: NDArray[np.uint16], window: NDArray[np.uint16]) -> NDArray[np.uint16]:
        """Take the filled bars."""
        return second_pass(ids)

    def placed(self, file: MidiFile, candidate: Candidate) -> Score:
        """Return the new notes under the metres and tempos of the bars they are written for."""
        first = self.request.first_bar
        metres = file.grid.whole_metres[first : first + len(candidate.chords)].tolist()
        lines = file.grid.lines[file.grid.whole_bars[first : first + len(metres)]]
        lines = (lines - lines[0]).tolist()
        signatures = [TimeSignature(at, *metre) for at, metre in zip(lines, metres, strict=True)]
        news = [
            new
            for old, new in pairwise([None, *signatures])
            if new and not (old and new.goes_on(old, TICKS_PER_QUARTER))
        ]
        begin, end = file.grid.whole_starts[[first, first + len(metres)]].tolist()
        tempos = tempos_between(file.score, begin, end, TICKS_PER_QUARTER)
        score = within_bars(candidate.score)
        return replace(score, time_signatures=tuple(news), tempos=tempos)

    def joined_file(self, file: MidiFile, candidate: Candidate) -> JoinedFile:
        """Put the new notes in the place of the old; bars not finished keep their old notes."""
        own, again = self.encoding.part_of_track, self.parts
        first, _ = self._stream_range
        return replaced_file(
            file,
            without_locked(candidate, self.request.handles.notes),
            first_bar=first,
            last_bar=first + int(self.stream_bars[len(candidate.chords)]),
            again=[track for track, part in enumerate(own) if part in again],
            track_of=candidate.tracks_in(self.encoding),
            locked=locked_rows(file, self.encoding, self.request.handles.notes, first),
        )

    def tempos(self, file: MidiFile) -> tuple[Tempo, ...]:
        """Return those of the piece, which stay."""
        begin = int(file.grid.whole_starts[self.request.first_bar])
        end = max(file.score.end_tick, begin + 1)
        return tuple(
            Tempo(tempo.tick + begin, tempo.qpm)
            for tempo in tempos_between(file.score, begin, end, file.score.ticks_per_quarter)
        )

    def end_tick(self, file: MidiFile, candidate: Candidate) -> int:
        """Return the end of the piece, which is as long as before."""
        return file.score.end_tick

    @property
    def stream_bars(self) -> NDArray[np.int64]:
        """The bars of the stream that are to be filled, counted from the first of them."""
        first, last = self.request.first_bar, self.request.last_bar
        lines = self.encoding.stream_bars[first : last + 1]
        from_first: NDArray[np.int64] = lines - lines[0]
        return from_first

    @property
    def _stream_range(self) -> tuple[int, int]:
        """The bars to be written again as bars of the stream, the last excluded."""
        first, last = self.request.first_bar, self.request.last_bar
        return int(self.encoding.stream_bars[first]), int(self.encoding.stream_bars[last])

    def _opened(self, begin: int, end: int) -> NDArray[np.uint16]:
        """Leave the bars open in those from `begin` up to but without `end`; all is still there."""
        first, last = self._stream_range
        around = crop(self.encoding.ids, begin, end)
        again = [part.number for part in self.parts]
        return leave_open(around, first - begin, last - begin, again)

    def _check(self, card: Card) -> None:
        if not card.infill:
            raise ConfigError(
                phrase(
                    "{card_name} has not learned to write bars between others.",
                    card_name=card.name,
                ),
                hint="Choose another model, or let it continue the piece after some bar.",
            )
        num_bars = self.encoding.num_bars
        first, last = self.request.first_bar, self.request.last_bar
        check_bars(first, last, num_bars, self.encoding.first_number)
        if self.parts == frozenset(self.encoding.parts) and self.request.num_bars == num_bars:
            raise ConfigError(
                "Nothing of the piece would stay to go by.",
                hint="Choose fewer bars, or some parts.",
            )

    def _chords_that_stay(self) -> tuple[int | None, ...]:
        """Return the chords there are, where a pitched part that stays plays over them."""
        vocab, notes = vocabulary(), annotate(self.encoding.ids)
        first, last = self._stream_range
        inside = (notes.bar >= first) & (notes.bar < last)
        kind, value = vocab.kind[self.encoding.ids], vocab.value[self.encoding.ids]
        again = [part.number for part in self.parts]
        if np.isin(notes.part[inside & (kind == Kind.PITCH)], again).all():
            return ()
        chords = value[inside & (kind == Kind.CHORD)][self.stream_bars[:-1]].tolist()
        return tuple(None if chord == NO_CHORD else chord for chord in chords)


def _place_of_fill(ids: NDArray[np.uint16]) -> int:
    return int(np.argmax(ids == vocabulary().id(Kind.FILL)))
