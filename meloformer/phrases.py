"""Sentences in English that remember what they were made of, so that a page can say them otherwise.

A `Phrase` is a text like any other: a shell prints it, a log keeps it. Whoever knows another
language finds the template in a catalogue and fills in the fields again, which may be phrases, too.
"""

from collections.abc import Iterable, Mapping
from typing import Any

_NOTHING: Mapping[str, Any] = {}


class Phrase(str):
    """A text, its template and the fields that were filled in.

    Args:
        text: In English.
        template: What catalogues know it by; the text itself if nothing was filled in.
        fields: What was filled in, by name.
    """

    __slots__ = ("fields", "template")
    template: str
    fields: Mapping[str, Any]

    def __new__(
        cls, text: str, template: str | None = None, fields: Mapping[str, Any] = _NOTHING
    ) -> "Phrase":
        """Return the text with what it was made of beside it."""
        made = super().__new__(cls, text)
        made.template = text if template is None else template
        made.fields = fields
        return made


def phrase(template: str, **fields: object) -> Phrase:
    """Return a text that can be said in other languages.

    Args:
        template: English, as `str.format` reads it; braces are only read where there are fields.
        fields: By the names in the template.
    """
    return Phrase(template.format(**fields) if fields else template, template, fields)


def plural(one: str, many: str, count: int, **fields: object) -> Phrase:
    """Return `one` or `many` things as `count` says, which both can name as {count}.

    Catalogues know it by `many`.
    """
    fields = {**fields, "count": count}
    return Phrase((one if count == 1 else many).format(**fields), many, fields)


def filled(frame: str, **fields: object) -> Phrase:
    """Return a frame that is the same in every language, HTML for instance, with fields in it."""
    return Phrase(frame.format(**fields), frame, fields)


def joined(separator: str, phrases: Iterable[str]) -> Phrase:
    """Return phrases one after another. Catalogues know the separator, too."""
    listed = list(phrases)
    fields: dict[str, object] = {"separator": Phrase(separator)}
    fields |= {f"p{place}": one for place, one in enumerate(listed)}
    frame = "{separator}".join(f"{{p{place}}}" for place in range(len(listed)))
    return Phrase(frame.format(**fields), frame, fields)
