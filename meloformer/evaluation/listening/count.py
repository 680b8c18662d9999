"""What the votes say: how often a written continuation is liked better, or taken for the real one.

Votes of several listeners on one pair are averaged first, and the interval counts pairs: more
listeners make a pair's figure surer, but not the choice of pairs larger.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from meloformer.corpus.report.words import counted
from meloformer.evaluation.bootstrap import ConfidenceInterval
from meloformer.evaluation.listening.pairs import ListeningTest
from meloformer.evaluation.listening.votes import Answer, Vote

_Z = 1.959964
"""95 % of a normal distribution lie within so many standard deviations."""


@dataclass(frozen=True, slots=True)
class Shares:
    """How written continuations fare beside true ones; a half is as good as real music."""

    votes: int
    listeners: int
    pairs: int
    """With a vote."""
    liked: ConfidenceInterval
    """Share of the votes that like the written one better; half of those that like both as well."""
    taken_for_real: ConfidenceInterval
    """Share of the votes that hold the written one to be the song's; half of those who can't
    tell."""

    def __str__(self) -> str:
        if not self.votes:
            return "no vote yet"
        words = (
            f"{counted(self.votes, 'vote')} on {counted(self.pairs, 'pair')} "
            f"by {counted(self.listeners, 'listener')}"
        )
        return (
            f"the written one liked better: {_said(self.liked)}; "
            f"taken for the real one: {_said(self.taken_for_real)}; {words}"
        )


@dataclass(frozen=True, slots=True)
class VoteCount:
    """The shares of all votes, and of those on the songs of each document set."""

    model: str
    total: Shares
    per_set: Mapping[str, Shares]

    def to_json(self) -> dict[str, object]:
        """Return plain values."""
        return asdict(self)


def count_votes(test: ListeningTest, votes: Sequence[Vote]) -> VoteCount:
    """Count votes.

    Args:
        test: What was listened to; votes on other pairs are left out.
        votes: One of a listener on a pair.
    """
    set_of = {pair.name: pair.document_set for pair in test.pairs}
    known = [vote for vote in votes if vote.pair in set_of]
    by_set: dict[str, list[Vote]] = {name: [] for name in sorted(set(set_of.values()))}
    for vote in known:
        by_set[set_of[vote.pair]].append(vote)
    return VoteCount(test.model, _shares(known), {name: _shares(of) for name, of in by_set.items()})


def wilson_interval(share: float, count: int) -> ConfidenceInterval:
    """Return a share of `count` trials with its 95 % interval after Wilson, 1927.

    Unlike a bootstrap's it says something where all trials went one way.
    """
    if not count:
        return ConfidenceInterval(float("nan"), float("nan"), float("nan"))
    spread = _Z**2 / count
    middle = (share + spread / 2) / (1 + spread)
    half = _Z * (share * (1 - share) / count + spread / (4 * count)) ** 0.5 / (1 + spread)
    return ConfidenceInterval(share, max(middle - half, 0.0), min(middle + half, 1.0))


def _shares(votes: Sequence[Vote]) -> Shares:
    return Shares(
        votes=len(votes),
        listeners=len({vote.listener for vote in votes}),
        pairs=len({vote.pair for vote in votes}),
        liked=_share_of_pairs(votes, lambda vote: vote.liked),
        taken_for_real=_share_of_pairs(votes, lambda vote: vote.real),
    )


def _share_of_pairs(votes: Sequence[Vote], answer: Callable[[Vote], Answer]) -> ConfidenceInterval:
    worth = {Answer.WRITTEN: 1.0, Answer.NEITHER: 0.5, Answer.TRUE: 0.0}
    of_pair: dict[str, list[float]] = defaultdict(list)
    for vote in votes:
        of_pair[vote.pair].append(worth[answer(vote)])
    means = [sum(found) / len(found) for found in of_pair.values()]
    return wilson_interval(sum(means) / len(means) if means else float("nan"), len(means))


def _said(share: ConfidenceInterval) -> str:
    return f"{share.value:.0%} ({share.low:.0%} to {share.high:.0%})"
