"""What a fine-tuning has come to so far, in words: by bits per note of the music held back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from meloformer.app.training.curves import EVALUATION, table_of
from meloformer.phrases import joined, phrase

_CLEAR = 0.02
"""Share of the bits per note from which on a change is called one: below, other held-back music
might say the opposite."""


class Mood(StrEnum):
    """How the page shows a verdict."""

    GOOD = "good"
    PLAIN = "plain"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A verdict on a run."""

    words: str
    """Sentences; empty while nothing can be said."""
    mood: Mood = Mood.PLAIN


def verdict_on(
    evaluations: Sequence[Mapping[str, object]],
    *,
    is_fine_tuned: bool,
    is_measured: bool,
    is_over: bool,
) -> Verdict:
    """Return what a run has come to.

    Args:
        evaluations: Lines of `metrics.jsonl`, as `Run.metrics` gives them; that of step 0 is of the
            model before training.
        is_fine_tuned: Whether there is a model before training to compare with.
        is_measured: Whether any music is held back.
        is_over: Whether the run has ended.
    """
    if not is_measured:
        words = phrase(
            "Nothing of this music is held back, so nobody can say what the model has learned."
        )
        return Verdict(words)
    held = table_of(evaluations, EVALUATION)
    has_before = len(held) > 0 and held[0, 0] == 0
    after = held[held[:, 0] > 0]
    if not is_fine_tuned or not len(after):
        return Verdict("")
    if not has_before:
        return Verdict(
            phrase("The model before training was not measured, so there is no comparison.")
        )
    before, last = float(held[0, 2]), float(after[-1, 2])
    best_row = after[after[:, 2].argmin()]
    best_step, best = int(best_row[0]), float(best_row[2])
    figures = _figures(before, best)
    gain, loss = 1 - best / before, last / before - 1
    if gain >= _CLEAR:
        words = phrase(
            "It knows your music {percent} better than before training ({figures}).",
            percent=_percent(gain),
            figures=figures,
        )
        if last / best - 1 >= _CLEAR:
            words = joined(" ", [words, _since(best_step, is_over=is_over)])
            if loss >= _CLEAR:
                return Verdict(
                    phrase(
                        "By now it is worse than before training: use the earlier checkpoint of "
                        "step {step:,}, which knows your music {percent} better ({figures}).",
                        step=best_step,
                        percent=_percent(gain),
                        figures=figures,
                    ),
                    Mood.BAD,
                )
        return Verdict(words, Mood.GOOD)
    if loss >= _CLEAR:
        return Verdict(_worse(before, last, best_step, best), Mood.BAD)
    rest = phrase("give it more time.")
    if is_over:
        rest = phrase("train longer, or bring more music.")
    said = phrase("Hardly changed so far ({figures}): {rest}", figures=figures, rest=rest)
    return Verdict(said)


def _figures(before: float, after: float) -> str:
    return phrase(
        "{before:.2f} → {after:.2f} bits a note on music it never trains on",
        before=before,
        after=after,
    )


def _since(best_step: int, *, is_over: bool) -> str:
    choice = phrase("it may be stopped now")
    if is_over:
        choice = phrase("Compose takes that checkpoint")
    return phrase(
        "That was at step {step:,}; since then it learns your pieces by heart instead of "
        "their style, so {choice}.",
        step=best_step,
        choice=choice,
    )


def _worse(before: float, last: float, best_step: int, best: float) -> str:
    figures = _figures(before, last)
    known = {"percent": _percent(last / before - 1), "figures": figures}
    if best < before:
        return phrase(
            "It knows your music {percent} worse than before training ({figures}): use the "
            "earlier checkpoint of step {step:,}.",
            **known,
            step=best_step,
        )
    return phrase(
        "It knows your music {percent} worse than before training ({figures}), and no checkpoint "
        "is better: use the model before training, bring more music, or choose lower learning "
        "rates under Details.",
        **known,
    )


def _percent(share: float) -> str:
    return f"{max(round(100 * share), 1)} %"
