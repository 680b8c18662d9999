"""REMI tokens of music that is on the grid of the HID tokens, made by MidiTok.

As in REMI+ every note is Program, Pitch, Velocity and Duration, after Bar, TimeSig, Tempo and
Position. Two things are changed so that both tokenisers say the same of the same notes, and both
help REMI:

- MidiTok counts positions and durations in beats of the metre, twice as fine in 6/8 as in 3/4 and
  too coarse in 2/2. Here they are in twelfths of a quarter in every metre.
- The vocabulary holds only what music on this grid can use: of 192 durations 64, of 384 positions
  96.

Programs of several parts are merged, as MidiTok does: REMI need not say which part has a note.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import symusic
from miditok import REMI, TokenizerConfig
from miditok.classes import Event
from numpy.typing import NDArray

from meloformer.score import Score, Track
from meloformer.score.grid import (
    DURATION_TICKS,
    TEMPO_QPM,
    TICKS_PER_QUARTER,
    VELOCITIES_PER_BIN,
)
from meloformer.score.part import DRUM_PROGRAM, Part
from meloformer.score.score import DURATION, PITCH, START, VELOCITY
from meloformer.tokens.vocabulary import MAX_BAR_TICKS, METRES

_QUARTERS = int(DURATION_TICKS[-1]) // TICKS_PER_QUARTER


class QuarterREMI(REMI):
    """REMI that counts in quarters whatever the metre."""

    def _compute_ticks_per_pos(self, ticks_per_beat: int) -> int:
        return 1

    def _create_duration_event(self, note: symusic.Note, _program: int, **_: object) -> Event:
        return Event("Duration", _duration(note.duration), note.start, _program)


@dataclass(frozen=True, eq=False)
class Remi:
    """The tokeniser and its vocabulary."""

    tokeniser: QuarterREMI
    names: tuple[str, ...]
    """`Type_Value` of each token. (V,)."""
    id_of: dict[str, int]

    @property
    def bos(self) -> int:
        """The token before the first bar. It is never predicted."""
        return 0

    def encode(self, score: Score) -> NDArray[np.int64]:
        """Return the stream of a score on the grid, as `tokens.decode` gives it.

        Returns:
            BOS and all tokens up to the last of the last note. (T,).
        """
        tokens = self.tokeniser.encode(self._to_symusic(score), no_preprocess_score=True).tokens
        return np.array([self.bos, *(self.id_of[token] for token in tokens)])

    def _to_symusic(self, score: Score) -> symusic.Score:
        """Return the same music with one track a program, in the order of the HID tokens."""
        music = symusic.Score(score.ticks_per_quarter)
        programs: dict[int, list[Track]] = {}
        for track in score.tracks:
            programs.setdefault(DRUM_PROGRAM if track.is_drum else track.program, []).append(track)
        for program in sorted(programs, key=lambda one: Part(one).rank):
            is_drum = program == DRUM_PROGRAM
            rows = np.concatenate([track.notes for track in programs[program]])
            rows = rows[np.lexsort((rows[:, PITCH], rows[:, START]))]
            velocities = self.tokeniser.velocities[rows[:, VELOCITY] // VELOCITIES_PER_BIN]
            columns = rows[:, START], rows[:, DURATION], rows[:, PITCH], velocities
            notes = symusic.Note.from_numpy(*(column.astype(np.int32) for column in columns))
            part = symusic.Track("", 0 if is_drum else program, is_drum)
            part.notes = notes
            music.tracks.append(part)
        for tempo in score.tempos:
            music.tempos.append(symusic.Tempo(tempo.tick, tempo.qpm))
        for metre in score.time_signatures:
            music.time_signatures.append(
                symusic.TimeSignature(metre.tick, metre.numerator, metre.denominator)
            )
        return music


@cache
def remi() -> Remi:
    """Return the one REMI of the experiments."""
    denominators = sorted({denominator for _, denominator in METRES})
    tokeniser = QuarterREMI(
        TokenizerConfig(
            pitch_range=(0, 127),
            drums_pitch_range=(0, 127),
            beat_res={(0, _QUARTERS): TICKS_PER_QUARTER},
            num_velocities=128 // VELOCITIES_PER_BIN,
            special_tokens=["BOS"],
            use_programs=True,
            use_pitchdrum_tokens=True,
            use_tempos=True,
            num_tempos=len(TEMPO_QPM),
            tempo_range=(float(TEMPO_QPM[0]), float(TEMPO_QPM[-1])),
            log_tempos=True,
            use_time_signatures=True,
            time_signature_range={
                denominator: [n for n, d in METRES if d == denominator]
                for denominator in denominators
            },
        )
    )
    names = ["BOS_None", *(name for name in tokeniser.vocab if _is_used(name))]
    return Remi(tokeniser, tuple(names), {name: index for index, name in enumerate(names)})


def _is_used(name: str) -> bool:
    """Return whether music on the grid can have a token of MidiTok's vocabulary."""
    kind, value = name.split("_")
    if kind == "Position":
        return int(value) < MAX_BAR_TICKS
    if kind == "Duration":
        return value in {_duration(int(ticks)) for ticks in DURATION_TICKS}
    return kind != "BOS"


def _duration(ticks: int) -> str:
    """Return MidiTok's value of a duration in grid ticks: quarters, twelfths, twelve."""
    return f"{ticks // TICKS_PER_QUARTER}.{ticks % TICKS_PER_QUARTER}.{TICKS_PER_QUARTER}"
