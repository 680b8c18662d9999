"""Studies of single passages, each asked as the app asks it: an added part, a filled gap, drums."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from meloformer import checkpoint
from meloformer.checkpoint import Card
from meloformer.data.known_runs import KnownRuns
from meloformer.data.shards import Shards, open_shards
from meloformer.engine.composition import compose, finish
from meloformer.engine.continuation_study import continuations
from meloformer.engine.handles.handles import Handles
from meloformer.engine.instrumentation import as_there
from meloformer.engine.request import (
    MAX_CANDIDATES,
    PartRequest,
    Presence,
    RewriteRequest,
    SamplingConfig,
)
from meloformer.errors import ConfigError
from meloformer.evaluation.study import added_part, drums, seams
from meloformer.evaluation.study.excerpts import Passage
from meloformer.evaluation.study.gaps import PartPassage, SongGap, choose_gaps
from meloformer.evaluation.study.passage_study import PassageStudy, passage_study
from meloformer.model import MeloFormer
from meloformer.score.chords import CHORD_NAMES

OnPrompt = Callable[[int, int], None]
"""Told how many of how many prompts are done."""


class Passages(StrEnum):
    """What is written beside real music."""

    ADDED_PARTS = "added-parts"
    """A part of eight bars, given the others."""
    SEAMS = "seams"
    """Four bars, all parts, given what is on both sides."""
    DRUMS = "drums"
    """Eight bars of drums after sixteen, without other parts."""


BARS: dict[Passages, tuple[int, int, int]] = {
    Passages.ADDED_PARTS: (8, 8, 8),
    Passages.SEAMS: (8, 4, 8),
    Passages.DRUMS: (16, 8, 8),
}
"""Before what is written, in it, and after it."""


@dataclass(frozen=True, kw_only=True)
class PassageStudyConfig:
    """Settings of a study of passages."""

    checkpoint: Path
    shards: Path
    """Folder made by `prepare`."""
    passages: Passages
    prompts: int
    seeds: int = 1
    """Written versions of each."""
    adventure: float = 0.5
    """How adventurous, from 0 to 1; as in the app unless said otherwise."""
    draw: int = 0
    """Which songs: no song of one draw is in another of as many prompts."""
    sets: tuple[str, ...] = ()
    """Only songs of these document sets; of all if empty."""
    copy_guard: bool = True
    """Whether long runs of training music are kept out, if the checkpoint has an index of it."""

    def __post_init__(self) -> None:
        if self.draw < 0:
            raise ConfigError("The draw must be 0 or more.")
        if min(self.prompts, self.seeds) < 1:
            raise ConfigError("A study needs at least one prompt and one seed.")


@dataclass(frozen=True, slots=True)
class Writer:
    """A model, and how it is asked."""

    model: MeloFormer
    card: Card
    known_runs: KnownRuns | None
    sampling: SamplingConfig

    def rewrite(
        self, gap: SongGap, parts: tuple[PartRequest, ...], seeds: Sequence[int]
    ) -> list[PartPassage]:
        """Write the bars of a gap again, once for each seed.

        Args:
            gap: The bars, with those around.
            parts: That are written again; others stay.
            seeds: Consecutive.
        """
        found: list[PartPassage] = []
        for first in range(0, len(seeds), MAX_CANDIDATES):
            together = seeds[first : first + MAX_CANDIDATES]
            request = RewriteRequest(
                first_bar=gap.first_bar,
                last_bar=gap.last_bar,
                parts=parts,
                num_candidates=len(together),
                seed=together[0],
                sampling=self.sampling,
            )
            bars = compose(self.model, self.card, gap.encoding, request, known_runs=self.known_runs)
            for one in finish(bars):
                chords = tuple(CHORD_NAMES.index(name) for name in one.chords)
                found.append(PartPassage(one.score, one.parts, chords))
        return found


def study_passages(config: PassageStudyConfig, on_progress: OnPrompt | None = None) -> PassageStudy:
    """Let a checkpoint write passages of held-out songs, and compare.

    Args:
        config: What is studied.
        on_progress: Told how many of how many prompts are done.

    Raises:
        MeloFormerError: Checkpoint or shards cannot be used.
    """
    model, card = checkpoint.load(config.checkpoint)
    known_runs = checkpoint.load_known_runs(config.checkpoint) if config.copy_guard else None
    writer = Writer(model, card, known_runs, SamplingConfig.from_adventure(config.adventure))
    studies = {
        Passages.ADDED_PARTS: _study_added_parts,
        Passages.SEAMS: _study_seams,
        Passages.DRUMS: _study_drums,
    }
    held_out = open_shards(config.shards / "held_out")
    return studies[config.passages](config, held_out, writer, on_progress or _ignore)


def _study_added_parts(
    config: PassageStudyConfig, held_out: Shards, writer: Writer, tell: OnPrompt
) -> PassageStudy:
    places = choose_gaps(
        held_out,
        config.prompts,
        bars=BARS[config.passages],
        draw=config.draw,
        sets=config.sets,
        accept=added_part.part_gap,
    )
    measured = []
    for index, place in enumerate(places):
        asked = (PartRequest(place.part, Presence.ALWAYS),)
        written = writer.rewrite(place.gap, asked, _seeds(config, index))
        measured.append(added_part.measure_prompt(place, written))
        tell(index + 1, len(places))
    return passage_study(measured, added_part.DISTANCES)


def _study_seams(
    config: PassageStudyConfig, held_out: Shards, writer: Writer, tell: OnPrompt
) -> PassageStudy:
    places = choose_gaps(
        held_out,
        config.prompts,
        bars=BARS[config.passages],
        draw=config.draw,
        sets=config.sets,
        accept=seams.seam_gap,
    )
    measured = []
    for index, gap in enumerate(places):
        asked = as_there(gap.encoding, gap.first_bar, gap.last_bar)
        written = writer.rewrite(gap, asked, _seeds(config, index))
        measured.append(seams.measure_gap(gap, written))
        tell(index + 1, len(places))
    return seams.seam_study(measured)


def _study_drums(
    config: PassageStudyConfig, held_out: Shards, writer: Writer, tell: OnPrompt
) -> PassageStudy:
    places = choose_gaps(
        held_out,
        config.prompts,
        bars=BARS[config.passages],
        draw=config.draw,
        sets=config.sets,
        accept=drums.drum_gap,
    )
    measured = []
    for index, gap in enumerate(places):
        before = gap.before
        written = continuations(
            writer.model,
            writer.card,
            Passage(before.score, before.chords),
            gap.last_bar - gap.first_bar,
            _seeds(config, index),
            sampling=writer.sampling,
            known_runs=writer.known_runs,
            handles=Handles(own_repetition=True),
        )
        measured.append(drums.measure_prompt(gap, [one.score for one in written]))
        tell(index + 1, len(places))
    return passage_study(measured, drums.DISTANCES)


def _seeds(config: PassageStudyConfig, index: int) -> range:
    return range(1 + index * config.seeds, 1 + (index + 1) * config.seeds)


def _ignore(done: int, total: int) -> None:
    pass
