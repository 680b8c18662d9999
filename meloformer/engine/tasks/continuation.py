"""A continuation: new bars after a bar line of the piece, and none of it behind them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meloformer.checkpoint import Card
from meloformer.engine.candidate import Candidate, within_bars
from meloformer.engine.generate import REFILL_SHARE
from meloformer.engine.plan import Plan
from meloformer.engine.request import ContinueRequest
from meloformer.engine.stream import first_bar_within
from meloformer.engine.tasks.task import MAX_PROMPT_TOKENS, ReplacedBars, Task, plan_of
from meloformer.errors import ConfigError
from meloformer.midi.file import MidiFile
from meloformer.midi.join import joined_file
from meloformer.midi.joined_file import JoinedFile
from meloformer.score.grid import TICKS_PER_QUARTER
from meloformer.tokens import Encoding, bar_ends, crop


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
        keep, num_bars = self.first_bar, self.encoding.num_bars
        if not 1 <= keep <= num_bars:
            raise ConfigError(
                f"The piece has {num_bars} bars, so it can't go on after bar {keep}.",
                hint=f"Choose a bar from 1 to {num_bars}.",
            )
        first = first_bar_within(self.kept, int(card.context_tokens * REFILL_SHARE))
        window = crop(self.kept, first, keep)
        if len(window) > MAX_PROMPT_TOKENS:
            raise ConfigError(
                f"Bar {keep} has more notes than can be read at once.",
                hint="Let the continuation start after another bar.",
            )
        return window

    @property
    def kept(self) -> NDArray[np.uint16]:
        """All bars before the seam."""
        return self.encoding.ids[: int(bar_ends(self.encoding.ids)[self.first_bar - 1])]

    def plan(self) -> Plan:
        """Make the constraints on what is written."""
        return plan_of(self.encoding, self.request, self.request.chords)

    def new_bars(self, ids: NDArray[np.uint16], window: NDArray[np.uint16]) -> NDArray[np.uint16]:
        """Take the bars after those of the prompt."""
        return crop(ids, len(bar_ends(window)), len(ids))

    def joined_file(self, file: MidiFile, candidate: Candidate) -> JoinedFile:
        """Append the new notes to the file at the seam, none ringing beyond the last new bar."""
        return joined_file(
            file,
            within_bars(candidate.score),
            seam_tick=self._seam_tick(file),
            track_of=candidate.tracks_in(self.encoding),
        )

    def end_tick(self, file: MidiFile, candidate: Candidate) -> int:
        """Return the end of the last new bar."""
        grid_ticks = candidate.score.end_tick
        new_ticks = grid_ticks * file.score.ticks_per_quarter // TICKS_PER_QUARTER
        return self._seam_tick(file) + new_ticks

    def _seam_tick(self, file: MidiFile) -> int:
        return int(file.grid.starts[self.first_bar])
