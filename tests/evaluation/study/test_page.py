import re
from pathlib import Path

import pytest

from meloformer.evaluation.study.acceptance import acceptance
from meloformer.evaluation.study.page import write_page
from meloformer.evaluation.study.results import StudyResults


@pytest.fixture(params=["clairvoyant", "one_note"])
def study(request: pytest.FixtureRequest) -> StudyResults:
    found: StudyResults = request.getfixturevalue(request.param)
    return found


def test_the_page_needs_nothing_beside_it(study: StudyResults, tmp_path: Path) -> None:
    write_page(tmp_path / "study.html", study, "<model> {{ 7*7 }}")
    text = (tmp_path / "study.html").read_text()
    assert text.count("<svg") == 5
    sets = {one.excerpt.document_set for one in study.excerpts}
    assert all(f'<th scope="row">{name}</th>' in text for name in sets)
    assert "&lt;model&gt; {{ 7*7 }} reaches" in text
    assert not re.search(
        r"(src|href|url\()\s*=?", text.replace("default-src", "").replace("style-src", "")
    )
    for name in study.comparisons:
        assert f'<th scope="row">{name}</th>' in text


def test_tables_say_the_figures_of_the_study(study: StudyResults, tmp_path: Path) -> None:
    write_page(tmp_path / "study.html", study, "model")
    text = (tmp_path / "study.html").read_text()
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in text.split("<tr>")[1:]]
    by_name = {row[0]: row[1:] for row in rows if row}
    goals = acceptance(study)
    reached = sum(goal.is_reached for goal in goals)
    assert f"model reaches {reached} of {len(goals)} figures." in text
    for goal in goals:
        measured, bound, _, verdict = by_name[goal.name]
        assert measured.startswith(shown(goal.measured.value) + " <small>(")
        assert bound == f"{'at least' if goal.is_at_least else 'at most'} {goal.limit:.3g}"
        assert verdict == ("reached" if goal.is_reached else "not reached")
    for name, one in study.comparisons.items():
        written, true, following = by_name[name]
        assert written.startswith(shown(one.generated.value) + " <small>(")
        assert following.startswith(shown(one.following.value) + " <small>(")
        assert (true == "") == (one.truth is None)


def shown(value: float) -> str:
    return "–" if value != value else f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"


def test_the_same_study_gives_the_same_bytes(study: StudyResults, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_page(tmp_path / name, study, "model")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
