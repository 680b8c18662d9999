"""Samples of a run in training: the same prompts, continued by each checkpoint."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from meloformer.resources import EXAMPLES

PROMPTS = ("band", "piano")
"""Names of examples: a full band, and one instrument alone."""
PROMPT_BARS = 8
"""How much of a prompt is kept, and how much is written on to it."""
SEED = 1
_NAME = re.compile(r"step-(\d{1,12})-(.{1,60})-(\d{1,12})\.mid")


@dataclass(frozen=True)
class Sample:
    """One prompt continued by one checkpoint."""

    step: int
    prompt: str
    seed: int
    path: Path


def list_samples(folder: Path) -> tuple[Sample, ...]:
    """List the samples in a folder, by step and prompt; other files are left out."""
    found = []
    for path in folder.glob("step-*.mid"):
        match = _NAME.fullmatch(path.name)
        if match and path.is_file() and not path.is_symlink():
            found.append(Sample(int(match[1]), match[2], int(match[3]), path))
    return tuple(sorted(found, key=lambda one: (one.step, one.prompt, one.seed)))


def sample_path(folder: Path, step: int, prompt: str, seed: int = SEED) -> Path:
    """Return where a sample is kept."""
    return folder / f"step-{step:06d}-{prompt}-{seed}.mid"


def prompt_path(prompt: str) -> Path:
    """Return the MIDI file of a prompt."""
    return EXAMPLES / f"{prompt}.mid"


def missing_samples(folder: Path, step: int) -> tuple[str, ...]:
    """Name the prompts that the checkpoint of `step` has not continued yet.

    What has been heard least comes first: where checkpoints come faster than samples can be made,
    each prompt is still heard now and then.
    """
    heard = Counter(one.prompt for one in list_samples(folder))
    wanted = (name for name in PROMPTS if prompt_path(name).is_file())
    missing = (name for name in wanted if not sample_path(folder, step, name).exists())
    return tuple(sorted(missing, key=lambda name: heard[name]))
