import re
from pathlib import Path

import pytest

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


def test_the_same_study_gives_the_same_bytes(study: StudyResults, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_page(tmp_path / name, study, "model")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
