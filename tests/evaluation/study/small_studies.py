"""Studies of composers that are known: one that knows the truth, and one that plays one note."""

from collections.abc import Sequence
from dataclasses import replace

from meloformer.data.shards import Shards
from meloformer.evaluation.study.excerpts import Excerpt, Passage, choose_excerpts
from meloformer.evaluation.study.results import StudyResults, run_study
from tests.evaluation.small_music import score, track


def excerpts_of(shards: Shards) -> tuple[Excerpt, ...]:
    return choose_excerpts(shards, 4, prompt_bars=4, num_bars=4)


def clairvoyant_study(shards: Shards, num_seeds: int = 2) -> StudyResults:
    """Every continuation is the true one."""
    excerpts = excerpts_of(shards)
    truth = {id(one.prompt): one.truth for one in excerpts}

    def compose(
        prompt: Passage, num_bars: int, seeds: Sequence[int], chords: tuple[int, ...]
    ) -> list[Passage]:
        return [truth[id(prompt)]] * len(seeds)

    return run_study(excerpts, compose, shards, num_seeds=num_seeds)


def one_note_study(shards: Shards) -> StudyResults:
    """Every continuation is one C sharp at its beginning, whatever the prompt."""

    def compose(
        prompt: Passage, num_bars: int, seeds: Sequence[int], chords: tuple[int, ...]
    ) -> list[Passage]:
        music = score(track([(0, 12, 61)]), bars=num_bars)
        return [Passage(replace(music), chords or (0,) * num_bars)] * len(seeds)

    return run_study(excerpts_of(shards), compose, shards, num_seeds=1)
