"""A continuation study as one page to read, with its style and its pictures inside.

The same study gives the same bytes.
"""

from collections.abc import Sequence
from pathlib import Path
from string import Template

import numpy as np

from meloformer.corpus.report.canvas import STYLE_SHEET
from meloformer.corpus.report.words import counted, escaped
from meloformer.evaluation.bootstrap import ConfidenceInterval
from meloformer.evaluation.study.acceptance import Goal, acceptance
from meloformer.evaluation.study.by_set import SetFigures, figures_by_set
from meloformer.evaluation.study.charts import histogram_charts, similarity_chart
from meloformer.evaluation.study.study import Comparison, Study


def write_page(path: Path, study: Study, model: str) -> None:
    """Write the study as one HTML file that needs nothing beside it.

    Args:
        path: The file.
        study: What was measured.
        model: What the model is called.
    """
    goals = acceptance(study)
    template = Path(__file__).with_name("page.html").read_text(encoding="utf-8")
    reached = sum(goal.is_reached for goal in goals)
    page = Template(template).substitute(
        style=STYLE_SHEET.read_text(encoding="utf-8"),
        lead=f"{escaped(model)} reaches {reached} of {len(goals)} figures.",
        protocol=_protocol(study),
        goals=_goals_table(goals),
        sets=_sets_table(figures_by_set(study)),
        histograms=histogram_charts(study),
        similarity=similarity_chart(study.mean_curves),
        measures=_measures_table(study.comparisons),
    )
    path.write_text(page, encoding="utf-8")


def _protocol(study: Study) -> str:
    excerpt = study.cases[0].excerpt
    return (
        f"{counted(study.num_prompts, 'prompt')} of {len(excerpt.prompt.chords)} bars from songs "
        f"that were never trained on, each continued by {len(excerpt.truth.chords)} bars with "
        f"{counted(study.num_seeds, 'seed')}, beside what the song goes on with and, as the floor, "
        "what it plays after that."
    )


def _goals_table(goals: Sequence[Goal]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{goal.name}</th>'
        f'<td class="count" data-of="measured">{_figure(goal.measured)}</td>'
        f'<td class="count" data-of="goal">{_bound(goal)} {goal.limit:.3g}</td>'
        f'<td class="count" data-of="real music">{_number(goal.real)}</td>'
        f"<td>{'reached' if goal.is_reached else 'not reached'}</td></tr>\n"
        for goal in goals
    )
    return f"""<table>
<thead><tr><th>Figure</th><th class="count">Measured</th><th class="count">Goal</th>
<th class="count">Real music</th><th></th></tr></thead>
<tbody>
{rows}</tbody>
</table>
"""


def _sets_table(sets: dict[str, SetFigures]) -> str:
    rows, columns = "", ["prompts", "density ratio"]
    for name, one in sets.items():
        figures = [str(one.prompts), _number(one.density_ratio)]
        figures += [_number(goal.measured.value) for goal in one.goals]
        columns[2:] = [goal.name for goal in one.goals]
        cells = "".join(
            f'<td class="count" data-of="{column}">{figure}</td>'
            for column, figure in zip(columns, figures, strict=True)
        )
        rows += f'<tr><th scope="row">{escaped(name)}</th>{cells}</tr>\n'
    heads = "".join(f'<th class="count">{column}</th>' for column in columns)
    return f"""<table class="sets">
<thead><tr><th>Set</th>{heads}</tr></thead>
<tbody>
{rows}</tbody>
</table>
"""


def _bound(goal: Goal) -> str:
    return "at least" if goal.is_at_least else "at most"


def _measures_table(comparisons: dict[str, Comparison]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{name}</th>'
        f'<td class="count" data-of="written">{_figure(one.generated)}</td>'
        f'<td class="count" data-of="true">{_figure(one.truth) if one.truth else ""}</td>'
        f'<td class="count" data-of="next">{_figure(one.following)}</td></tr>\n'
        for name, one in comparisons.items()
    )
    return f"""<table>
<thead><tr><th>Measure</th><th class="count">Written</th><th class="count">True</th>
<th class="count">What the song plays next</th></tr></thead>
<tbody>
{rows}</tbody>
</table>
"""


def _figure(one: ConfidenceInterval) -> str:
    return f"{_number(one.value)} <small>({_number(one.low)} to {_number(one.high)})</small>"


def _number(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"
