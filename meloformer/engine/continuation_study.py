"""The continuation study of a model, asked exactly as the app asks it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from meloformer import checkpoint
from meloformer.checkpoint import Card
from meloformer.data.known_runs import KnownRuns
from meloformer.data.shards import open_shards
from meloformer.engine.candidate import Candidate
from meloformer.engine.composition import compose, finish, prepare_prompt
from meloformer.engine.handles.handles import NO_HANDLES, Handles
from meloformer.engine.instrumentation import as_before
from meloformer.engine.request import MAX_CANDIDATES, ContinueRequest, SamplingConfig
from meloformer.errors import ConfigError
from meloformer.evaluation.study.excerpts import Passage, choose_excerpts
from meloformer.evaluation.study.results import StudyResults, run_study
from meloformer.model import MeloFormer
from meloformer.score.chords import CHORD_NAMES
from meloformer.tokens import encode


@dataclass(frozen=True, kw_only=True)
class ContinuationStudyConfig:
    """Settings of a continuation study."""

    checkpoint: Path
    shards: Path
    """Folder made by `prepare`."""
    prompts: int
    seeds: int = 3
    """Continuations of each prompt."""
    prompt_bars: int = 8
    num_bars: int = 8
    """Bars of a continuation."""
    adventure: float = 0.5
    """How adventurous, from 0 to 1; as in the app unless said otherwise."""
    draw: int = 0
    """Which songs: no song of one draw is in another of as many prompts. Defaults of sampling were
    chosen by later draws, so the first tells how good they are."""
    sets: tuple[str, ...] = ()
    """Only songs of these document sets; of all if empty."""
    own_repetition: bool = True
    """Whether new bars repeat others as much as those of the prompt do; as in the app unless said
    otherwise."""
    copy_guard: bool = True
    """Whether long runs of training music are kept out, if the checkpoint has an index of it."""

    def __post_init__(self) -> None:
        if self.draw < 0:
            raise ConfigError("The draw must be 0 or more.")
        if min(self.prompts, self.seeds, self.prompt_bars, self.num_bars) < 1:
            raise ConfigError(
                "A study needs at least one prompt, one seed and one bar.",
                hint="Use positive numbers, such as --continuations 30 --seeds 3.",
            )


def study_continuations(
    config: ContinuationStudyConfig, on_progress: Callable[[int, int], None] | None = None
) -> StudyResults:
    """Let a checkpoint continue held-out songs, and compare.

    Args:
        config: What is studied.
        on_progress: Told how many of how many prompts are done.

    Raises:
        MeloFormerError: Checkpoint or shards cannot be used.
    """
    sampling = SamplingConfig.from_adventure(config.adventure)
    model, card = checkpoint.load(config.checkpoint)
    known_runs = checkpoint.load_known_runs(config.checkpoint) if config.copy_guard else None
    excerpts = choose_excerpts(
        open_shards(config.shards / "held_out"),
        config.prompts,
        prompt_bars=config.prompt_bars,
        num_bars=config.num_bars,
        draw=config.draw,
        sets=config.sets,
    )

    def continued(
        prompt: Passage, num_bars: int, seeds: Sequence[int], chords: tuple[int, ...]
    ) -> list[Passage]:
        return continuations(
            *(model, card, prompt, num_bars, seeds, chords, sampling, known_runs),
            handles=Handles(own_repetition=config.own_repetition),
        )

    return run_study(
        excerpts,
        continued,
        open_shards(config.shards / "train"),
        num_seeds=config.seeds,
        on_progress=on_progress,
    )


def continuations(
    model: MeloFormer,
    card: Card,
    prompt: Passage,
    num_bars: int,
    seeds: Sequence[int],
    chords: tuple[int, ...] = (),
    sampling: SamplingConfig | None = None,
    known_runs: KnownRuns | None = None,
    *,
    handles: Handles = NO_HANDLES,
) -> list[Passage]:
    """Continue a prompt once for each seed, with the parts that the app begins with.

    Args:
        model: In evaluation mode.
        card: Of the model.
        prompt: The bars to continue.
        num_bars: Bars to add.
        seeds: Consecutive.
        chords: Chord of each bar; empty leaves them free.
        sampling: As the app begins if `None`.
        known_runs: What the model is not to copy.
        handles: What else is asked for.
    """
    encoding = encode(prompt.score)
    read = prepare_prompt(model, card, encoding)
    found: list[Passage] = []
    for first in range(0, len(seeds), MAX_CANDIDATES):
        together = seeds[first : first + MAX_CANDIDATES]
        request = ContinueRequest(
            num_bars=num_bars,
            parts=as_before(encoding, encoding.num_bars),
            chords=chords,
            num_candidates=len(together),
            seed=together[0],
            handles=handles,
            sampling=sampling or SamplingConfig.from_adventure(0.5),
        )
        bars = compose(model, card, encoding, request, prompt=read, known_runs=known_runs)
        candidates = finish(bars)
        found.extend(_stretch(candidate) for candidate in candidates)
    return found


def _stretch(candidate: Candidate) -> Passage:
    return Passage(candidate.score, tuple(CHORD_NAMES.index(name) for name in candidate.chords))
