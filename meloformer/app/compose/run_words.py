"""What a run has written, in words."""

from meloformer.app.session import Session
from meloformer.phrases import joined, phrase, plural


def run_words(session: Session) -> str:
    """Return what there is to say of the takes that are shown, once they are written."""
    with session.lock:
        if not session.takes or session.is_writing:
            return ""
        made, first = len(session.takes[0].bars), session.takes[0].candidate
        said = plural(
            "{count} bar written (seed {seed})",
            "{count} bars written (seed {seed})",
            made,
            seed=first.seed,
        )
        if made < first.num_bars:
            said = phrase(
                "Stopped: {made} of {all} bars kept (seed {seed})",
                made=made,
                all=first.num_bars,
                seed=first.seed,
            )
        return joined(". ", [said, *session.takes[0].remarks])
