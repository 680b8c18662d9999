"""Run folders written by hand, and music to train on, for tests of the training tab."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gradio as gr

from meloformer.app.state import AppState
from meloformer.checkpoint import save as save_checkpoint
from meloformer.runs.config import TrainConfig
from meloformer.runs.workspace import Run, RunState, Status, create_run, write_state
from meloformer.score import write_midi
from tests.corpus.small_corpus import small_score

_LIVE = """
import sys, time
from pathlib import Path
from meloformer.runs.processes import SUPERVISOR, write_pid_file
write_pid_file(Path(sys.argv[1]), SUPERVISOR)
print("here", flush=True)
time.sleep(60)
"""


def make_run(root: Path, name: str = "Waltzes", *, status: Status = Status.STOPPED, **state) -> Run:
    """A run that says it is in this state; nothing of it lives."""
    config = TrainConfig(shards=root / "shards", run=root / name, minutes=10)
    run = create_run(name, config, root)
    write_state(run.folder, RunState(status=status, **state))
    return run


@contextmanager
def living(run: Run) -> Iterator[None]:
    """A process that says it looks after the run."""
    with subprocess.Popen(
        [sys.executable, "-c", _LIVE, str(run.folder)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield
        finally:
            process.kill()


def save(run: Run, checkpoint: Path, step: int, *, best: bool = False) -> Path:
    """A checkpoint in the run, named as its last one, or as its best too."""
    folder = run.folder / "checkpoints" / f"step-{step:06d}"
    shutil.copytree(checkpoint, folder)
    for name in ("last.json", "best.json")[: 1 + best]:
        (folder.parent / name).write_text(json.dumps({"folder": folder.name, "step": step}))
    return folder


def log_steps(run: Run, steps: int, *, every: int = 10, evaluate: int = 0) -> None:
    """Lines of metrics: ten seconds of training for every logged step, the loss falling."""
    lines = []
    for index in range(1, steps + 1):
        line = {"step": every * index, "seconds": 10.0 * index, "tokens": 512 * index}
        loss = {"loss": 2 + 1 / index, "rate": 0.5, "norm": 1.0, "tokens_per_s": 900.0}
        lines.append({"event": "step", **line, **loss})
        if evaluate and index % evaluate == 0:
            lines.append({"event": "evaluation", **line, "bits_per_note": 8 - index / steps})
    with (run.folder / "metrics.jsonl").open("a") as metrics:
        metrics.writelines(json.dumps(line) + "\n" for line in lines)


def log_evaluations(run: Run, bits: dict[int, float]) -> None:
    """Lines of metrics on held-out music, by step; a step takes a second."""
    with (run.folder / "metrics.jsonl").open("a") as metrics:
        for step, one in bits.items():
            line = {"event": "evaluation", "step": step, "seconds": float(step), "tokens": step}
            metrics.write(json.dumps(line | {"bits_per_note": one}) + "\n")


def untrained(folder: Path, app_state: AppState) -> Path:
    """The app_state's model as a checkpoint."""
    save_checkpoint(folder, app_state.model, app_state.card)
    return folder


def songs(folder: Path, count: int = 3) -> list[Path]:
    """MIDI files, each with music of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"song {index}.mid" for index in range(count)]
    for index, path in enumerate(paths):
        path.write_bytes(write_midi(small_score(index, 12)))
    return paths


def event(**data: object) -> gr.EventData:
    """What a component of the page says."""
    return gr.EventData(None, data)
