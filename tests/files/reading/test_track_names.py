"""Names of tracks in the character sets of the programs that wrote them."""

import pytest

from meloformer.score import read_midi
from tests.files.reading.builder import QUARTER, meta, midi, notes, track

WRITTEN = {
    "utf-8": "Flöte 1",
    "utf-8-sig": "Flöte 1",
    "utf-16": "Flöte 1",
    "latin-1": "Gitarre für Zoë",
    "cp1252": "“Bass” – lead",
    "cp932": "ピアノ",
    "euc_jp": "ピアノ",
    "cp1251": "Рояль 2",
}


@pytest.mark.parametrize("encoding", WRITTEN)
def test_a_name_is_read_in_the_character_set_it_was_written_in(encoding):
    text = WRITTEN[encoding]
    data = midi(track((0, meta(0x03, text.encode(encoding))), notes([0], QUARTER, [60])))
    assert read_midi(data).tracks[0].name == text


def test_what_cannot_be_shown_is_left_out():
    data = midi(track((0, meta(0x03, b"Bass\x00\x07\x81")), notes([0], QUARTER, [60])))
    assert read_midi(data).tracks[0].name == "Bass"
