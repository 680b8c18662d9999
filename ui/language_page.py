"""The page in the language of whoever loads it."""

import re
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from typing import Any

import gradio as gr
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.components import STATIC, ModuleComponent
from ui.languages import (
    COOKIE,
    ENGLISH,
    LANGUAGES,
    catalogue,
    chosen_language,
    texts_of,
    translate,
    translate_markup,
)
from ui.middleware.routes import PUBLIC_API

_page_language: ContextVar[str] = ContextVar("page_language", default=ENGLISH)
_LETTER = re.compile(r"[^\W\d_]")
_YEAR_S = 31_536_000


class Page(gr.Blocks):
    """Blocks whose texts are in the language of whoever loads the page."""

    @property
    def config(self) -> Any:
        """What Gradio tells the browser of the page."""
        language = _page_language.get()
        if language == ENGLISH:
            return self._english
        if language not in self._translated:
            self._translated[language] = translated_config(self._english, language)
        return self._translated[language]

    @config.setter
    def config(self, config: Any) -> None:
        self._english = config
        self._translated: dict[str, Any] = {}


def translated_config(config: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return what the browser is told of a page, with the texts of its components translated."""
    known = catalogue(language)
    components = [
        {**one, "props": _translated_props(one, language, known)} for one in config["components"]
    ]
    return {**config, "components": components}


def texts_of_config(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield the texts of the components of a page."""
    for component in config["components"]:
        props = component["props"]
        for name in _said(component):
            if isinstance(props.get(name), str) and _LETTER.search(props[name]):
                yield props[name]
        yield from _labels(props)
        for name in _MARKUP:
            if isinstance(props.get(name), str):
                yield from texts_of(props[name])


_MARKUP = ("value", "html_template")
_PLAIN = ("label", "info", "placeholder")


def _said(component: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the props of a component that are read as they are."""
    is_read = component["type"] in ("button", "code")
    return (*_PLAIN, "value") if is_read else _PLAIN


def _labels(props: Mapping[str, Any]) -> Iterator[str]:
    for choice in props.get("choices") or []:
        if _LETTER.search(str(choice[0])):
            yield str(choice[0])


def _translated_props(
    component: Mapping[str, Any], language: str, known: Mapping[str, str]
) -> dict[str, Any]:
    props: dict[str, Any] = translate(dict(component["props"]), language)
    for name in _said(component):
        if isinstance(props.get(name), str):
            props[name] = known.get(props[name], props[name])
    if props.get("choices"):
        props["choices"] = [
            (known.get(choice[0], choice[0]), choice[1]) for choice in props["choices"]
        ]
    if component["type"] == "html":
        for name in _MARKUP:
            if isinstance(props.get(name), str):
                props[name] = translate_markup(props[name], language)
    return props


class LanguageMiddleware:
    """Serves the page in the visitor's language: its texts, `<html lang>`, and Gradio's own words.

    A `lang` in the address is a choice, which the browser keeps.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and change the page that comes back."""
        is_page = scope["type"] == "http" and scope["method"] == "GET"
        if not is_page or scope["path"].startswith(f"{PUBLIC_API}/"):
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        asked, cookie = request.query_params.get("lang"), request.cookies.get(COOKIE)
        language = chosen_language(asked, cookie, request.headers.get("accept-language"))
        _page_language.set(language)
        kept = language if asked == language else None
        await self.app(scope, receive, _PageSender(send, language, kept).send)


class _PageSender:
    """Sends what an app sends, but for pages: those whole, in a language."""

    def __init__(self, send: Send, language: str, kept: str | None) -> None:
        self._send = send
        self._language = language
        self._kept = kept
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        """Send a message on, or keep it until the page is whole."""
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if headers.get("content-type", "").startswith("text/html"):
                self._start = message
                return
        if self._start is None:
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if message.get("more_body"):
            return
        page = with_language(self._body, self._language)
        headers = MutableHeaders(scope=self._start)
        headers["content-length"] = str(len(page))
        headers.append("vary", "Accept-Language, Cookie")
        if self._kept:
            words = f"{COOKIE}={self._kept}; Path=/; Max-Age={_YEAR_S}; SameSite=Lax"
            headers.append("set-cookie", words)
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": page})


def with_language(page: bytes, language: str) -> bytes:
    """Return a page of Gradio's that says its language, to the browser's reader and to scripts."""
    script = (STATIC / "languages" / "head.js").read_bytes()
    page = page.replace(b'lang="en"', f'lang="{language}"'.encode(), 1)
    return page.replace(b"<head>", b"<head><script>" + script + b"</script>", 1)


class LanguageSwitch(ModuleComponent):
    """The choice of a language. The page is loaded again in it, with all that it shows."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            "languages", events=(), value=None, languages=LANGUAGES, cookie=COOKIE, **kwargs
        )
