"""Components of our own: a template, a style and a JavaScript module in a folder of `ui/static`.

Gradio runs one line of script for each component. It loads the folder's `mount.js` as an ES module
and hands over what Gradio gives the script, so that a module knows no globals, and two components
share nothing.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from os import PathLike, stat_result
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.data_classes import FileData
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
MODULES = "modules"
"""Where the app serves `STATIC`, below its root."""

_LOAD = """
const events = {events};  // Gradio looks here for the names of the events
const url = new URL("{url}", document.baseURI);
import(url)
  .then(({{ mount }}) => mount(element, {{ props, trigger, watch, upload }}))
  .catch((error) => console.error("A part of the page could not be loaded:", error));
"""


class ModuleComponent(gr.HTML):
    """A component that an ES module draws.

    Args:
        folder: Below `ui/static`, with `template.html`, `style.css` and `mount.js` in it.
        events: Names of the events that the module triggers.
        value: The first message. Messages are JSON; a `Path` in them is a file that the browser
            may fetch.
    """

    def __init__(
        self, folder: str, *, events: tuple[str, ...], value: object, **kwargs: Any
    ) -> None:
        url = f"{MODULES}/{modules_version()}/{folder}/mount.js"
        super().__init__(
            value=value,
            html_template=(STATIC / folder / "template.html").read_text(encoding="utf-8"),
            css_template=(STATIC / folder / "style.css").read_text(encoding="utf-8"),
            js_on_load=_LOAD.format(events=json.dumps(events), url=url),
            apply_default_css=False,
            **kwargs,
        )

    def postprocess(self, value: Any) -> Any:
        """Return the message for the browser."""
        return with_files(value)


def with_files(message: Any) -> Any:
    """Return a message in which every `Path` has become what Gradio lets a browser fetch."""
    if isinstance(message, Path):
        return FileData(path=str(message)).model_dump()
    if isinstance(message, Mapping):
        return {name: with_files(part) for name, part in message.items()}
    if isinstance(message, list | tuple):
        return [with_files(part) for part in message]
    return message


@cache
def modules_version() -> str:
    """Return a hash of modules and catalogues, for their addresses: browsers may keep them."""
    content = hashlib.sha256()
    for path in sorted((*STATIC.rglob("*.js"), *STATIC.rglob("*.json"))):
        content.update(path.relative_to(STATIC).as_posix().encode() + b"\0" + path.read_bytes())
    return content.hexdigest()[:16]


def modules_route() -> Mount:
    """Return the route that serves `ui/static`, and nothing else, under the present version."""
    return Mount(f"/{MODULES}/{modules_version()}", _Modules(directory=STATIC))


class _Modules(StaticFiles):
    """Files that never change at their address."""

    def file_response(
        self,
        full_path: "str | PathLike[str]",
        stat_result: stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        if str(full_path).endswith(".js"):  # some systems' tables of types say otherwise
            response.headers["Content-Type"] = "text/javascript; charset=utf-8"
        return response
