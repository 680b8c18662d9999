"""HID tokens: bars headed by chords, parts kept apart."""

from meloformer.score.part import Part
from meloformer.tokens.annotate import Annotation, TokenRole, annotate, bar_ends
from meloformer.tokens.crop import bars_around, crop
from meloformer.tokens.cursor import Cursor
from meloformer.tokens.decode import decode
from meloformer.tokens.encode import Encoding, encode
from meloformer.tokens.grammar import Grammar, State, grammar
from meloformer.tokens.text import from_text, to_text
from meloformer.tokens.vocabulary import Kind, Vocabulary, transposition, vocabulary

__all__ = [
    "Annotation",
    "Cursor",
    "Encoding",
    "Grammar",
    "Kind",
    "Part",
    "State",
    "TokenRole",
    "Vocabulary",
    "annotate",
    "bar_ends",
    "bars_around",
    "crop",
    "decode",
    "encode",
    "from_text",
    "grammar",
    "to_text",
    "transposition",
    "vocabulary",
]
