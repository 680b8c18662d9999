"""The training of a plan on the machine that is lent: unpack, train leg by leg, keep, measure."""

import json
import logging
import shutil
import tarfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from experiments.gpu_train.legs import Leg, legs
from experiments.gpu_train.log import write_log
from experiments.gpu_train.measuring import Measured, measure
from experiments.gpu_train.packing import BEGUN, INIT, SHARDS
from experiments.gpu_train.pieces import Begun, join_pieces, read_begun, write_pieces
from experiments.gpu_train.plan import Plan
from meloformer import checkpoint
from meloformer.data.shards import open_shards
from meloformer.errors import ConfigError, DataError, MeloFormerError
from meloformer.model.config import ModelConfig
from meloformer.runs.folder import METRICS, Run, RunRequest
from meloformer.runs.state import Status, read_state
from meloformer.training.learner import Learner
from meloformer.training.worker import train

_SPARE_S = 15
"""Between training and measuring, and for the log."""
_LOOK_S = 1.0
_log = logging.getLogger(__name__)


def seconds_of_process() -> float:
    """Return how long this process has been running: importing counts as well."""
    return time.time() - psutil.Process().create_time()


@dataclass(frozen=True, slots=True)
class Place:
    """The folders of a training."""

    packed: Path
    """What has travelled, see `packing`."""
    work: Path
    """For what need not come back."""
    out: Path
    """For what does."""
    teacher: Path | None = None
    """What another plan has left, if its weights teach."""


def train_plan(plan: Plan, place: Place) -> Path:
    """Train as a plan says, or go on with it, and measure; all is over by its `end_minutes`.

    `out` receives the newest weights in pieces (`pieces.py`) every few minutes, `metrics.jsonl`,
    and in the end `report.json` and `log.md`.

    Returns:
        The checkpoint, in `work`.

    Raises:
        MeloFormerError: What has travelled is not what the plan needs, or the training failed.
    """
    place.out.mkdir(parents=True, exist_ok=True)
    place.work.mkdir(parents=True, exist_ok=True)
    shards = _unpack(place)
    last, done = _start(plan, place)
    teacher = _teacher(plan, place)
    with _layout(plan.layout):
        for number, leg in enumerate(legs(plan.stages, plan.decay, done)):
            run = place.work / f"run-{number}"
            last = _train_leg(plan, leg, last, teacher, shards, place, run)
            if read_state(run).status == Status.STOPPED:
                _log.warning("the time was over before the steps were")
                break
    _log.info("trained after %.0f s", seconds_of_process())
    measured = _measured(plan, last, shards)
    if measured is not None:
        (place.out / "report.json").write_text(json.dumps(measured.to_json(), indent=2) + "\n")
    write_log(place.out / "log.md", plan, checkpoint.read_card(last), place.out / METRICS, measured)
    return last


def _measured(plan: Plan, last: Path, shards: Path) -> Measured | None:
    """Measure a checkpoint, or say why it was not possible: its weights are kept all the same."""
    until = min(60 * plan.end_minutes, seconds_of_process() + 60 * plan.measure.minutes)
    try:
        model, _ = checkpoint.load(last)
        return measure(
            model,
            open_shards(shards / "held_out"),
            max(one.context_tokens for one in plan.stages),
            plan.measure,
            lambda: until - seconds_of_process(),
        )
    except (MeloFormerError, RuntimeError) as error:
        _log.exception("the weights could not be measured: %s", error)
        return None


def _unpack(place: Place) -> Path:
    """Return the folder of the shards, as `prepare` would have written it."""
    shards = place.work / "shards"
    if not shards.exists():
        try:
            with tarfile.open(place.packed / SHARDS) as archive:
                archive.extractall(place.work / "unpacked", filter="data")
        except (OSError, tarfile.TarError) as error:
            raise DataError(
                f"{place.packed / SHARDS} cannot be unpacked: {error}.",
                hint="Pack with `python -m experiments.gpu_train.pack`.",
            ) from error
        (place.work / "unpacked").rename(shards)
    return shards


def _start(plan: Plan, place: Place) -> tuple[Path, float]:
    """Return the checkpoint to start from, and the share of the plan that is over."""
    base = place.work / "base"
    for folder in (place.out, place.packed / BEGUN):
        begun = read_begun(folder)
        if begun is None:
            continue
        if begun.plan != plan.name:
            raise ConfigError(f"{folder} has weights of the plan {begun.plan}, not {plan.name}")
        join_pieces(folder, base)
        _log.info("going on from %.0f %% of the plan", 100 * begun.done)
        return base, begun.done
    if plan.init:
        checkpoint.copy(place.packed / INIT, base)
    else:
        save_fresh(base, plan.architecture(), int(plan.train.get("seed", 0)))
    return base, 0.0


def save_fresh(folder: Path, config: ModelConfig, seed: int) -> None:
    """Save an untrained model to start from, which has seen nothing."""
    import torch

    from meloformer.model.transformer import MeloFormer
    from meloformer.tokens.vocabulary import vocabulary

    torch.manual_seed(seed)
    card = checkpoint.Card(
        name=folder.name,
        model=config,
        vocabulary=vocabulary().fingerprint,
        context_tokens=0,
        steps=0,
        tokens_seen=0,
    )
    checkpoint.save(folder, MeloFormer(config), card)


def _teacher(plan: Plan, place: Place) -> Path | None:
    """Return the checkpoint that teaches, if one does."""
    if not plan.teacher:
        return None
    begun = read_begun(place.teacher) if place.teacher is not None else None
    if place.teacher is None or begun is None or begun.plan != plan.teacher:
        raise ConfigError(
            f"the plan {plan.name} learns from the plan {plan.teacher}, whose weights are not in "
            f"{place.teacher}",
            hint="train that plan first, and name its folder by --teacher",
        )
    teacher = place.work / "teacher"
    join_pieces(place.teacher, teacher)
    return teacher


def _train_leg(
    plan: Plan,
    leg: Leg,
    base: Path,
    teacher: Path | None,
    shards: Path,
    place: Place,
    run: Path,
) -> Path:
    """Train a leg and return its last checkpoint, which is in pieces in `out` by then."""
    shutil.rmtree(run, ignore_errors=True)
    left = plan.end_minutes - plan.measure.minutes - (_SPARE_S + seconds_of_process()) / 60
    share = (leg.end - leg.begin) / (1 - leg.begin)
    minutes = share * min(plan.minutes * (1 - leg.begin), left)
    if minutes <= 0:
        raise ConfigError("there is no time left to train")
    config = plan.settings(
        shards,
        run,
        leg.stage,
        minutes=minutes,
        rate=leg.rate,
        decay=leg.decay,
        base=base,
        teacher=teacher,
        steps=round(plan.steps * (leg.end - leg.begin)),
        seed=round(1000 * leg.begin),
    )
    _log.info("training %.2f minutes on rows of %d tokens", minutes, leg.stage.context_tokens)
    until = seconds_of_process() + 60 * minutes
    with _kept(run, leg, place.out, plan.name, until if plan.steps else float("inf")):
        return train(config)


@contextmanager
def _kept(run: Path, leg: Leg, out: Path, plan: str, until: float) -> Iterator[None]:
    """Write a run's newest checkpoint in pieces whenever there is a new one, and its metrics.

    A run that does not end by itself is asked to stop `until` so many seconds of the process.
    """
    over = threading.Event()
    before = (out / METRICS).read_bytes() if (out / METRICS).exists() else b""

    def keep(last: Path) -> None:
        done = leg.begin + read_state(run).fraction * (leg.end - leg.begin)
        try:
            write_pieces(last, out, Begun(plan, done))
            (out / METRICS).write_bytes(before + (run / METRICS).read_bytes())
        except OSError as error:  # the next one may find room
            _log.warning("the newest weights could not be kept: %s", error)

    def watch() -> None:
        seen = None
        while not over.wait(_LOOK_S):
            last = Run(run).last() if run.exists() else None
            if last is not None and last != seen:
                keep(last)
                seen = last
            # Of no step at all there would be no weights.
            if seconds_of_process() > until and run.exists() and read_state(run).step:
                Run(run).request(RunRequest.STOP)

    watcher = threading.Thread(target=watch, name="pieces")
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
        last = Run(run).last() if run.exists() else None
        if last is not None:
            keep(last)


@contextmanager
def _layout(is_wanted: bool) -> Iterator[None]:
    """Leave rows in the order of the stream, if they are not to be laid out."""
    whole = Learner.layout
    if not is_wanted:
        setattr(Learner, "layout", property(lambda learner: None))  # noqa: B010  # no setting of the trainer
    try:
        yield
    finally:
        setattr(Learner, "layout", whole)  # noqa: B010
