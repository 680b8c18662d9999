"""Errors as sentences: those that a visitor can act on are shown, any other gets a number."""

import functools
import html
import inspect
import logging
from collections.abc import Callable, Iterable, Iterator
from typing import ParamSpec, TypeVar, cast

import gradio as gr

from meloformer.app.paths import without_folders
from meloformer.errors import MeloFormerError
from meloformer.logs import new_request_id, request_id
from meloformer.outputs import disk_problem
from meloformer.phrases import phrase
from ui.languages import present_language, translate, translate_text
from ui.middleware.requests import enter_request

logger = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")


def guard(handler: Callable[P, R]) -> Callable[P, R]:
    """Wrap a handler, plain or generator, so that a page only ever sees sentences it can read."""
    if inspect.isgeneratorfunction(handler):
        stream = cast(Callable[P, Iterator[object]], handler)

        @functools.wraps(handler)
        def guarded_stream(*args: P.args, **kwargs: P.kwargs) -> Iterator[object]:
            try:
                enter_request()
                language = present_language()
                _open_events(args)
                for step in stream(*args, **kwargs):
                    yield translate(step, language)
                    enter_request()
            except Exception as error:  # the one place where bugs become sentences
                raise as_sentence(error) from error

        return cast(Callable[P, R], guarded_stream)

    @functools.wraps(handler)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            enter_request()
            _open_events(args)
            said: R = translate(handler(*args, **kwargs), present_language())
            return said
        except Exception as error:  # the one place where bugs become sentences
            raise as_sentence(error) from error

    return guarded


def _open_events(arguments: Iterable[object]) -> None:
    """Let events that bring nothing, or nothing that has names, be read like all others."""
    for event in arguments:
        if isinstance(event, gr.EventData) and not isinstance(event._data, dict):
            event._data = {}


def as_sentence(error: Exception) -> gr.Error:
    """Return the sentence to show for an error, escaped: Gradio renders it as HTML."""
    if isinstance(error, gr.Error):
        return error
    language = present_language()
    if not isinstance(error, MeloFormerError) and (problem := disk_problem(error)) is not None:
        logger.warning("The disk takes nothing.", exc_info=error)
        error = problem
    if isinstance(error, MeloFormerError):
        title = translate(phrase("That did not work"), language)
        return gr.Error(sentence(error), title=title, print_exception=False)
    number = request_id.get() or new_request_id()
    logger.error("A mistake of ours, shown as %s.", number, exc_info=error)
    words = phrase(
        "Something went wrong inside MeloFormer. We are sorry. The log has it under {number}.",
        number=number,
    )
    title = phrase("Our mistake")
    return gr.Error(
        translate(words, language), title=translate(title, language), print_exception=False
    )


def sentence(error: MeloFormerError) -> str:
    """Return the problem and, on a line of its own, the hint; safe to put into a page."""
    language = present_language()
    problem = html.escape(without_folders(translate_text(error.problem, language)))
    problem = problem[:1].upper() + problem[1:]
    hint = html.escape(without_folders(translate_text(error.hint, language)))
    return f"{problem}<br>{hint}" if hint else problem
