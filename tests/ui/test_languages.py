"""English and Chinese say the same: nothing is missing, nothing is left over."""

import re

import pytest

from meloformer.app.training.actions import TrainingActions
from meloformer.phrases import filled, joined, phrase, plural
from meloformer.resources import EXAMPLES
from meloformer.runs.samples import PROMPTS
from meloformer.score.general_midi import FAMILIES, PROGRAM_NAMES, part_name
from meloformer.score.scales import MODES
from tests.ui.said import python_phrases, script_phrases
from ui.blocks import build
from ui.language_page import texts_of_config, with_language
from ui.languages import CHINESE, catalogue, chosen_language, translate, translate_markup

LETTER = re.compile(r"[^\W\d_]")


def fields_of(template: str) -> list[str]:
    return sorted(re.findall(r"\{[^}]*\}", template))


@pytest.fixture
def said(app_state, tmp_path, one_event_loop) -> set[str]:
    """All that the page can say, training tab included."""
    training = TrainingActions(app_state, tmp_path / "runs", tmp_path, tmp_path / "base")
    page = build(app_state, uploads=tmp_path, examples=EXAMPLES, training=training)
    names = {name for family, names in FAMILIES for name in (family, *names)}
    shorts = {part_name(program, is_drum=False) for program in range(len(PROGRAM_NAMES))}
    prompts = {name.replace("-", " ").capitalize() for name in PROMPTS}
    shown = texts_of_config(page.get_config_file())
    words = {*names, *shorts, *prompts, *MODES}
    return {*python_phrases(), *script_phrases(), *shown, *words}


def test_no_string_is_missing_in_chinese_and_none_is_left_over(said):
    worded = {one for one in said if LETTER.search(re.sub(r"\{[^}]*\}|&\w+;", "", one))}
    separators = {", ", ". "}
    known = set(catalogue(CHINESE))
    assert worded - known == set()
    assert known - worded - separators == set()
    assert separators <= known


def test_a_translation_has_the_fields_of_its_template():
    wrong = {
        template: said
        for template, said in catalogue(CHINESE).items()
        if fields_of(template) != fields_of(said)
    }
    assert wrong == {}


def test_chinese_addresses_the_musician_in_one_way_and_writes_one_ellipsis():
    mixed = {said for said in catalogue(CHINESE).values() if "您" in said or "……" in said}
    assert mixed == set()


def test_a_phrase_is_its_english_and_can_be_said_in_chinese_with_phrases_in_it():
    said = joined(", ", [plural("{count} bar", "{count} bars", 1), phrase("Loop")])
    assert said == "1 bar, Loop"
    framed = filled("<p>{said}</p>", said=said)
    assert translate(framed, "en") == "<p>1 bar, Loop</p>"
    assert translate({"a": [framed]}, CHINESE) == {"a": ["<p>1 小节，循环</p>"]}  # noqa: RUF001


def test_text_and_labels_in_html_are_translated_and_nothing_else():
    markup = '<b class="Loop" title="Loop">Loop</b><i data-ml="Loop">\n  Play\n</i>'
    shown = '<b class="Loop" title="循环">循环</b><i data-ml="Loop">\n  播放\n</i>'
    assert translate_markup(markup, CHINESE) == shown


def test_the_address_goes_before_the_choice_and_the_choice_before_the_browser():
    assert chosen_language("en", CHINESE, "zh") == "en"
    assert chosen_language(None, CHINESE, "en") == CHINESE
    assert chosen_language("xx", "yy", "zh-Hans-CN,en;q=0.8") == CHINESE
    assert chosen_language(None, None, "de-DE,zh;q=0.5") == "en"
    assert chosen_language(None, None, None) == "en"


def test_the_page_says_its_language():
    page = with_language(b'<html lang="en"><head></head></html>', CHINESE)
    assert page.startswith(b'<html lang="zh-CN"><head><script>')
