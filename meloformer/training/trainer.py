"""The training loop, read from top to bottom."""

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from meloformer.data.columns import COLUMNS, NOT_SCORED
from meloformer.data.config import LoaderConfig
from meloformer.data.loader import Loader
from meloformer.data.shards import open_shards
from meloformer.errors import RunError
from meloformer.evaluation.bits_per_note import BitsPerNote
from meloformer.runs.config import TrainConfig
from meloformer.runs.folder import Run, RunRequest
from meloformer.runs.state import Status
from meloformer.training.card import card_of, data_sources, longest_context
from meloformer.training.checkpoints import Checkpoints
from meloformer.training.control import Control
from meloformer.training.journal import Journal, Progress
from meloformer.training.learner import Learner
from meloformer.training.optimiser import rate_at
from meloformer.training.parallel.distributed import DistributedContext
from meloformer.training.sender import SentBatch
from meloformer.training.start import StartClock
from meloformer.training.validation import Validation


@dataclass(frozen=True)
class StepDecision:
    """The decision of all processes before a step."""

    targets: int
    """Tokens that the step predicts, in all processes."""
    stop: bool
    abandon: bool
    save: bool

    @property
    def ends(self) -> bool:
        """Whether the run is to end before its time."""
        return self.stop or self.abandon


class StepBatches(NamedTuple):
    """The batches of a step in this process."""

    batches: list[SentBatch]
    targets: int
    """Tokens that they predict."""


@dataclass
class LogInterval:
    """The sums since the last line of the journal."""

    loss: Tensor
    """Sum over its steps of their mean losses, float64."""
    steps: int = 0
    tokens: int = 0
    waited_s: float = 0.0
    """For batches."""
    began: float = field(default_factory=time.monotonic)


class Trainer:
    """The trainer of a run in one of its processes; all of them do the same at the same time."""

    def __init__(
        self, config: TrainConfig, context: DistributedContext, clock: StartClock | None = None
    ) -> None:
        self._start = clock or StartClock()
        self.config, self.distributed = config, context
        self.shards = open_shards(config.shards / "train")
        self.learner = Learner(config, context)
        context_tokens = longest_context(config, self.learner.base)
        self.validation = Validation(config, context, context_tokens, self.learner.layout)
        self.checkpoints = Checkpoints(config.run, config.keep, config.base)
        self.control = Control(config.run, is_main=context.is_main)
        self.step = self.tokens = 0
        self.seconds = 0.0
        """Training time over all sittings, as agreed before the step."""
        self._interval = LogInterval(torch.zeros((), dtype=torch.float64, device=context.device))
        self._rate = 0.0
        self._resume()
        self._saved_step = self.step
        self._saved_at = self._evaluated_at = self._seconds_before = self.seconds
        self._started = time.monotonic()
        self.journal = Journal(config, self._progress(), is_main=context.is_main)
        self._start.is_over("model")

    def run(self) -> Path:
        """Train to the end, or until a stop is requested.

        Returns:
            The folder of the last checkpoint; the run's own if it is abandoned without one.
        """
        config, context = self.config, self.distributed
        settings = _loader_config(config, self.learner)
        loader = Loader(self.shards, settings, rank=context.rank, world_size=context.size)
        made = loader.all_columns(self.step * config.accumulate, config.workers)
        begun_at = self.step
        with self.control:
            self._evaluate_base()
            self._start.is_over("evaluation")
            self._started = self._interval.began = time.monotonic()
            decision = None
            upcoming = self._next(made)
            self._start.is_over("batch")
            while upcoming is not None:
                decision = self._decide(upcoming.targets)
                if decision.ends:
                    break
                self._evaluate_and_save(decision)
                self._train_step(upcoming.batches, decision.targets)
                if self.step == begun_at + 1:
                    self._start.is_over("step")
                    self.journal.measure_pace_from(self._progress())
                    self.journal.add("start", self._progress(), **self._start.seconds())
                upcoming = self._next(made)  # while the device computes
                if self.step % config.log_steps == 0:
                    self._log()
            self._finish(decision)
        return Run(config.run).last() or config.run

    def _next(self, made: Iterator[Tensor]) -> StepBatches | None:
        """Return the batches of the next step, if there is one."""
        if self._fraction() >= 1.0:
            return None
        asked = time.monotonic()
        columns = [next(made) for _ in range(self.config.accumulate)]
        self._interval.waited_s += time.monotonic() - asked
        targets = COLUMNS.index("targets")
        scored = sum(int((one[targets] != NOT_SCORED).sum()) for one in columns)
        return StepBatches([self.learner.sender.send(one) for one in columns], scored)

    def _decide(self, targets: int) -> StepDecision:
        """Decide together what to do, as a signal may reach one process and not another.

        Args:
            targets: Tokens that the step predicts in this process.
        """
        signals = self.control.poll()
        seconds = self._clock() if self.distributed.is_main else 0.0
        sums = self.distributed.sum([targets, signals.stop, signals.abandon, signals.save, seconds])
        self.seconds = sums[4]
        return StepDecision(int(sums[0]), *map(bool, sums[1:4]))

    def _train_step(self, batches: Sequence[SentBatch], targets: int) -> None:
        self._rate = rate_at(self.step, self._fraction(), self.config)
        self._interval.loss += self.learner.train_step(batches, targets, self.step, self._rate)
        self._interval.steps += 1
        self._interval.tokens += targets
        self.step += 1
        self.tokens += targets

    def _fraction(self) -> float:
        """Return the share of the run that is over: of its steps if they are given, else time."""
        if self.config.steps:
            return self.step / self.config.steps
        return self.seconds / (60 * self.config.minutes)

    def _clock(self) -> float:
        return self._seconds_before + time.monotonic() - self._started

    def _agreed_clock(self) -> float:
        return self.distributed.sum([self._clock() if self.distributed.is_main else 0.0])[0]

    def _progress(self) -> Progress:
        return Progress(self.step, self.tokens, self._clock(), self._fraction())

    def _log(self) -> None:
        loss = self._mean_loss()
        interval, now = self._interval, time.monotonic()
        self.journal.add(
            "step",
            self._progress(),
            loss=loss,
            rate=self._rate,
            norm=float(self.learner.norm),
            tokens_per_s=interval.tokens / (now - interval.began),
            waited=interval.waited_s / (now - interval.began),
        )
        self._interval = LogInterval(torch.zeros_like(interval.loss))

    def _mean_loss(self) -> float:
        """Return the mean over the steps since the last line of the journal; 0 if there is none.

        Raises:
            RunError: It is not a number, or the next one would not be.
        """
        mean = float(self._interval.loss) / max(self._interval.steps, 1)
        harmless = self.learner.may_overflow or math.isfinite(float(self.learner.norm))
        if not (math.isfinite(mean) and harmless):
            raise RunError(
                f"the loss is no longer a number at step {self.step}",
                hint="start a run with its last checkpoint as base and lower learning rates",
            )
        return mean

    def _evaluate_and_save(self, decision: StepDecision) -> None:
        """Evaluate and save if it is time, or if that is requested."""
        evaluates = self._evaluation_is_due()
        save_is_due = self.seconds - self._saved_at >= 60 * self.config.save_minutes
        if decision.save or evaluates or save_is_due:
            self._save(evaluates=evaluates)
        if decision.save:
            self.control.clear(RunRequest.SAVE)
        self.journal.state(Status.RUNNING, self._progress())

    def _evaluation_is_due(self) -> bool:
        config = self.config
        if not self.validation.has_music:
            return False
        if config.evaluate_steps:
            return self.step % config.evaluate_steps == 0
        wait = 60 * config.evaluate_minutes + config.evaluate_growth * self._evaluated_at
        return self.seconds - self._evaluated_at >= wait

    def _finish(self, decision: StepDecision | None) -> None:
        """Save, and write how the run ended.

        Args:
            decision: The last one; None if there was nothing left to do.
        """
        stops, abandons = bool(decision and decision.ends), bool(decision and decision.abandon)
        if stops:
            self.journal.state(Status.STOPPING, self._progress())
        if not abandons:  # a stop does not wait for an evaluation
            self._save(evaluates=not stops and self.validation.has_music)
        self.journal.state(Status.STOPPED if stops else Status.FINISHED, self._progress())
        self.journal.close()
        self.control.clear(RunRequest.STOP, RunRequest.ABANDON, RunRequest.SAVE)
        self.distributed.sum([0.0])  # no process leaves while one still writes

    def _evaluate_base(self) -> None:
        """Measure what is fine-tuned before it learns, which the run is then compared with.

        The time for that is not taken from the training.
        """
        if self.step == 0 and self.learner.base is not None and self.validation.has_music:
            self._evaluate(Progress(0, 0, 0.0, 0.0))

    def _evaluate(self, progress: Progress | None = None) -> BitsPerNote:
        """Measure the average of the weights.

        Args:
            progress: Where the run stands; by default when it has been measured.
        """
        result = self.validation.measure(self.learner.averaged)
        bits = {f"bits_{name}": one for name, one in result.bits_per_token.items()}
        at = progress or self._progress()
        self.journal.add("evaluation", at, bits_per_note=result.bits_per_note, **bits)
        return result

    def _save(self, *, evaluates: bool) -> None:
        """Write a checkpoint, unless there is one of this step."""
        if self.step == self._saved_step:
            return
        self._mean_loss()  # what is no number shall not take the place of what is good
        result = self._evaluate() if evaluates else None
        state = self.learner.state()
        if self.distributed.is_main:
            self._write(state, result)
        self._saved_step, self._saved_at = self.step, self.seconds
        if evaluates:  # and had no time to learn meanwhile
            self._evaluated_at = self._agreed_clock()

    def _write(self, state: dict[str, Any], result: BitsPerNote | None) -> None:
        interval = float(self._interval.loss), self._interval.steps
        here = {"step": self.step, "tokens": self.tokens, "seconds": self._clock()}
        card = card_of(
            self.config,
            self.learner.model.config,
            data_sources(self.shards, self.config, self.learner.base, self.tokens),
            steps=self.step,
            tokens=self.tokens,
            metrics={"bits_per_note_quick": result.to_json()} if result else {},
            base=self.learner.base,
        )
        self.journal.force_to_disk()
        self.checkpoints.save(
            self.learner.result(state),
            card,
            {"learner": state, "window": interval, **here},
            result.bits_per_note if result else None,
        )
        self.journal.add("saved", self._progress())

    def _resume(self) -> None:
        """Resume from the newest checkpoint, if there is one."""
        state = self.checkpoints.newest_state() if self.distributed.is_main else None
        (step,) = self.distributed.sum([state["step"] + 1 if state else 0])
        if not step:
            return
        state = state or self.checkpoints.state(int(step) - 1)
        self.learner.load_state(state["learner"])
        self.step, self.tokens, self.seconds = state["step"], state["tokens"], state["seconds"]
        loss, self._interval.steps = state["window"]
        self._interval.loss += loss


def _loader_config(config: TrainConfig, learner: Learner) -> LoaderConfig:
    return LoaderConfig(
        context_tokens=config.context_tokens,
        rows=config.rows,
        seed=config.seed,
        shares=config.shares,
        transpose=LoaderConfig.transpose if config.transpose else (0, 0),
        part_dropout=config.part_dropout,
        fill=config.fill,
        gap_bars=config.gap_bars,
        near_gaps=config.near_gaps,
        open_part=config.open_part,
        late_part=config.late_part,
        layout=learner.layout,
    )
