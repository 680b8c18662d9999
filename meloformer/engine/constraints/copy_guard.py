"""Music that others have written."""

from collections.abc import Iterable

import numpy as np

from meloformer.data.known_runs import RUN_NOTES, KnownRuns
from meloformer.engine.constraints.constraint import Choice, Constraint, CurrentBar, Logits
from meloformer.errors import ConfigError
from meloformer.phrases import phrase
from meloformer.score.note_runs import Line, next_run_hashes, run_hash, run_hashes
from meloformer.tokens import Cursor, Kind, State, vocabulary
from meloformer.tokens.recent_notes import NUM_RECENT

if NUM_RECENT != RUN_NOTES:
    raise ConfigError(
        phrase(
            "Streams keep {num_recent} notes of a part, and runs have {run_notes}.",
            num_recent=NUM_RECENT,
            run_notes=RUN_NOTES,
        )
    )

_PITCHES = vocabulary().span(Kind.PITCH)
_TOO_SMALL = np.float32(-1e4)
"""What keeps a token from being drawn while there is another, and leaves its logit a number."""


class CopyGuard(Constraint):
    """Leaves a path before it shares more than `RUN_NOTES` notes in a row with a known piece.

    A part may take up longer runs of the piece that it is written for. Where every legal pitch
    would go too far, all stay as likely as they were.

    Args:
        known: The music that is not to be copied.
        own: The pitched parts of the piece that there is.
    """

    states = (State.ONSET,)

    def __init__(self, known: KnownRuns, own: Iterable[Line] = ()) -> None:
        self._known = known.filter
        self._own = run_hashes(list(own), RUN_NOTES + 1)

    def bias(self, cursor: Cursor, bar: CurrentBar, choice: Choice) -> Logits | None:
        """Return what keeps pitches from being drawn that would go too far."""
        notes, start = cursor.recent_notes, cursor.start
        if len(notes) < RUN_NOTES or not self._known.has(run_hash(notes)):
            return None
        legal = choice.legal[_PITCHES]
        goes_too_far = legal & self._known.contain(next_run_hashes(notes[1:], start))
        goes_too_far &= ~np.isin(next_run_hashes(notes, start), self._own)
        if not goes_too_far.any() or np.array_equal(goes_too_far, legal):
            return None
        bias = np.zeros_like(choice.logits)
        bias[_PITCHES][goes_too_far] = _TOO_SMALL
        return bias
