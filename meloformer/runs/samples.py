"""Samples of a run in training: the same prompts, continued by each checkpoint.

Two prompts are the same for all runs; a third is of the run's own music, if any is held back.
"""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from meloformer.resources import EXAMPLES

PROMPTS = ("band", "piano")
"""Names of examples: a full band, and one instrument alone."""
OWN = "own-music"
"""Name of the prompt from what is held back of the run's music."""
PROMPT_BARS = 8
"""How much of a prompt is kept, and how much is written on to it."""
SEED = 1
_NAME = re.compile(r"step-(\d{1,12})-(.{1,60})-(\d{1,12})\.mid")


@dataclass(frozen=True)
class SamplePrompt:
    """The music that is continued."""

    name: str
    path: Path
    """A MIDI file."""
    from_bar: int | None = None
    """The bar after which it is continued; None for its end."""


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


def own_prompt_path(folder: Path) -> Path:
    """Return where the prompt from a run's own music is kept, beside its samples."""
    return folder / f"prompt-{OWN}.mid"


def sample_prompts(folder: Path) -> tuple[SamplePrompt, ...]:
    """List the prompts of a run, that from its own music first.

    Args:
        folder: Of its samples.
    """
    own = own_prompt_path(folder)
    examples = (
        SamplePrompt(name, EXAMPLES / f"{name}.mid", from_bar=PROMPT_BARS) for name in PROMPTS
    )
    prompts = (SamplePrompt(OWN, own), *examples)
    return tuple(prompt for prompt in prompts if prompt.path.is_file())


def missing_samples(folder: Path, step: int) -> tuple[SamplePrompt, ...]:
    """List the prompts that the checkpoint of `step` has not continued yet.

    What has been heard least comes first: where checkpoints come faster than samples can be made,
    each prompt is still heard now and then.
    """
    heard = Counter(one.prompt for one in list_samples(folder))
    missing = (
        prompt
        for prompt in sample_prompts(folder)
        if not sample_path(folder, step, prompt.name).exists()
    )
    return tuple(sorted(missing, key=lambda prompt: heard[prompt.name]))
