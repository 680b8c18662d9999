"""A continuation study as one page to read, with its style and its pictures inside.

The same study gives the same bytes.
"""

from pathlib import Path

import numpy as np

from meloformer.corpus.report.words import counted, shortened
from meloformer.evaluation.study.acceptance import acceptance
from meloformer.evaluation.study.by_set import figures_by_set
from meloformer.evaluation.study.charts import histogram_charts, similarity_chart
from meloformer.evaluation.study.results import StudyResults
from meloformer.html import render
from meloformer.outputs import write_output


def write_page(path: Path, study: StudyResults, model: str, *, guarded: bool = False) -> None:
    """Write the study as one HTML file that needs nothing beside it.

    Args:
        path: The file.
        study: What was measured.
        model: What the model is called.
        guarded: Whether it was kept from copying its training music.

    Raises:
        OutputError: It can't be written.
    """
    goals = acceptance(study)
    reached = sum(goal.is_reached for goal in goals)
    page = render(
        "meloformer/evaluation/study/page.html",
        lead=f"{shortened(model)} reaches {reached} of {len(goals)} figures.",
        protocol=_protocol(study, guarded=guarded),
        goals=goals,
        sets=figures_by_set(study),
        histograms=histogram_charts(study),
        similarity=similarity_chart(study.mean_curves),
        comparisons=study.comparisons,
        number=_number,
        shortened=shortened,
    )
    write_output(path, page.encode())


def _protocol(study: StudyResults, *, guarded: bool) -> str:
    excerpt = study.excerpts[0].excerpt
    guard = "The copy guard was on." if guarded else "There was no copy guard."
    return (
        f"{counted(study.num_prompts, 'prompt')} of {len(excerpt.prompt.chords)} bars from songs "
        f"that were never trained on, each continued by {len(excerpt.truth.chords)} bars with "
        f"{counted(study.num_seeds, 'seed')}, beside what the song goes on with and, as the floor, "
        f"what it plays after that. {guard}"
    )


def _number(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"
