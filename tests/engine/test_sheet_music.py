from xml.etree import ElementTree

from meloformer.engine.piece import Piece
from meloformer.engine.sheet_music import sheet_music
from meloformer.resources import EXAMPLES
from meloformer.score.notation import musicxml


def names_in(xml: bytes) -> list[str | None]:
    return [one.text for one in ElementTree.fromstring(xml).iter("part-name")]


def test_staves_are_called_as_the_file_calls_its_parts():
    piece = Piece.read("choir", (EXAMPLES / "choir.mid").read_bytes())
    assert names_in(sheet_music(piece)) == ["Soprano", "Alto", "Tenor", "Bass"]
    assert all(name.startswith("Choir") for name in names_in(musicxml(piece.score)))
