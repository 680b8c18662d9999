"""HTML from templates that stand beside their callers. Values are escaped unless they are `Markup`.

A template that asks for a value that is not given fails, rather than leave a gap.
"""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

_ROOT = Path(__file__).resolve().parents[1]
"""The folder that `meloformer` lies in, which templates are named from."""


def render(template: str, **values: object) -> Markup:
    """Fill in a template.

    Args:
        template: Its path from the folder that `meloformer` lies in, with slashes.
        values: What the template names.

    Returns:
        HTML that can be a value of another template.
    """
    return Markup(_environment().get_template(template).render(values))


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_ROOT),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
