"""A continuation: new bars after a bar line of the piece, and none of it behind them."""

from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from meloformer.checkpoint import Card
from meloformer.engine.candidate import Candidate, within_bars
from meloformer.engine.generate import REFILL_SHARE
from meloformer.engine.openings import opening_plan
from meloformer.engine.plan import Plan
from meloformer.engine.request import ContinueRequest
from meloformer.engine.stream import first_bar_within
from meloformer.engine.tasks.task import MAX_PROMPT_TOKENS, ReplacedBars, Task, plan_of
from meloformer.errors import ConfigError
from meloformer.midi.blank import filled_blank
from meloformer.midi.early_notes import without_early_notes
from meloformer.midi.file import MidiFile
from meloformer.midi.join import joined_file
from meloformer.midi.joined_file import JoinedFile
from meloformer.phrases import phrase
from meloformer.score.grid import TICKS_PER_QUARTER, tempo_bin
from meloformer.score.score import Score, Tempo, TimeSignature
from meloformer.score.usual_tempo import usual_tempo
from meloformer.tokens import Encoding, Kind, bar_ends, crop, vocabulary
from meloformer.tokens.annotate import METRE_TICKS
from meloformer.tokens.encode import metre_tokens
from meloformer.tokens.in_force import in_force


@dataclass(frozen=True, slots=True, eq=False)
class Continuation(Task):
    """A piece to be continued."""

    encoding: Encoding
    request: ContinueRequest

    @property
    def first_bar(self) -> int:
        """The seam: the bar line after the bars that are kept."""
        kept = self.request.from_bar
        return self.encoding.num_bars if kept is None else kept

    @property
    def replaced(self) -> ReplacedBars | None:
        """Nothing: new bars come after the seam."""
        return None

    def window(self, card: Card) -> NDArray[np.uint16]:
        """Cut out the last bars before the seam that fit the model's context.

        Raises:
            ConfigError: The piece has fewer bars than are to be kept, or the last of them has
                thousands of notes.
        """
        if self._is_opening:
            return self.kept
        keep, num_bars = self.first_bar, self.encoding.num_bars
        before = self.encoding.first_number - 1
        if not 1 <= keep <= num_bars:
            last = num_bars + before
            raise ConfigError(
                phrase(
                    "The piece has {last} bars, so it can't go on after bar {keep}.",
                    last=last,
                    keep=keep + before,
                ),
                hint=phrase(
                    "Choose a bar from {before} to {last}.",
                    before=1 + before,
                    last=last,
                ),
            )
        first = first_bar_within(self.kept, int(card.context_tokens * REFILL_SHARE))
        window = crop(self.kept, first, self._stream_bar)
        if len(window) > MAX_PROMPT_TOKENS:
            raise ConfigError(
                phrase(
                    "Bar {keep} has more notes than can be read at once.",
                    keep=keep + before,
                ),
                hint="Let the continuation start after another bar.",
            )
        return window

    @property
    def kept(self) -> NDArray[np.uint16]:
        """All bars before the seam."""
        if self._is_opening:
            return self.encoding.ids[:1]
        return self.encoding.ids[: int(bar_ends(self.encoding.ids)[self._stream_bar - 1])]

    @property
    def stream_bars(self) -> NDArray[np.int64]:
        """As many bars of the stream for each new bar as its metre is split into."""
        return np.cumsum([0, *map(len, self._metres)], dtype=np.int64)

    def plan(self) -> Plan:
        """Make the constraints on what is written; an opening has its own."""
        plan = plan_of(
            self.encoding,
            self.request,
            self.request.chords,
            self.stream_bars,
            tuple(metre for bar in self._metres for metre in bar),
            self._tempos,
            first_bar=self._stream_bar,
            rewrites=False,
        )
        return opening_plan(plan, self.request) if self._is_opening else plan

    def new_bars(self, ids: NDArray[np.uint16], window: NDArray[np.uint16]) -> NDArray[np.uint16]:
        """Take the bars after those of the prompt."""
        return crop(ids, len(bar_ends(window)), len(ids))

    def placed(self, file: MidiFile, candidate: Candidate) -> Score:
        """Return the new notes in the piece's own metre and tempo, and in those asked for.

        None rings beyond the last new bar.
        """
        metre, qpm = self.begins_with(file)
        score = within_bars(candidate.score)
        lines = self._bar_lines[: len(candidate.chords)]
        tempos = {0: qpm} | {one.bar: one.qpm for one in self.request.tempos}
        metres = {0: metre} | {
            one.bar: (one.numerator, one.denominator) for one in self.request.metres
        }
        return replace(
            score,
            time_signatures=tuple(
                TimeSignature(lines[bar], *of) for bar, of in metres.items() if bar < len(lines)
            ),
            tempos=tuple(Tempo(lines[bar], of) for bar, of in tempos.items() if bar < len(lines)),
        )

    def begins_with(self, file: MidiFile) -> tuple[tuple[int, int], float]:
        """Return the metre and the tempo at the seam if no other is asked for."""
        if self._is_opening:
            first = file.score.time_signatures[0]
            return (first.numerator, first.denominator), file.score.tempos[0].qpm
        numerator, denominator = file.grid.whole_metres[self._model_bar].tolist()
        qpm = usual_tempo(file.score, file.grid.whole_starts[: self.first_bar + 1])
        return (numerator, denominator), qpm

    def joined_file(self, file: MidiFile, candidate: Candidate) -> JoinedFile:
        """Append the new notes to the file at the seam, none ringing beyond the last new bar.

        Notes of the file that begin a little before the seam and belong behind it give way.
        """
        if self._is_opening:
            score = self.placed(file, candidate)
            tracks = candidate.tracks_in(self.encoding)
            return JoinedFile(filled_blank(file, score, candidate.parts, tracks), remarks=())
        seam = self._seam_tick(file)
        kept = without_early_notes(file, seam)
        voices = {voice: index for index, voice in enumerate(kept.notes.voices)}
        of_file = candidate.tracks_in(self.encoding)
        own = [None if of is None else file.notes.voices[of] for of in of_file]
        return joined_file(
            kept,
            self.placed(file, candidate),
            seam_tick=seam,
            track_of=[None if voice is None else voices.get(voice) for voice in own],
        )

    def tempos(self, file: MidiFile) -> tuple[Tempo, ...]:
        """Return that in which the piece goes on, and those asked for."""
        seam, clock = self._seam_tick(file), file.score.ticks_per_quarter
        tempos = {0: self.begins_with(file)[1]} | {one.bar: one.qpm for one in self.request.tempos}
        return tuple(
            Tempo(seam + self._bar_lines[bar] * clock // TICKS_PER_QUARTER, qpm)
            for bar, qpm in tempos.items()
        )

    def end_tick(self, file: MidiFile, candidate: Candidate) -> int:
        """Return the end of the last new bar."""
        grid_ticks = candidate.score.end_tick
        new_ticks = grid_ticks * file.score.ticks_per_quarter // TICKS_PER_QUARTER
        return self._seam_tick(file) + new_ticks

    def _seam_tick(self, file: MidiFile) -> int:
        return int(file.grid.whole_starts[self.first_bar])

    @property
    def _stream_bar(self) -> int:
        """The bar of the stream at the seam."""
        return int(self.encoding.stream_bars[self.first_bar])

    @property
    def _model_bar(self) -> int:
        """The bar of the piece whose metre goes on."""
        is_pickup = self.first_bar == 1 and self.encoding.first_number == 0
        return 1 if is_pickup else self.first_bar - 1

    @property
    def _is_opening(self) -> bool:
        """Whether the piece has no bar yet."""
        return self.encoding.first_head is not None

    @property
    def _usual_metres(self) -> tuple[int, ...]:
        """The metres that a bar of the piece is split into, indices into `METRES`."""
        if self.encoding.first_head is not None:
            return self.encoding.first_head.metres
        vocab, ids = vocabulary(), self.encoding.ids
        metres = vocab.value[ids[in_force(vocab.kind[ids], Kind.METRE)]]
        first, last = self.encoding.stream_bars[self._model_bar : self._model_bar + 2].tolist()
        return tuple(metres[first:last].tolist())

    @property
    def _metres(self) -> tuple[tuple[int, ...], ...]:
        """The metres that each new bar is split into, indices into `METRES`."""
        asked = {one.bar: one for one in self.request.metres}
        metres, now = [], self._usual_metres
        for bar in range(self.request.num_bars):
            if bar in asked:
                now = metre_tokens(asked[bar].numerator, asked[bar].denominator)
            metres.append(now)
        return tuple(metres)

    @property
    def _tempos(self) -> tuple[int | None, ...]:
        """The tempo of each new bar of the stream; `None` is that before the seam."""
        head = self.encoding.first_head
        if head is None and not self.request.tempos:
            return ()
        asked = {one.bar: tempo_bin(one.qpm) for one in self.request.tempos}
        tempos: list[int | None] = []
        now = None if head is None else head.tempo
        for bar, metres in enumerate(self._metres):
            now = asked.get(bar, now)
            tempos += [now] * len(metres)
        return tuple(tempos)

    @property
    def _bar_lines(self) -> list[int]:
        """Where each new bar begins, in grid ticks from the seam."""
        lengths = [int(METRE_TICKS[list(metres)].sum()) for metres in self._metres]
        return list(accumulate(lengths[:-1], initial=0))
