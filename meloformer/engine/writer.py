"""What writes bars for the app: a model in this process, or one elsewhere."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Protocol

from meloformer.checkpoint import Card
from meloformer.data.known_runs import KnownRuns
from meloformer.engine.candidate import Candidate, FinishedBar
from meloformer.engine.composition import compose
from meloformer.engine.generate import Prefilled
from meloformer.engine.request import Request
from meloformer.model import MeloFormer
from meloformer.tokens import Encoding

Bars = Generator[FinishedBar, None, tuple[Candidate, ...]]
"""Finished bars of all candidates, and the candidates at the end."""


class Engine(Protocol):
    """Writes what a request asks for, bar by bar."""

    def write(
        self,
        encoding: Encoding,
        request: Request,
        prompt: Prefilled | None = None,
        *,
        pause: Callable[[], None] | None = None,
    ) -> Bars:
        """Continue a piece, or write bars of it again, as `compose` does.

        The same request gets the same bars from every engine that has the same model.

        Args:
            encoding: The piece.
            request: What is asked for.
            prompt: The piece as a model in this process has read it, for whom that serves.
            pause: Called between tokens, for whoever writes in this process: it may wait.

        Raises:
            MeloFormerError: The request cannot be met, or nobody is there to write.
        """
        ...


@dataclass(frozen=True, slots=True)
class LocalEngine:
    """Writes with a model in this process."""

    model: MeloFormer
    card: Card
    known_runs: KnownRuns | None = None

    def write(
        self,
        encoding: Encoding,
        request: Request,
        prompt: Prefilled | None = None,
        *,
        pause: Callable[[], None] | None = None,
    ) -> Bars:
        """Write as `compose` does."""
        return compose(
            self.model,
            self.card,
            encoding,
            request,
            prompt=prompt,
            known_runs=self.known_runs,
            pause=pause,
        )
