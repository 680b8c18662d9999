import re
from pathlib import Path

from meloformer.tokens import Cursor, decode, encode, from_text, to_text

PAGE = (Path(__file__).parents[2] / "docs" / "tokens.md").read_text(encoding="utf-8")


def test_the_worked_bars_are_canonical_tokens():
    example = re.search(r"```\n(BOS.*?EOS\n)```", PAGE, re.DOTALL).group(1)
    ids = from_text(example)
    cursor = Cursor()
    for token in ids.tolist():
        cursor.advance(token)
    assert to_text(ids) == example
    assert to_text(encode(decode(ids)).ids) == example
