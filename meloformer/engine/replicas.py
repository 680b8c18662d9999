"""Models in processes elsewhere: when one of them dies, another goes on with what it wrote.

A request has seeds, and a model that is the same draws the same from them: a run whose replica has
died is written again from its first bar by another, and the bars that were told already are passed
over. Nobody sees more of it than a wait.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass

from meloformer.engine.candidate import Candidate, FinishedBar
from meloformer.engine.generate import Prefilled
from meloformer.engine.request import Request
from meloformer.engine.writer import Bars
from meloformer.errors import ConfigError, MeloFormerError
from meloformer.phrases import phrase
from meloformer.tokens import Encoding

MAX_TRIES = 5


class ReplicaLostError(Exception):
    """A replica has died, or cannot be reached; another may be there."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A sentence instead of a bar: the request cannot be met by any replica."""

    problem: str
    hint: str


Answer = FinishedBar | Refused
Stream = Generator[Answer, None, None]


@dataclass(frozen=True, slots=True)
class ReplicatedEngine:
    """Writes with whatever replicas there are."""

    stream: Callable[[Encoding, Request], Stream]
    """Lets any replica write a request from the first bar on; raises `ReplicaLostError`."""

    def write(
        self,
        encoding: Encoding,
        request: Request,
        prompt: Prefilled | None = None,
        *,
        pause: Callable[[], None] | None = None,
    ) -> Bars:
        """Write as `Engine.write` says; a replica reads the prompt itself.

        Raises:
            MeloFormerError: The request cannot be met, or one replica after the other is lost.
        """
        del prompt, pause  # a replica lets others in by itself
        candidates: dict[int, Candidate] = {}
        num_told = 0
        for _ in range(MAX_TRIES):
            with closing(self.stream(encoding, request)) as answers:
                try:
                    for bar in _after(num_told, answers):
                        num_told += 1
                        candidates[bar.candidate] = bar.so_far
                        yield bar
                except ReplicaLostError:
                    continue
                return tuple(candidates[index] for index in sorted(candidates))
        raise MeloFormerError(
            phrase("The machines that write the music cannot be reached."),
            hint=phrase("What was written is kept. Try again in a minute."),
        )


def _after(number: int, answers: Iterator[Answer]) -> Iterator[FinishedBar]:
    """Yield the bars after so many, which were written once before."""
    for index, answer in enumerate(answers):
        if isinstance(answer, Refused):
            raise ConfigError(answer.problem, hint=answer.hint)
        if index >= number:
            yield answer
