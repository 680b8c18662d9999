import pytest
from jinja2 import TemplateNotFound, UndefinedError
from markupsafe import Markup

from meloformer.html import render

PLAN = "meloformer/app/training/plan.html"


@pytest.mark.parametrize("words", ["<script>", "a & b", "{{ 7*7 }}", "{% raw %}", "\"'"])
def test_values_are_text_and_never_code(words) -> None:
    assert Markup(render(PLAN, lines=[(words, "")])).striptags() == words
    assert render(PLAN, lines=[(words, "")]).count("<") == 4


def test_markup_stays_markup() -> None:
    assert render(PLAN, lines=[(Markup("<b>now</b>"), "wrong")]) == (
        "<ul class='plan'><li class=wrong><b>now</b></li></ul>"
    )


def test_a_value_that_is_not_given_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="lines"):
        render(PLAN)


def test_a_template_is_named_from_the_root() -> None:
    with pytest.raises(TemplateNotFound):
        render("plan.html", lines=[])
