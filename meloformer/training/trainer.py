"""The training loop, read from top to bottom."""

import copy
import fcntl
import json
import logging
import math
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import torch
from torch.nn.functional import cross_entropy

from meloformer import checkpoint
from meloformer.checkpoint import Card, DataSource
from meloformer.data.config import LoaderConfig
from meloformer.data.loader import Loader
from meloformer.data.packing import NOT_SCORED, Batch
from meloformer.data.shards import Shards, open_shards
from meloformer.errors import RunError
from meloformer.evaluation.bits_per_note import (
    Window,
    model_costs,
    sample_windows,
    summarise,
)
from meloformer.model.config import SIZES
from meloformer.model.transformer import MeloFormer
from meloformer.tokens.vocabulary import vocabulary
from meloformer.training.config import TrainConfig
from meloformer.training.optimiser import Optimiser, rate_at

_STATE = "training_state.pt"
_log = logging.getLogger(__name__)


class Trainer:
    """One run on one device."""

    def __init__(self, config: TrainConfig) -> None:
        torch.manual_seed(config.seed)
        self.config = config
        self.shards = open_shards(config.shards / "train")
        self.model = MeloFormer(SIZES[config.size])
        self.averaged = copy.deepcopy(self.model).eval().requires_grad_(False)
        self.optimiser = Optimiser(self.model, config)
        self.step = 0
        self.tokens = 0
        self.seconds = 0.0
        self._windows = _held_out_windows(config)
        self._stop = False

    def run(self) -> Path:
        """Train to the end, or until asked to stop by SIGTERM or SIGINT.

        Returns:
            The folder of the last checkpoint.
        """
        config = self.config
        if config.resume:
            self._load()
        self._open_run()
        loader = Loader(self.shards, _loader_config(config))
        batches = loader.batches(self.step, config.workers)
        saved = evaluated = started = time.monotonic()
        seconds_before = self.seconds
        losses: list[torch.Tensor] = []
        logged_at, logged_tokens = started, self.tokens
        with self._stop_on_signal():
            while not self._stop and (fraction := self._fraction()) < 1.0:
                loss, num_targets = self._loss(next(batches))
                loss.backward()  # type: ignore[no-untyped-call]
                rate = rate_at(self.step, fraction, config)
                norm = self.optimiser.step(rate)
                self._average()
                losses.append(loss.detach())
                self.step += 1
                self.tokens += num_targets
                now = time.monotonic()
                self.seconds = seconds_before + now - started
                if self.step % config.log_steps == 0:
                    mean = float(torch.stack(losses).mean())
                    speed = (self.tokens - logged_tokens) / (now - logged_at)
                    logged_at, logged_tokens, losses = now, self.tokens, []
                    self._report("step", loss=mean, rate=rate, norm=norm, tokens_per_s=speed)
                    if not math.isfinite(mean):
                        self._write_state("failed")
                        raise RunError(
                            f"the loss is no longer a number at step {self.step}",
                            hint="resume from the last checkpoint with a lower learning rate",
                        )
                if self._windows and now - evaluated > 60 * config.evaluate_minutes:
                    self._evaluate()
                    evaluated = time.monotonic()
                if now - saved > 60 * config.save_minutes:
                    self._save()
                    saved = time.monotonic()
        # Whoever asked to stop is not kept waiting for an evaluation.
        metrics = self._evaluate() if self._windows and not self._stop else {}
        path = self._save(metrics)
        self._write_state("stopped" if self._stop else "finished")
        return path

    def _fraction(self) -> float:
        """How much of the run is over, 0 to 1: by steps if their number is given, else by time."""
        if self.config.steps:
            return self.step / self.config.steps
        return self.seconds / (60 * self.config.minutes)

    def _loss(self, batch: Batch) -> tuple[torch.Tensor, int]:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.config.bf16):
            logits = self.model(batch.inputs)
        loss = cross_entropy(
            logits.flatten(0, 1).float(), batch.targets.flatten(), ignore_index=NOT_SCORED
        )
        return loss, int((batch.targets != NOT_SCORED).sum())

    @torch.no_grad()
    def _average(self) -> None:
        # Early weights are noise: the average starts short and grows to its full length.
        decay = min(self.config.ema, (1 + self.step) / (10 + self.step))
        torch._foreach_lerp_(
            list(self.averaged.parameters()), list(self.model.parameters()), 1 - decay
        )

    def _evaluate(self) -> dict[str, object]:
        costs = model_costs(self.averaged, self._windows, self.config.context_tokens)
        result = summarise(self._windows, costs)
        self._report(
            "evaluation",
            bits_per_note=result.bits_per_note,
            **{f"bits_{name}": bits for name, bits in result.bits_per_token.items()},
        )
        return {"bits_per_note_quick": result.to_json()}

    def _open_run(self) -> None:
        run = self.config.run
        if (run / "config.json").exists() and not self.config.resume:
            raise RunError(f"there is a run in {run} already", hint="resume it, or choose another")
        (run / "checkpoints").mkdir(parents=True, exist_ok=True)
        _write_json(run / "config.json", asdict(self.config))
        parameters = sum(one.numel() for one in self.model.parameters())
        _log.info("%s: %s parameters, from step %d", self.config.size, f"{parameters:,}", self.step)
        self._write_state("running")

    def _report(self, event: str, **values: float) -> None:
        line = {"event": event, "step": self.step, "seconds": round(self.seconds, 1)}
        line |= {"tokens": self.tokens}
        line |= {name: round(value, 5) for name, value in values.items()}
        with (self.config.run / "metrics.jsonl").open("a", encoding="utf-8") as metrics:
            metrics.write(json.dumps(line) + "\n")
        shown = "  ".join(f"{name} {value:.4g}" for name, value in values.items())
        _log.info("%s %d  %.1f min  %s", event, self.step, self.seconds / 60, shown)
        self._write_state("running")

    def _write_state(self, status: str) -> None:
        state = {
            "status": status,
            "pid": os.getpid(),
            "step": self.step,
            "tokens": self.tokens,
            "seconds": round(self.seconds, 1),
            "fraction": round(min(self._fraction(), 1.0), 4),
            "updated": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        _write_json(self.config.run / "state.json", state)

    def _save(self, metrics: dict[str, object] | None = None) -> Path:
        """Write the averaged weights with a card, and beside them all that resuming needs."""
        last = self.config.run / "checkpoints" / "last"
        new = last.with_name(".new")
        shutil.rmtree(new, ignore_errors=True)
        checkpoint.save(new, self.averaged, self._card(metrics or {}))
        state = {
            "model": self.model.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "tokens": self.tokens,
            "seconds": self.seconds,
        }
        torch.save(state, new / _STATE)
        checkpoint.replace_folder(new, last)
        return last

    def _load(self) -> None:
        last = self.config.run / "checkpoints" / "last"
        checkpoint.recover_folder(last)
        path = last / _STATE
        if not path.is_file():
            raise RunError(f"there is nothing to resume in {self.config.run}")
        state = torch.load(path, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.averaged.load_state_dict(state["averaged"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.tokens = state["step"], state["tokens"]
        self.seconds = state["seconds"]

    def _card(self, metrics: dict[str, object]) -> Card:
        return Card(
            name=self.config.name,
            model=self.model.config,
            vocabulary=vocabulary().fingerprint,
            context_tokens=self.config.context_tokens,
            steps=self.step,
            tokens_seen=self.tokens,
            data=data_sources(self.shards, self.config),
            metrics=metrics,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    @contextmanager
    def _stop_on_signal(self) -> Iterator[None]:
        def stop(number: int, frame: FrameType | None) -> None:
            del number, frame
            self._stop = True

        previous = {one: signal.signal(one, stop) for one in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for one, handler in previous.items():
                signal.signal(one, handler)


def train(config: TrainConfig) -> Path:
    """Train as `config` says.

    Returns:
        The folder of the last checkpoint.

    Raises:
        RunError: The run is being trained already, exists, or cannot be resumed.
    """
    with _alone(config.run):
        return Trainer(config).run()


@contextmanager
def _alone(run: Path) -> Iterator[None]:
    """Hold the run folder's lock, which goes with the process however it ends."""
    run.mkdir(parents=True, exist_ok=True)
    with (run / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunError(f"the run in {run} is being trained by another process") from error
        yield


def data_sources(shards: Shards, config: TrainConfig) -> tuple[DataSource, ...]:
    """What the run is trained on, with the share of each document set in the training tokens."""
    tokens = sum(one.tokens for one in shards.sets)
    weights = [config.shares.get(one.name, one.tokens / tokens) for one in shards.sets]
    return tuple(
        DataSource(
            name=one.name,
            licence=one.licence,
            source=one.source,
            share=round(weight / sum(weights), 4),
        )
        for one, weight in zip(shards.sets, weights, strict=True)
    )


def _loader_config(config: TrainConfig) -> LoaderConfig:
    return LoaderConfig(
        context_tokens=config.context_tokens,
        rows=config.rows,
        seed=config.seed,
        shares=config.shares,
        fill=config.fill,
    )


def _held_out_windows(config: TrainConfig) -> tuple[Window, ...]:
    folder = config.shards / "held_out"
    if config.evaluate_tokens <= 0 or (folder / "tokens.bin").stat().st_size == 0:
        return ()
    return sample_windows(open_shards(folder), config.context_tokens, config.evaluate_tokens)


def _write_json(path: Path, content: dict[str, object]) -> None:
    new = path.with_name(f".{path.name}")
    new.write_text(json.dumps(content, indent=2, default=str) + "\n", encoding="utf-8")
    new.replace(path)
