from zipfile import ZipFile

import pytest
from music21 import converter

from meloformer.cli import main
from meloformer.resources import EXAMPLES

CHOIR = str(EXAMPLES / "choir.mid")


def test_a_score_is_written_as_musicxml(tmp_path):
    main(["score", CHOIR, "--out", str(tmp_path / "choir.musicxml")])
    parts = converter.parse(tmp_path / "choir.musicxml").parts
    assert [len(part.getElementsByClass("Measure")) for part in parts] == [12] * 4


def test_stems_are_written_into_an_archive(tmp_path):
    main(["stems", CHOIR, "--out", str(tmp_path / "choir.zip")])
    with ZipFile(tmp_path / "choir.zip") as archive:
        assert len(archive.namelist()) == 4


@pytest.mark.parametrize(
    ("verb", "name", "said"),
    [
        ("score", "choir.pdf", "Sheet music is written as MusicXML, not `choir.pdf`."),
        ("stems", "choir.tar", "Stems are written into a ZIP archive, not `choir.tar`."),
    ],
)
def test_another_ending_is_refused_in_a_sentence(verb, name, said, tmp_path, capsys):
    with pytest.raises(SystemExit):
        main([verb, CHOIR, "--out", str(tmp_path / name)])
    assert said in capsys.readouterr().err
    assert not (tmp_path / name).exists()
