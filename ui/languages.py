"""The languages of the page: which one a visitor reads, and how English becomes it.

What the app says are phrases (`meloformer.phrases`), the page's own texts stand in its components
and templates. Both are looked up by the English in one catalogue for each language, which the
modules of the page (`ui/static/language.js`) read, too.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import gradio as gr
from gradio.context import LocalContext

from meloformer.phrases import Phrase
from ui.components import STATIC

ENGLISH = "en"
CHINESE = "zh-CN"
LANGUAGES = {ENGLISH: "English", CHINESE: "简体中文"}
"""Their tags, and what each calls itself."""
COOKIE = "meloformer-language"
"""Where a browser keeps the visitor's choice."""

_TEXTS = re.compile(
    r'(?P<before>>|\b(?:aria-label|title|placeholder|alt|data-said)=")(?P<text>[^<>"]+)(?=[<"])'
)
"""In HTML of our own: text between tags, and attributes that are read."""
_LETTER = re.compile(r"[^\W\d_]")


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return what each English template is in a language; nothing for English itself."""
    if language == ENGLISH:
        return {}
    content = (STATIC / "languages" / f"{language}.json").read_text(encoding="utf-8")
    known: dict[str, str] = json.loads(content)
    return known


def chosen_language(asked: str | None, cookie: str | None, accepted: str | None) -> str:
    """Return the language of a visitor, by the first of these that says one there is.

    Args:
        asked: From the address of the page.
        cookie: A choice made earlier.
        accepted: The header `Accept-Language`. Of its languages the first counts; all that is
            Chinese is read as simplified.
    """
    for choice in (asked, cookie):
        if choice in LANGUAGES:
            return choice
    first = (accepted or "").partition(",")[0].strip().lower()
    return CHINESE if first.split("-")[0] == "zh" else ENGLISH


def present_language() -> str:
    """Return the language of the visitor whose event is being handled."""
    request: gr.Request | None = LocalContext.request.get(None)
    if request is None or request.request is None:
        return ENGLISH
    cookie, accepted = request.cookies.get(COOKIE), request.headers.get("accept-language")
    return chosen_language(None, cookie, accepted)


def translate(value: Any, language: str) -> Any:
    """Return a value in which every phrase is said in a language; all else stays as it is."""
    if language == ENGLISH:
        return value
    if isinstance(value, Phrase):
        template = catalogue(language).get(value.template, value.template)
        if not value.fields:
            return template
        return template.format(
            **{name: translate(field, language) for name, field in value.fields.items()}
        )
    if isinstance(value, Mapping):
        return {name: translate(part, language) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [translate(part, language) for part in value]
    return value


def translate_text(text: str, language: str) -> str:
    """Return a sentence of ours in a language, be it a phrase or a plain text without fields."""
    if isinstance(text, Phrase):
        return str(translate(text, language))
    return catalogue(language).get(text, text)


def texts_of(markup: str) -> Iterator[str]:
    """Yield the texts of HTML of our own that have words in them."""
    for found in _TEXTS.finditer(markup):
        if _LETTER.search(found["text"]):
            yield found["text"].strip()


def translate_markup(markup: str, language: str) -> str:
    """Return HTML of our own with its texts in a language."""
    known = catalogue(language)

    def said(found: re.Match[str]) -> str:
        text = found["text"]
        return found["before"] + text.replace(text.strip(), known.get(text.strip(), text.strip()))

    return _TEXTS.sub(said, markup)
